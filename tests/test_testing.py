"""The equivariance error, and the assertion for other people's models."""

import pytest
import torch
from torch_geometric.data import Batch, Data

from semola_geo.testing import assert_equivariant, equivariance_error
from semola_geo.transforms import LearnableSymmetryTransform, RandomSymmetryTransform

FIELDS = {"pos": "point", "charge": "scalar", "dipole": "vector", "energy": "scalar"}
LEVELS = {"forces": "vector", "tensor": "ij=ji", "edge_vector": "vector", "center": "point"}


def molecules(sizes=(3, 5, 2), dtype=torch.float64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    graphs = []
    for n in sizes:
        pos = 2.0 * torch.randn(n, 3, generator=generator, dtype=dtype) + 30.0
        edge_index = torch.combinations(torch.arange(n), with_replacement=False).T
        graphs.append(
            Data(
                pos=pos,
                charge=torch.randn(n, generator=generator, dtype=dtype),
                edge_index=edge_index,
            )
        )
    return Batch.from_data_list(graphs)


def pooled(values, batch):
    shape = (batch.num_graphs, *values.shape[1:])
    return values.new_zeros(shape).index_add(0, batch.batch, values)


def centred(batch):
    counts = batch.ptr.diff()[:, None]
    return batch.pos - (pooled(batch.pos, batch) / counts)[batch.batch]


def dipole(batch):
    return pooled(batch.charge[:, None] * centred(batch), batch)


def energy(batch):
    return 1000.0 + pooled(centred(batch).square().sum(1), batch)


def forces(batch):
    """By autograd, switched on in place, as models of forces do."""
    batch.pos.requires_grad_()
    return -torch.autograd.grad(energy(batch).sum(), batch.pos)[0]


def tensor(batch):
    return pooled(centred(batch)[:, :, None] * centred(batch)[:, None, :], batch)


def edge_vector(batch):
    return batch.pos[batch.edge_index[0]] - batch.pos[batch.edge_index[1]]


def center(batch):
    return pooled(batch.pos, batch) / batch.ptr.diff()[:, None]


MODELS = {
    "dipole": dipole,
    "energy": energy,
    "forces": forces,
    "tensor": tensor,
    "edge_vector": edge_vector,
    "center": center,
}


@pytest.mark.parametrize("target", MODELS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_equivariant_models_pass(target, dtype):
    batch = molecules(dtype=dtype)
    snapshot = batch.clone()
    fields = {"pos": "point", "charge": "scalar", target: (FIELDS | LEVELS)[target]}
    error = equivariance_error(MODELS[target], batch, fields, target, "E(3)")
    assert error < (1e-12 if dtype == torch.float64 else 1e-4)
    assert_equivariant(MODELS[target], batch, fields, target, "E(3)")
    assert not batch.pos.requires_grad
    assert all(torch.equal(batch[name], value) for name, value in snapshot.to_dict().items())


def test_declared_inputs_must_be_there():
    with pytest.raises(ValueError, match="'energy' is missing from the data"):
        equivariance_error(dipole, molecules(), FIELDS, "dipole")


def test_a_vector_that_does_not_turn():
    """‖v − Rv‖² is 2‖v‖² on average."""
    fields = {"pos": "point", "charge": "scalar", "dipole": "vector"}
    constant = torch.ones(50, 3, dtype=torch.float64)
    batch = molecules(sizes=(4,) * 50)
    error = equivariance_error(lambda b: constant, batch, fields, "dipole", "SO(3)")
    assert error == pytest.approx(2**0.5, rel=0.15)


def test_unit_of_a_scalar_is_its_standard_deviation():
    """A constant of a million hides nothing, and does not count."""
    batch = molecules(sizes=(3,) * 200)
    fields = {"pos": "point", "charge": "scalar", "energy": "scalar"}
    content = pooled(batch.charge, batch)

    def model(b):
        wobble = 0.1 * content.std() * torch.sign(b.pos[b.ptr[:-1], 0] - 30.0)
        return 1e6 + content + wobble

    transform = RandomSymmetryTransform(
        {"pos": "point", "charge": "scalar"}, "SE(3)", center=[30.0] * 3, translation=0.0
    )
    error = equivariance_error(model, batch, fields, "energy", transform, num_samples=20)
    # Half of the signs flip, by 0.2 standard deviations each.
    assert error == pytest.approx(0.2 * 0.5**0.5, rel=0.1)


def test_definition():
    batch, scale = molecules(), 0.3
    fields = {"pos": "point", "charge": "scalar", "dipole": "vector"}

    def model(b):
        return dipole(b) + scale * pooled(b.charge, b)[:, None] * torch.ones(3).double()

    transform = RandomSymmetryTransform({"pos": "point", "charge": "scalar"}, "O(3)")
    error = equivariance_error(
        model,
        batch,
        fields,
        "dipole",
        transform,
        num_samples=3,
        generator=torch.Generator().manual_seed(5),
    )
    generator = torch.Generator().manual_seed(5)
    moved, expected = [], []
    for _ in range(3):
        x, g = transform(batch, generator=generator, return_element=True)
        moved.append(model(x))
        expected.append(torch.einsum("bij,bj->bi", g.linear, model(batch)))
    moved, expected = torch.cat(moved), torch.cat(expected)
    spread = (expected - expected.mean(0)).square().sum()
    assert error == pytest.approx(float(((moved - expected).square().sum() / spread).sqrt()))


def test_reflections_tell_vectors_from_pseudovectors():
    def cross(b):
        arms = centred(b)
        return torch.linalg.cross(arms[b.ptr[:-1]], arms[b.ptr[:-1] + 1])

    batch = molecules(sizes=(3, 4, 5))
    fields = {"pos": "point", "charge": "scalar"}
    for representation, group, equivariant in (
        ("pseudovector", "E(3)", True),
        ("vector", "SE(3)", True),
        ("vector", "E(3)", False),
    ):
        error = equivariance_error(cross, batch, fields | {"m": representation}, "m", group)
        assert (error < 1e-9) == equivariant
        assert equivariant or error > 0.5


@pytest.mark.parametrize("group", ["GL(3)", "Aff(3)", "Sim(3)", "T(3)"])
def test_groups_that_are_not_compact(group):
    batch = molecules()
    fields = {"pos": "point", "charge": "scalar", "tensor": "ij"}
    assert_equivariant(tensor, batch, fields, "tensor", group)


def test_a_learnable_transform_samples_its_own_group():
    batch = molecules()
    fields = {"pos": "point", "charge": "scalar", "energy": "scalar"}
    learned = LearnableSymmetryTransform({"pos": "point"}, "Aff(3)", 3)
    assert equivariance_error(energy, batch, fields, "energy", learned) > 1e-3
    turns = LearnableSymmetryTransform({"pos": "point"}, "SE(3)")
    assert equivariance_error(energy, batch, fields, "energy", turns) < 1e-9


def test_failure_names_entry_graph_and_element():
    batch = molecules()
    fields = {"pos": "point", "charge": "scalar", "dipole": "vector"}

    def model(b):
        wrong = dipole(b)
        wrong[1, 2] += 0.5 * b.pos[b.ptr[1], 0]
        return wrong

    with pytest.raises(AssertionError) as failure:
        assert_equivariant(model, batch, fields, "dipole", "SE(3)")
    text = str(failure.value)
    assert "'dipole' is not equivariant under SE(3)" in text and "(graph 1)" in text
    assert "entry [1, " in text and "g = tensor([[" in text and "ρ(g)F(x)" in text


def test_tolerances():
    batch = molecules()
    fields = {"pos": "point", "charge": "scalar", "energy": "scalar"}

    def model(b):
        return energy(b) + 1e-2 * b.pos[b.ptr[:-1], 0]

    with pytest.raises(AssertionError):
        assert_equivariant(model, batch, fields, "energy", "SO(3)")
    assert_equivariant(model, batch, fields, "energy", "SO(3)", atol=3.0)
    assert_equivariant(model, batch, fields, "energy", "SO(3)", rtol=3e-3)


def test_targets_in_the_batch_and_autoregressive_targets():
    batch = molecules()
    batch.dipole = dipole(batch)
    fields = {"pos": "point", "charge": "scalar", "dipole": "vector"}
    assert_equivariant(dipole, batch, fields, "dipole")
    assert_equivariant(lambda b: b.pos + b.dipole[b.batch], batch, fields, "pos", "Aff(3)")


def test_constant_outputs_and_single_graphs():
    fields = {"pos": "point", "charge": "scalar", "energy": "scalar"}
    single = molecules(sizes=(1,))
    assert equivariance_error(lambda b: torch.ones(1), single, fields, "energy") == 0.0
    assert equivariance_error(lambda b: torch.zeros(1), single, fields, "energy") == 0.0
    data = Data(pos=torch.eye(3), charge=torch.ones(3))
    assert_equivariant(lambda b: b.pos.std(0).square().sum()[None], data, fields, "energy")


def test_no_global_randomness():
    batch = molecules()
    fields = {"pos": "point", "charge": "scalar", "energy": "scalar"}
    state = torch.get_rng_state()
    errors = [
        equivariance_error(lambda b: b.pos[b.ptr[:-1], 0], batch, fields, "energy")
        for _ in range(2)
    ]
    assert errors[0] == errors[1] > 0.1
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(
    ("model", "change", "target", "options", "error", "text"),
    [
        (dipole, {}, "moment", {}, ValueError, "target 'moment' is not declared; declared: pos"),
        (dipole, {}, "dipole", {"num_samples": 0}, ValueError, "num_samples must be at least 1"),
        (dipole, {}, "dipole", {"group": "E3"}, ValueError, "unknown ambient group 'E3'"),
        (dipole, {"v": torch.ones(10)}, "dipole", {}, ValueError, "'v' have no declared"),
        (lambda b: None, {}, "dipole", {}, TypeError, "must return a tensor, got NoneType"),
        (lambda b: torch.ones(3), {}, "dipole", {}, ValueError, r"'dipole' has shape \(3,\)"),
        (lambda b: torch.ones(7, 3), {}, "dipole", {}, ValueError, "'dipole' of shape .* 7 rows"),
        (lambda b: dipole(b) / 0, {}, "dipole", {}, ValueError, "'dipole' has .* NaN or infinite"),
    ],
)
def test_mistakes(model, change, target, options, error, text):
    batch = molecules()
    for name, value in change.items():
        batch[name] = value
    fields = {"pos": "point", "charge": "scalar", "dipole": "vector"}
    for check in (equivariance_error, assert_equivariant):
        with pytest.raises(error, match=text):
            check(model, batch, fields, target, **options)


def test_irreps_need_orthogonal_groups():
    fields = {"pos": "point", "charge": "scalar", "dipole": "1o"}
    assert_equivariant(dipole, molecules(), fields, "dipole", "E(3)")
    with pytest.raises(ValueError, match="field 'dipole': irreps"):
        assert_equivariant(dipole, molecules(), fields, "dipole", "GL(3)")
