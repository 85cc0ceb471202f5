"""What both transforms promise: one element per graph, replay, inverse, nothing changed."""

import copy

import pytest
import torch
from torch_geometric.data import Batch, Data, HeteroData

from semola_geo.groups import GroupElement
from semola_geo.representations import parse_representation
from semola_geo.transforms import LearnableSymmetryTransform, RandomSymmetryTransform

GROUPS = [
    (kind, name, d)
    for kind in ("learnable", "random")
    for d in (2, 3, 4)
    for name in (f"SO({d})", f"E({d})", f"Aff({d})", f"Sim({d})")
] + [("learnable", "Poincare(1,3)", 4), ("learnable", "O(3)", 3), ("random", "T(3)", 3)]


def make(kind, fields, group, **options):
    if kind == "learnable":
        return LearnableSymmetryTransform(fields, group, **options)
    return RandomSymmetryTransform(fields, group, extent=0.7, **options)


@pytest.mark.parametrize(("kind", "group", "d"), GROUPS)
def test_one_element_per_graph_at_every_level(kind, group, d, ragged, seeded):
    orthogonal = group.split("(")[0] in ("SO", "O", "E", "T")
    fields, graphs = ragged(d, orthogonal)
    batch = Batch.from_data_list(graphs)
    snapshot = batch.clone()
    transform = make(kind, fields, group)
    moved, g = transform(batch, generator=seeded(), return_element=True)
    assert len(g) == 3 and g.dimension == d
    for one, two in ((0, 1), (1, 2)):
        assert not torch.allclose(g.matrix[one], g.matrix[two])

    # Every graph alone, moved by its own element, is what the batch holds of it.
    for number, (graph, part) in enumerate(zip(graphs, moved.to_data_list(), strict=True)):
        alone = transform(graph, element=g[number])
        for name, representation in fields.items():
            torch.testing.assert_close(alone[name], part[name])
            representation = parse_representation(representation)
            rows = torch.zeros(len(graph[name]), dtype=torch.long)
            expected = g[number].act(graph[name], representation, rows)
            torch.testing.assert_close(part[name], expected)
        assert torch.equal(part.z, graph.z) and torch.equal(part.edge_index, graph.edge_index)

    # Replay, inverse, and the caller's batch.
    again = transform(batch, element=g)
    back = transform.inverse(moved, g)
    for name in fields:
        assert torch.equal(again[name], moved[name])
        torch.testing.assert_close(back[name], batch[name], atol=1e-9, rtol=1e-7)
    for name, values in snapshot.to_dict().items():
        assert torch.equal(batch[name], values), name
    assert type(moved) is type(batch) and moved is not batch
    assert moved.num_graphs == 3 and torch.equal(moved.batch, batch.batch)


def test_a_fresh_transform_moves_data(ragged, seeded):
    fields, graphs = ragged(3)
    transform = LearnableSymmetryTransform(fields, "Aff(3)")
    moved = transform(graphs[0], generator=seeded())
    assert not torch.allclose(moved.pos, graphs[0].pos, atol=0.1)
    assert (transform.extents > 0).all() and transform.basis.shape == (12, 12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_dtype_of_each_field_is_kept(dtype, ragged, seeded):
    fields, graphs = ragged(3, orthogonal=True)
    batch = Batch.from_data_list(graphs)
    transform = RandomSymmetryTransform(fields, "E(3)")
    exact, g = transform(batch, generator=seeded(), return_element=True)
    rounded = copy.copy(batch)
    for name in fields:
        rounded[name] = batch[name].to(dtype)
    for element in (g, g.to(torch.float32)):
        moved = transform(rounded, element=element)
        unit = max(torch.finfo(dtype).eps, torch.finfo(element.matrix.dtype).eps)
        for name in fields:
            assert moved[name].dtype == dtype
            torch.testing.assert_close(
                moved[name].double(), exact[name], atol=80 * unit, rtol=80 * unit
            )


def test_mixed_precision_leaves_coordinates_alone(ragged, seeded):
    fields, graphs = ragged(3, orthogonal=True, dtype=torch.float32)
    batch = Batch.from_data_list(graphs)
    transform = LearnableSymmetryTransform(fields, "E(3)")
    exact = transform(batch, generator=seeded())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        moved = transform(batch, generator=seeded())
    for name in fields:
        assert moved[name].dtype == torch.float32
        torch.testing.assert_close(moved[name], exact[name])


def test_nothing_of_the_callers_is_changed_or_shared_by_what_moved(ragged, seeded):
    fields, (graph, *_) = ragged(3)
    graph.nested = {"a": torch.zeros(2, 3), "b": [torch.ones(2)]}
    graph.alias = graph.pos
    graph.name = "water"
    before = graph.clone()
    moved = RandomSymmetryTransform(fields | {"alias": "vector"}, "SE(3)")(graph)
    for name in fields:
        if fields[name] != "scalar":
            assert moved[name].data_ptr() != graph[name].data_ptr() or not graph[name].numel()
            moved[name].zero_()
    assert list(moved.keys()) == list(graph.keys())
    assert torch.equal(graph.pos, before.pos) and torch.equal(graph.alias, before.pos)
    assert torch.equal(graph.nested["a"], before.nested["a"]) and moved.name == "water"


def test_channels_are_moved_alike(seeded):
    frames = torch.randn(4, 5, 3, generator=seeded(1), dtype=torch.float64)
    cell = torch.randn(1, 3, 3, generator=seeded(2), dtype=torch.float64)
    transform = RandomSymmetryTransform({"pos": "point", "cell": "vector"}, "E(3)")
    moved, g = transform(Data(pos=frames, cell=cell), generator=seeded(), return_element=True)
    torch.testing.assert_close(moved.pos, frames @ g.linear[0].T + g.translation)
    torch.testing.assert_close(moved.cell, cell @ g.linear[0].T)


def test_integer_scalars_and_labels_pass_untouched(seeded):
    data = Data(pos=torch.zeros(2, 3), z=torch.tensor([1, 8]), energy=torch.tensor(1.5), y=0.5)
    transform = RandomSymmetryTransform({"pos": "point", "z": "scalar", "energy": "scalar"}, "E(3)")
    moved = transform(data)
    assert torch.equal(moved.z, data.z) and moved.energy is data.energy and moved.y == 0.5


@pytest.mark.parametrize("nodes", [1, 2])
def test_smallest_graphs(nodes, ragged):
    fields, graphs = ragged(3, sizes=((nodes, 0),))
    transform = LearnableSymmetryTransform(fields, "Aff(3)", 3)
    for data in (graphs[0], Batch.from_data_list(graphs)):
        moved, g = transform(data, return_element=True)
        assert moved.pos.shape == (nodes, 3) and len(g) == 1


def test_gradient_reaches_coordinates_and_parameters(ragged):
    fields, graphs = ragged(3)
    batch = Batch.from_data_list(graphs)
    batch.pos.requires_grad_()
    transform = LearnableSymmetryTransform(fields, "Aff(3)", 4)
    moved, g = transform(batch, return_element=True)
    weights = torch.linspace(-1, 1, moved.pos.numel(), dtype=torch.float64).reshape(-1, 3)
    (moved.pos * weights).sum().backward()
    expected = torch.einsum("nij,ni->nj", g.linear.detach()[batch.batch], weights)
    torch.testing.assert_close(batch.pos.grad, expected)
    assert all(bool(p.grad.abs().sum() > 0) for p in transform.parameters())


def test_gradient_after_collation(ragged):
    fields, graphs = ragged(3)
    transform = LearnableSymmetryTransform(fields, "SE(3)", 2)
    Batch.from_data_list([transform(graph) for graph in graphs]).pos.square().sum().backward()
    assert bool(transform.law.raw_basis.grad.abs().sum() > 0)


def test_generators_decide(ragged, seeded):
    fields, graphs = ragged(3)
    batch = Batch.from_data_list(graphs)
    for kind in ("learnable", "random"):
        transform = make(kind, fields, "E(3)")
        state = torch.get_rng_state()
        first, again, other = (transform(batch, generator=seeded(s)).pos for s in (0, 0, 1))
        assert torch.equal(first, again) and not torch.equal(first, other)
        assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("kind", ["learnable", "random"])
@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"pos": torch.tensor([[0, 0, torch.nan]])}, ValueError, "field 'pos' has 1 NaN or inf"),
        ({"pos": torch.tensor([[0, torch.inf, 0]])}, ValueError, "field 'pos' has 1 NaN or inf"),
        ({"pos": torch.zeros(2, 2)}, ValueError, r"field 'pos' has shape \(2, 2\)"),
        ({"pos": torch.zeros(2, 3).int()}, TypeError, r"field 'pos' has dtype torch\.int32"),
        ({"pos": torch.zeros(0, 3)}, ValueError, "graph without nodes"),
        ({"dipole": torch.zeros(3)}, ValueError, r"field 'dipole' has shape \(3,\)"),
        ({"dipole": torch.zeros(5, 3)}, ValueError, "field 'dipole' of shape .* has 5 rows"),
        ({"dipole": None}, ValueError, "field 'dipole' is missing"),
        ({"charge": torch.zeros(2)}, ValueError, "'charge' have no declared representation"),
    ],
)
def test_data_that_are_refused(kind, change, error, text):
    data = Data(pos=torch.zeros(2, 3), dipole=torch.zeros(1, 3))
    data.update(change)
    with pytest.raises(error, match=text):
        make(kind, {"pos": "point", "dipole": "vector"}, "Aff(3)")(data)


def test_undeclared_fields_pass_when_asked():
    data = Data(pos=torch.ones(2, 3), charge=torch.zeros(2))
    moved = RandomSymmetryTransform({"pos": "point"}, "E(3)", strict=False)(data)
    assert moved.charge is data.charge


def test_other_containers_are_refused():
    transform = RandomSymmetryTransform({"pos": "point"}, "E(3)")
    for thing in (HeteroData(), Batch.from_data_list([HeteroData(a={"x": torch.zeros(1)})])):
        with pytest.raises(TypeError, match="HeteroData is not supported"):
            transform(thing)
    with pytest.raises(TypeError, match="got list"):
        transform([Data(pos=torch.zeros(1, 3))])


def test_elements_that_are_refused(ragged):
    fields, graphs = ragged(3)
    batch = Batch.from_data_list(graphs)
    transform = RandomSymmetryTransform(fields, "SE(3)")
    for method in (lambda g: transform(batch, element=g), lambda g: transform.inverse(batch, g)):
        with pytest.raises(ValueError, match=r"2 group element\(s\), but the data has 3 graph"):
            method(GroupElement.identity(2, 3))
        with pytest.raises(ValueError, match="acts in d = 2, but the fields live in d = 3"):
            method(GroupElement.identity(3, 2))
    with pytest.raises(TypeError, match="element must be a GroupElement, got Tensor"):
        transform(batch, element=torch.eye(3).repeat(3, 1, 1))


def test_irreps_refuse_groups_and_elements_that_are_not_orthogonal():
    fields = {"pos": "point", "feature": "0e+1o"}
    for group in ("GL(3)", "Aff(3)", "Sim(3)", "SL(3)"):
        with pytest.raises(ValueError, match=r"field 'feature': irreps .* orthogonal groups only"):
            LearnableSymmetryTransform(fields, group)
    data = Data(pos=torch.zeros(2, 3), feature=torch.zeros(2, 4))
    with pytest.raises(ValueError, match="fields with irreps need orthogonal elements"):
        RandomSymmetryTransform(fields, "E(3)")(data, element=GroupElement(2 * torch.eye(3)[None]))


@pytest.mark.parametrize("kind", ["learnable", "random"])
@pytest.mark.parametrize(
    ("fields", "group", "options", "error", "text"),
    [
        ({"pos": "pointy"}, "E(3)", {}, ValueError, "field 'pos': unknown representation"),
        ({"pos": "point"}, "E3", {}, ValueError, "unknown ambient group 'E3'"),
        ({"pos": "point"}, "S(4)", {}, ValueError, "permutations of node slots"),
        ({}, "E(3)", {}, ValueError, "fields is empty"),
        ({"pos": "point"}, "E(3)", {"length_scale": 0.0}, ValueError, "length_scale must be"),
        ({"pos": "point"}, "E(3)", {"length_scale": torch.nan}, ValueError, "length_scale must be"),
        ({"pos": "point"}, "E(3)", {"center": [0.0]}, ValueError, r"center must have shape \(3,\)"),
        ({"pos": "point"}, "E(3)", {"center": [torch.nan, 0, 0]}, ValueError, "must be finite"),
        ({"pos": "point"}, "O(3)", {"center": [0, 0, 1]}, ValueError, r"O\(3\) fixes the origin"),
    ],
)
def test_options_that_are_refused(kind, fields, group, options, error, text):
    with pytest.raises(error, match=text):
        make(kind, fields, group, **options)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda(ragged, seeded):
    fields, graphs = ragged(3, orthogonal=True)
    batch = Batch.from_data_list(graphs)
    for transform in (
        LearnableSymmetryTransform(fields, "E(3)").cuda(),
        RandomSymmetryTransform(fields, "E(3)"),
    ):
        exact, g = transform(batch, generator=seeded(), return_element=True)
        moved = transform(batch.clone().cuda(), element=g)
        sampled = transform(batch.clone().cuda(), generator=torch.Generator("cuda"))
        for name in fields:
            assert moved[name].is_cuda and sampled[name].is_cuda
            torch.testing.assert_close(moved[name].cpu(), exact[name].cpu())
