"""The learnable transform as a module: algebra, units, checkpoints, copies."""

import copy
import io
import pickle

import pytest
import torch
from torch_geometric.data import Data

from semola_geo.algebra import LieAlgebra
from semola_geo.transforms import LearnableSymmetryTransform

FIELDS = {"pos": "point", "dipole": "vector"}


def molecule(seed=0):
    generator = torch.Generator().manual_seed(seed)
    pos = torch.randn(5, 3, generator=generator, dtype=torch.float64)
    return Data(pos=pos, dipole=pos[:1] - pos[1:2])


def transform(ambient="Aff(3)", k=6, seed=1, **options):
    generator = torch.Generator().manual_seed(seed)
    return LearnableSymmetryTransform(FIELDS, ambient, k, generator=generator, **options)


def output(t, seed=3):
    return t(molecule(), generator=torch.Generator().manual_seed(seed))


def test_repr():
    assert repr(transform()) == (
        "LearnableSymmetryTransform(pos='point', dipole='vector', ambient='Aff(3)', "
        "num_generators=6)"
    )


def test_no_number_of_generators_means_all():
    assert transform(k=None).algebra.dim == 12
    assert transform("E(3)", None).basis.shape == (6, 6)
    assert LearnableSymmetryTransform({"pos": "point"}, "SO(1,3)").algebra.dim == 6


@pytest.mark.parametrize("name", ["so(2)", "so(3)", "se(3)", "t(3)", "sim(3)", "aff(3)"])
def test_from_algebra_in_the_units_of_the_data(name):
    algebra = LieAlgebra.from_name(name, 3)
    linear = LearnableSymmetryTransform.from_algebra(algebra, FIELDS)
    assert linear.algebra.dim == algebra.dim
    assert max(linear.algebra.principal_angles(algebra)) < 1e-9
    t = LearnableSymmetryTransform.from_algebra(
        algebra, FIELDS, ambient="Aff(3)", length_scale=7.5, center=[40.0, -3.0, 2.0]
    )
    assert max(t.algebra.principal_angles(algebra)) < 1e-6
    # Sampled elements are exponentials of the algebra that is reported.
    g = t.sample(4, torch.Generator().manual_seed(0)).detach()
    assert torch.equal(g.matrix[:, -1], torch.eye(4, dtype=torch.float64)[-1].expand(4, 4))
    for matrix in g.matrix:
        assert distance_to_span(logarithm(matrix), t.algebra) < 1e-8


def logarithm(matrix):
    """Logarithm by square roots (Denman-Beavers) and the series."""
    root, eye = matrix.clone(), torch.eye(len(matrix), dtype=matrix.dtype)
    for _ in range(12):
        y, z = root, eye
        for _ in range(30):
            y, z = (y + torch.linalg.inv(z)) / 2, (z + torch.linalg.inv(y)) / 2
        root = y
    x = root - eye
    return (x - x @ x / 2 + x @ x @ x / 3) * 2**12


def distance_to_span(matrix, algebra):
    rows = algebra.orthonormal_basis()
    inside = rows.T @ (rows @ matrix.flatten())
    return float((matrix.flatten() - inside).norm() / matrix.norm())


def test_center_is_where_rotations_turn_about():
    center = torch.tensor([3.0, -1.0, 2.0])
    so3 = LieAlgebra.from_name("so(3)").generators
    about = torch.cat([so3, -(so3 @ center.double())[..., None]], -1)
    algebra = LieAlgebra(torch.nn.functional.pad(about, (0, 0, 0, 1)), affine=True)
    t = LearnableSymmetryTransform.from_algebra(algebra, FIELDS, center=center)
    data = Data(pos=center.repeat(2, 1), dipole=torch.ones(1, 3))
    moved = t(data)
    torch.testing.assert_close(moved.pos, data.pos)
    assert not torch.allclose(moved.dipole, data.dipole)
    assert torch.equal(t.center, center.double()) and t.length_scale == 1.0


def test_length_scale_is_the_unit_of_translations():
    sizes = []
    for scale in (1.0, 20.0):
        t = transform("T(3)", 3, length_scale=scale)
        sizes.append(t.sample(500, torch.Generator().manual_seed(0)).translation.std())
    torch.testing.assert_close(sizes[1], 20 * sizes[0])


def test_algebras_that_are_refused():
    with pytest.raises(ValueError, match="dimension 3, but the transform has 6 generators"):
        transform().set_algebra(LieAlgebra.from_name("so(3)"))
    stretched = LieAlgebra.from_name("se(3)").conjugate(torch.diag(torch.tensor([2.0, 1, 1])))
    with pytest.raises(ValueError, match=r"outside the algebra of ambient group SE\(3\)"):
        transform("SE(3)", 6).set_algebra(stretched)
    with pytest.raises(ValueError, match="num_generators must lie between 0 and 3"):
        transform("SO(3)", 4)


def test_no_generators_move_nothing():
    for t in (
        transform(k=0),
        LearnableSymmetryTransform.from_algebra(LieAlgebra.from_name("trivial", 3), FIELDS),
    ):
        assert t.algebra.dim == 0 and t.extents.shape == (0,)
        torch.testing.assert_close(output(t).pos, molecule().pos)


def test_state_is_tensors_and_makes_the_transform_again():
    t = transform(length_scale=2.0, center=[1.0, 2.0, 3.0])
    t.set_algebra(LieAlgebra.from_name("se(3)"))
    state = t.state_dict()
    assert all(isinstance(value, torch.Tensor) for value in state.values())
    buffer = io.BytesIO()
    torch.save(state, buffer)
    buffer.seek(0)
    other = transform(seed=9)
    assert not torch.equal(output(other).pos, output(t).pos)
    other.load_state_dict(torch.load(buffer, weights_only=True))
    assert torch.equal(output(other).pos, output(t).pos)
    assert torch.equal(other.algebra.generators, t.algebra.generators)
    with pytest.raises(RuntimeError, match="size mismatch for law"):
        transform(k=5).load_state_dict(state)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))])
def test_copies_are_equal_and_independent(duplicate):
    t = transform()
    other = duplicate(t)
    assert repr(other) == repr(t) and torch.equal(output(other).pos, output(t).pos)
    with torch.no_grad():
        other.law.raw_basis += 1.0 + torch.rand(
            6, 12, generator=torch.Generator().manual_seed(0), dtype=torch.float64
        )
    assert not torch.equal(output(other).pos, output(t).pos)


def test_algebra_is_detached_and_independent():
    t = transform()
    algebra = t.algebra
    before = algebra.generators
    assert not before.requires_grad
    with torch.no_grad():
        t.law.raw_basis.mul_(-1.0)
    assert torch.equal(algebra.generators, before)


def test_hooks_and_conversion():
    t = transform()
    seen = []
    t.register_forward_hook(lambda module, inputs, result: seen.append(result))
    moved = t(molecule())
    assert seen == [moved]
    assert {name for name, _ in t.named_parameters()} == {"law.raw_basis", "law.raw_extents"}
    single = transform().float()
    torch.testing.assert_close(output(single).pos, output(t).pos, atol=1e-5, rtol=1e-5)


def test_learns_a_rotation_axis():
    """Extents and span follow a task: data that only ever turn about one axis."""
    axis = LieAlgebra.from_name("so(2)", 3)
    t = transform("SO(3)", 1, seed=2)
    optimizer = torch.optim.Adam(t.parameters(), lr=3e-2)
    generator = torch.Generator().manual_seed(0)
    height = torch.tensor([0.0, 0.0, 1.0], dtype=torch.float64)
    before = max(t.algebra.principal_angles(axis))
    for _ in range(200):
        optimizer.zero_grad()
        g = t.sample(32, generator)
        ((g.linear @ height - height).square().sum() - 0.1 * t.extents.sum()).backward()
        optimizer.step()
    assert before > 20 and max(t.algebra.principal_angles(axis)) < 1.0


def test_reflections_follow_the_switch_and_the_fields():
    """What is declared decides which fields a reflection turns round."""
    fields = {"pos": "point", "chi": "pseudoscalar", "spin": "pseudovector", "energy": "scalar"}
    so3 = LieAlgebra.from_name("so(3)")
    data = Data(pos=molecule().pos, chi=torch.ones(1), spin=molecule().dipole, energy=torch.ones(1))
    seed = lambda: torch.Generator().manual_seed(4)  # noqa: E731
    for reflections, name in ((True, "O(3)"), (False, "SO(3)")):
        t = LearnableSymmetryTransform.from_algebra(so3, fields, reflections=reflections)
        assert t.ambient.name == name and t.reflections is reflections
    t = LearnableSymmetryTransform.from_algebra(
        LieAlgebra.from_name("se(3)"), fields, ambient="E(3)", reflections=True, center=[1.0, 2, 3]
    )
    signs = set()
    generator = seed()
    for _ in range(12):
        moved, g = t(data, generator=generator, return_element=True)
        sign = float(torch.linalg.det(g.linear[0].detach()).sign())
        signs.add(sign)
        assert float(moved.chi) == sign and float(moved.energy) == 1.0
        turned = sign * data.spin @ g.linear[0].T
        torch.testing.assert_close(moved.spin, turned)
        back = t.inverse(moved, g)
        torch.testing.assert_close(back.pos, data.pos, atol=1e-9, rtol=0)
        torch.testing.assert_close(t(data, element=g).pos, moved.pos)
    assert signs == {1.0, -1.0}
    off = LearnableSymmetryTransform(fields, "E(3)", reflections=False)
    assert repr(off).endswith("ambient='E(3)', num_generators=6, reflections=False)")
    on = LearnableSymmetryTransform(fields, "E(3)")
    on.load_state_dict(off.state_dict())
    assert not on.reflections
    with pytest.raises(ValueError, match="needs an ambient group with reflections"):
        LearnableSymmetryTransform(fields, "SE(3)", reflections=True)
