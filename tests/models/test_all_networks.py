"""What every network must do: shapes, ragged batches, permutations, gradients, pickling."""

from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch_geometric.data import Batch, Data

from semola_geo.models import DGCNN, MPNN, E3NNModel, FourierSet, PointNet, SlotMLP

Maker = Callable[..., list[Data]]

RAGGED = [MPNN, PointNet, DGCNN, FourierSet, E3NNModel]
SMALL: dict[type, dict[str, Any]] = {
    E3NNModel: {"hidden": 8, "edge_channels": 4},
    DGCNN: {"hidden": 8, "k": 3},
}
INPUTS = {"velocity": ("vector", (3,))}
SHAPES = [
    ("scalar", ()),
    ("scalar", (2,)),
    ("pseudoscalar", ()),
    ("point", (3,)),
    ("vector", (3,)),
    ("vector", (2, 3)),
    ("covector", (3,)),
    ("pseudovector", (3,)),
    ("ij=ji", (3, 3)),
    ("0e+2e", (6,)),
]


def build(kind: type, representation: str = "vector", **options: Any) -> Any:
    torch.manual_seed(0)
    options = {"level": "graph", "output_shape": (3,), **SMALL.get(kind, {}), **options}
    return kind(representation=representation, **options).eval()


@pytest.mark.parametrize("kind", RAGGED)
@pytest.mark.parametrize(("representation", "shape"), SHAPES)
@pytest.mark.parametrize("level", ["graph", "node"])
def test_shape(
    kind: type, representation: str, shape: tuple[int, ...], level: str, ragged: Maker
) -> None:
    batch = Batch.from_data_list(ragged())
    model = build(kind, representation, level=level, output_shape=shape)
    rows = batch.num_graphs if level == "graph" else batch.num_nodes
    assert model(batch).shape == (rows, *shape)


@pytest.mark.parametrize("kind", RAGGED)
@pytest.mark.parametrize("level", ["graph", "node"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_batch_equals_single_graphs(
    kind: type, level: str, dtype: torch.dtype, ragged: Maker
) -> None:
    graphs = ragged(dtype=dtype)
    model = build(kind, level=level, node_inputs=INPUTS).to(dtype)
    together = model(Batch.from_data_list(graphs))
    alone = torch.cat([model(graph) for graph in graphs])
    assert together.dtype == dtype
    assert together.std() > 1e-3
    assert torch.allclose(together, alone, atol=1e-5 if dtype == torch.float32 else 1e-12)


@pytest.mark.parametrize("kind", RAGGED)
def test_permutation_of_nodes(kind: type, ragged: Maker) -> None:
    (graph,) = ragged((7,), torch.float64)
    order = torch.tensor([3, 1, 6, 0, 5, 2, 4])
    permuted = Data(**{name: value[order] for name, value in graph.to_dict().items()})
    invariant = build(kind, node_inputs=INPUTS).double()
    assert torch.allclose(invariant(permuted), invariant(graph), atol=1e-12)
    equivariant = build(kind, level="node", node_inputs=INPUTS).double()
    assert torch.allclose(equivariant(permuted), equivariant(graph)[order], atol=1e-12)


@pytest.mark.parametrize("kind", RAGGED)
def test_gradient_is_that_of_finite_differences(kind: type, ragged: Maker) -> None:
    batch = Batch.from_data_list(ragged((3, 1), torch.float64))
    model = build(kind).double()

    def of_positions(pos: torch.Tensor) -> torch.Tensor:
        moved = copy.copy(batch)
        moved.pos = pos
        return model(moved)

    pos = batch.pos.clone().requires_grad_()
    assert torch.autograd.gradcheck(of_positions, pos, eps=1e-6, atol=1e-6)
    (gradient,) = torch.autograd.grad(of_positions(pos).square().sum(), pos)
    assert gradient[:3].abs().max() > 1e-5


@pytest.mark.parametrize("kind", [MPNN, E3NNModel])
def test_given_edges_decide_who_talks(kind: type, ragged: Maker) -> None:
    (graph,) = ragged((3,), torch.float64)
    graph.pos = graph.pos / 2  # well inside the cutoff
    graph.edge_index = torch.tensor([[0, 1], [1, 0]])
    model = build(kind, level="node").double()
    before = model(graph)
    moved = graph.clone()
    moved.pos[2] += 0.5
    assert torch.allclose(model(moved)[:2], before[:2], atol=1e-12)
    moved.edge_index = torch.tensor([[0, 1, 2], [1, 0, 0]])
    assert not torch.allclose(model(moved)[0], before[0], atol=1e-4)


@pytest.mark.parametrize("kind", RAGGED)
def test_graphs_without_nodes_keep_their_row(kind: type, ragged: Maker) -> None:
    first, last = ragged((4, 2))
    empty = Data(**{name: value[:0] for name, value in first.to_dict().items()})
    model = build(kind)
    out = model(Batch.from_data_list([first, empty, last]))
    assert out.shape == (3, 3)
    assert torch.allclose(out[[0, 2]], model(Batch.from_data_list([first, last])), atol=1e-5)
    assert bool(out.isfinite().all())


@pytest.mark.parametrize("kind", RAGGED)
def test_species_matter(kind: type, ragged: Maker) -> None:
    (graph,) = ragged((4,))
    model = build(kind)
    other = graph.clone()
    other.z[0] = 9
    assert not torch.allclose(model(other), model(graph), atol=1e-4)


@pytest.mark.parametrize("kind", [*RAGGED, SlotMLP])
def test_survives_pickle_deepcopy_and_state_dict(kind: type, ragged: Maker) -> None:
    (graph,) = ragged((4,))
    options = {"num_nodes": 4} if kind is SlotMLP else {}
    model: nn.Module = build(kind, **options)
    expected = model(graph)
    assert torch.allclose(pickle.loads(pickle.dumps(model))(graph), expected, atol=1e-6)
    assert torch.allclose(copy.deepcopy(model)(graph), expected, atol=1e-6)
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    file.seek(0)
    fresh = kind(
        representation="vector", level="graph", output_shape=(3,), **options, **SMALL.get(kind, {})
    )
    fresh.load_state_dict(torch.load(file, weights_only=True))
    assert torch.allclose(fresh.eval()(graph), expected, atol=1e-6)


@pytest.mark.parametrize("kind", RAGGED)
def test_missing_field_is_named(kind: type) -> None:
    with pytest.raises(ValueError, match="'z', which is missing"):
        build(kind)(Data(pos=torch.zeros(2, 3)))


@pytest.mark.parametrize("kind", RAGGED)
def test_no_node_at_all_is_refused(kind: type, ragged: Maker) -> None:
    empty = Data(**{name: value[:0] for name, value in ragged((4,))[0].to_dict().items()})
    for batch in (empty, Batch.from_data_list([empty, empty])):
        with pytest.raises(ValueError, match="'pos' has no rows"):
            build(kind)(batch)


@pytest.mark.parametrize("kind", RAGGED)
def test_another_width_is_named(kind: type, ragged: Maker) -> None:
    (graph,) = ragged((4,))
    model = build(kind, node_inputs=INPUTS)
    for name in ("velocity", "pos"):
        graph[name] = graph[name][:, :2]
        with pytest.raises(ValueError, match=rf"{name!r} has 2 number\(s\) per node, .* for 3"):
            model(graph)


@pytest.mark.parametrize("kind", RAGGED)
def test_unknown_level(kind: type) -> None:
    with pytest.raises(ValueError, match="'graph' or 'node', got 'edge'"):
        build(kind, level="edge")


@pytest.mark.parametrize("kind", [MPNN, PointNet, DGCNN, SlotMLP, E3NNModel])
def test_forward_and_reverse_derivatives_agree_also_batched(kind: type, ragged: Maker) -> None:
    graphs = ragged((3, 3), torch.float64)
    batch = Batch.from_data_list(graphs)
    options = {"num_nodes": 3} if kind is SlotMLP else {}
    model = build(kind, **options).double()

    def of_positions(pos: torch.Tensor) -> torch.Tensor:
        moved = copy.copy(batch)
        moved.pos = pos
        return model(moved)

    reverse = torch.autograd.functional.jacobian(of_positions, batch.pos)
    directions = torch.randn(4, 6, 3, dtype=torch.float64)
    expected = torch.einsum("bonc,knc->kbo", reverse, directions)
    for direction, want in zip(directions, expected, strict=True):
        _, got = torch.func.jvp(of_positions, (batch.pos,), (direction,))
        assert torch.allclose(got, want, atol=1e-10)
    out, pull = torch.func.vjp(of_positions, batch.pos)
    probes = torch.eye(out.numel(), dtype=torch.float64).view(-1, *out.shape)
    (rows,) = torch.func.vmap(pull)(probes)
    assert torch.allclose(rows.view(reverse.shape), reverse, atol=1e-10)
