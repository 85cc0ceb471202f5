from __future__ import annotations

import pytest
import torch

from semola_geo import lie_derivative_spectrum
from semola_geo.algebra import LieAlgebra
from semola_geo.discovery import Verdict
from semola_geo.groups import AmbientGroup, parse_ambient

POINTS = {"pos": "point", "y": "scalar"}


def measure(teacher, batch, fields=POINTS, ambient="Aff(3)", **options):
    return lie_derivative_spectrum((teacher, teacher), [batch], fields, "y", ambient, **options)


def angle(spectrum, name, **kw):
    return max(spectrum.algebra.principal_angles(LieAlgebra.from_name(name, **kw)))


@pytest.mark.parametrize("ambient", ["Aff(3)", "GL(3)", "SE(3)", "SL(3)"])
def test_scalar_of_inner_products_is_so3(batch_of, teacher, ambient):
    found = measure(teacher.so, batch_of(), ambient=ambient)
    assert found.dimension == 3
    assert found.eigenvalues[:3].abs().max() < 1e-12
    assert found.eigenvalues[3:].min() > 0.05 if len(found.eigenvalues) > 3 else True
    assert angle(found, "so(3)") < 1e-6
    assert found.algebra.name == "so(3)"


@pytest.mark.parametrize("ambient", ["Aff(3)", "SE(3)"])
def test_vector_target_is_se3(batch_of, teacher, ambient):
    fields = {"pos": "point", "y": "vector"}
    found = measure(teacher.dipole, batch_of(), fields, ambient)
    assert found.dimension == 6
    assert found.eigenvalues[:6].abs().max() < 1e-12
    assert angle(found, "se(3)") < 1e-6


@pytest.mark.parametrize(
    ("source", "target", "dimension"),
    [("vector", "vector", 9), ("vector", "covector", 3), ("covector", "covector", 9)],
)
def test_vectors_and_covectors_differ_under_gl(batch_of, teacher, source, target, dimension):
    weight = torch.tensor([1.0, -2.0, 0.5, 0.7], dtype=torch.float64)[:, None]
    linear = teacher.dense(lambda x: (weight * x).sum(1), "pos")
    found = measure(linear, batch_of(), {"pos": source, "y": target}, "GL(3)")
    assert found.dimension == dimension


def test_symmetric_tensor_target_is_gl3(batch_of, teacher):
    second = teacher.dense(lambda x: torch.einsum("bni,bnj->bij", x, x), "pos")
    found = measure(second, batch_of(), {"pos": "point", "y": "ij=ji"})
    assert found.dimension == 9
    assert found.algebra.name == "gl(3)"


def test_forces_on_every_node_use_random_probes(batch_of, teacher):
    # A symmetry has C = 0 for every probe, so that random probes cannot miss or fake it.
    def forces(batch):
        energy = teacher.se(batch).sum()
        return -torch.autograd.grad(energy, batch.pos, create_graph=True)[0]

    found = measure(forces, batch_of(40), {"pos": "point", "y": "covector"})
    assert found.dimension == 6
    assert found.eigenvalues[:6].abs().max() < 1e-12
    assert angle(found, "se(3)") < 1e-6


def test_minkowski_products_are_so13(batch_of, teacher):
    metric = torch.diag(torch.tensor([1.0, -1, -1, -1], dtype=torch.float64))
    function = teacher.dense(
        lambda p: torch.tanh(0.2 * torch.einsum("bni,ij,bmj->bnm", p, metric, p)).flatten(1).sum(1),
        "pos",
    )
    fields = {"pos": "vector", "y": "scalar"}
    found = measure(function, batch_of(60, 4, 4), fields, "GL(4)")
    assert found.dimension == 6
    assert angle(found, "so(1,3)") < 1e-6
    assert measure(function, batch_of(60, 4, 4), fields, "SO(1,3)").dimension == 6


def test_two_bodies_with_velocities(batch_of, teacher):
    function = teacher.dense(lambda x, v: teacher.gram(teacher.centred(x)[:, :1], v), "pos", "vel")
    fields = {"pos": "point", "vel": "vector", "y": "scalar"}
    found = measure(function, batch_of(80, 2, vel=True), fields)
    assert found.dimension == 6
    assert angle(found, "se(3)") < 1e-6


def test_plane(batch_of, teacher):
    found = measure(teacher.so, batch_of(60, 3, 2), ambient="Aff(2)")
    assert (found.dimension, found.algebra.name) == (1, "so(2)")


def test_translations_move_no_vector_and_stay_untested(batch_of, teacher):
    found = measure(teacher.so, batch_of(), {"pos": "vector", "y": "scalar"}, "Aff(3)")
    assert found.dimension == 3
    assert [v for v in found.verdicts if v is Verdict.UNTESTED] == [Verdict.UNTESTED] * 3
    assert found.verdicts[-3:] == [Verdict.UNTESTED] * 3
    assert found.generators()[-3:, :3, :3].abs().max() < 1e-9
    assert found.generators()[:-3, :3, 3].abs().max() < 1e-9


def test_eigenvalues_do_not_depend_on_the_ambient_basis(batch_of, teacher):
    group = parse_ambient("Aff(3)")
    turn = torch.linalg.qr(
        torch.randn(12, 12, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    ).Q
    turned = AmbientGroup(
        "turned", 3, True, False, False, torch.einsum("ab,bij->aij", turn, group.basis)
    )
    batch = batch_of()
    first, second = (measure(teacher.so, batch, ambient=g) for g in (group, turned))
    torch.testing.assert_close(first.eigenvalues, second.eigenvalues, rtol=1e-6, atol=1e-10)
    assert max(first.algebra.principal_angles(second.algebra)) < 1e-6


@pytest.mark.parametrize("scale", [1e-3, 1.0, 50.0])
def test_eigenvalues_do_not_depend_on_the_unit_of_length(batch_of, teacher, scale):
    batch = batch_of()
    scaled = batch.clone()
    scaled.pos = scale * batch.pos

    def seen(b):
        inner = b.clone()
        inner.pos = b.pos / scale
        return teacher.se(inner)

    plain, found = measure(teacher.se, batch), measure(seen, scaled)
    torch.testing.assert_close(plain.eigenvalues, found.eigenvalues, rtol=1e-6, atol=1e-9)
    assert found.length_scale == pytest.approx(scale * plain.length_scale)
    assert max(found.algebra.principal_angles(LieAlgebra.from_name("se(3)"), scale)) < 1e-5


def test_algebra_is_in_units_of_the_data(batch_of, teacher):
    # Rotations about a point far from the origin, in a long unit of length: the generator
    # annihilates that very point.
    point = torch.tensor([30.0, -20.0, 10.0], dtype=torch.float64)
    about = teacher.dense(lambda x: teacher.gram((x - point) / 7), "pos")
    batch = batch_of()
    batch.pos = 7 * (batch.pos - 0.3) + point
    found = measure(about, batch)
    assert found.dimension == 3
    assert found.algebra.generators.shape == (3, 4, 4)
    fixed = found.algebra.generators @ torch.cat([point, torch.ones(1, dtype=torch.float64)])
    assert fixed.abs().max() < 1e-6
    linear = measure(teacher.so, batch_of(), ambient="GL(3)")
    assert linear.algebra.generators.shape == (3, 3, 3)


def test_whole_ambient_algebra(batch_of, teacher):
    found = measure(teacher.se, batch_of(), ambient="SE(3)")
    assert found.dimension == len(parse_ambient("SE(3)")) == 6
    assert found.algebra.name == "se(3)"
