"""E3NNModel: exact equivariance, and agreement with e3nn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from e3nn import o3
from torch import Tensor
from torch_geometric.data import Batch, Data

from semola_geo.models import E3NNModel
from semola_geo.models.cartesian_irreps import CartesianIrreps
from semola_geo.models.coupling import ChannelProduct
from semola_geo.representations import parse_representation

Maker = Callable[..., list[Data]]

INPUTS = {"velocity": ("vector", (3,)), "spin": ("pseudovector", (2, 3))}
OUTPUTS = [
    ("scalar", ()),
    ("pseudoscalar", ()),
    ("point", (3,)),
    ("vector", (2, 3)),
    ("covector", (3,)),
    ("pseudovector", (3,)),
    ("ij", (3, 3)),
    ("ij=ji", (2, 3, 3)),
    ("ijk", (3, 3, 3)),
    ("2x0e+1o+2e", (10,)),
]


def build(representation: str, shape: tuple[int, ...], level: str, **options: Any) -> E3NNModel:
    torch.manual_seed(1)
    return E3NNModel(
        representation=representation,
        level=level,
        output_shape=shape,
        hidden=6,
        edge_channels=4,
        unit=1.7,
        **options,
    ).double()


def move(batch: Batch, matrix: Tensor, shift: Tensor) -> Batch:
    moved = batch.clone()
    moved.pos = batch.pos @ matrix.T + shift
    moved.velocity = batch.velocity @ matrix.T
    moved.spin = batch.spin @ matrix.T * torch.linalg.det(matrix)
    return moved


@pytest.mark.parametrize(("representation", "shape"), OUTPUTS)
@pytest.mark.parametrize("level", ["graph", "node"])
@pytest.mark.parametrize("improper", [False, True])
def test_equivariance_is_exact(
    representation: str,
    shape: tuple[int, ...],
    level: str,
    improper: bool,
    ragged: Maker,
    isometry: tuple[Tensor, Tensor],
) -> None:
    matrix, shift = isometry if improper else (-isometry[0], isometry[1])
    batch = Batch.from_data_list(ragged((5, 1, 4), torch.float64))
    # Spins force both parities; without them the smaller feature space is tested.
    for inputs in ({}, INPUTS):
        model = build(representation, shape, level, node_inputs=inputs)
        before = model(batch)
        after = model(move(batch, matrix, shift))
        act = parse_representation(representation).act
        rows = len(before)
        # A point in normalised units moves by the translation divided by the unit.
        expected = act(matrix.expand(rows, 3, 3), shift.expand(rows, 3) / 1.7, before)
        assert before.abs().max() > 1e-6
        assert torch.allclose(after, expected, atol=1e-9)


@pytest.mark.parametrize("level", ["graph", "node"])
# As many channels as nodes, where a wrong sum would have the right shape; and two axes of them.
@pytest.mark.parametrize("channels", [(1,), (5,), (2, 5)])
def test_points_of_several_channels_all_move_along(
    channels: tuple[int, ...], level: str, ragged: Maker, isometry: tuple[Tensor, Tensor]
) -> None:
    matrix, shift = isometry
    graphs = ragged((5,) if level == "node" else (4, 1, 7, 2, 3), torch.float64)
    shape = (*channels, 3)
    generator = torch.Generator().manual_seed(0)
    for graph in graphs:
        size = (len(graph.pos), *shape)
        graph.goal = 2 * torch.randn(size, generator=generator, dtype=torch.float64)
    batch = Batch.from_data_list(graphs)
    model = build("point", shape, level, node_inputs={"goal": ("point", shape)})
    moved = batch.clone()
    moved.pos, moved.goal = (values @ matrix.T + shift for values in (batch.pos, batch.goal))
    before = model(batch)
    assert before.shape[1:] == shape
    assert torch.allclose(model(moved), before @ matrix.T + shift / 1.7, atol=1e-9)
    # A batch of channels is no batch of nodes: alone, a graph has the same answer.
    first = model(graphs[0])
    assert torch.allclose(first, before[: len(first)], atol=1e-9)


@pytest.mark.parametrize("lmax", [2, 3])
def test_higher_degrees_are_equivariant_too(
    lmax: int, ragged: Maker, isometry: tuple[Tensor, Tensor]
) -> None:
    batch = Batch.from_data_list(ragged((4, 5), torch.float64))
    model = build("vector", (3,), "graph", lmax=lmax, node_inputs=INPUTS)
    moved = model(move(batch, *isometry))
    assert torch.allclose(moved, model(batch) @ isometry[0].T, atol=1e-9)


def test_spin_acts_on_a_vector_output(ragged: Maker) -> None:
    (graph,) = ragged((4,), torch.float64)
    model = build("vector", (3,), "graph", node_inputs=INPUTS)
    other = graph.clone()
    other.spin = -graph.spin
    assert not torch.allclose(model(other), model(graph), atol=1e-6)


@pytest.mark.parametrize("mode", ["uuu", "uvu"])
def test_channel_product_is_that_of_e3nn(mode: str) -> None:
    kinds = [o3.Irrep(text) for text in ("0e", "1o", "2e", "0o", "1e")]
    left = o3.Irreps([(3, kind) for kind in kinds])
    right = o3.Irreps([(3 if mode == "uuu" else 1, kind) for kind in kinds])
    mine = ChannelProduct(kinds, kinds, kinds)
    theirs = o3.TensorProduct(
        left,
        right,
        o3.Irreps([(3, out) for out in mine.outputs]),
        [(i, j, k, mode, False) for k, (i, j, _) in enumerate(mine.paths)]
        if mode == "uuu"
        else [(i, j, k, mode, True) for k, (i, j, _) in enumerate(mine.paths)],
        internal_weights=False,
        shared_weights=False,
    ).double()
    generator = torch.Generator().manual_seed(0)
    one, two = (
        torch.randn(7, ir.dim, generator=generator, dtype=torch.float64) for ir in (left, right)
    )
    weights = torch.randn(7, 3 * len(mine.paths), generator=generator, dtype=torch.float64)
    if mode == "uuu":
        expected, parts = theirs(one, two), None
    else:
        expected, parts = theirs(one, two, weights), weights.unsqueeze(1).split(3, dim=-1)
    got = mine(_channels_last(one, left), _channels_last(two, right), parts)
    flat = torch.cat([part.mT.flatten(1) for part in got], dim=-1)
    assert torch.allclose(flat, expected, atol=1e-12)


def _channels_last(flat: Tensor, irreps: o3.Irreps) -> Tensor:
    parts = torch.split(flat, [mul * ir.dim for mul, ir in irreps], dim=-1)
    return torch.cat(
        [part.view(-1, mul, ir.dim).mT for part, (mul, ir) in zip(parts, irreps, strict=True)],
        dim=1,
    )


@pytest.mark.parametrize("formula", ["ij", "ij=ji", "ij=-ji", "ijk"])
def test_change_of_basis_is_orthogonal_and_equivariant(
    formula: str, isometry: tuple[Tensor, Tensor]
) -> None:
    representation = parse_representation(formula)
    shape = representation.shape(3)
    change = CartesianIrreps(formula, (2, *shape)).double()
    components = torch.randn(4, change.irreps.dim, dtype=torch.float64)
    field = change.to_field(components)
    assert torch.allclose(change(field), components, atol=1e-10)
    matrix = isometry[0]
    turned = parse_representation(str(change.irreps)).act(
        matrix.expand(4, 3, 3), torch.zeros(4, 3), components
    )
    expected = representation.act(matrix.expand(4, 3, 3), torch.zeros(4, 3), field)
    assert torch.allclose(change.to_field(turned), expected, atol=1e-10)


def test_output_starts_at_order_one(ragged: Maker) -> None:
    for seed in range(3):
        batch = Batch.from_data_list(ragged((18, 15, 21, 17), seed=seed))
        torch.manual_seed(seed)
        model = E3NNModel(representation="vector", level="graph", output_shape=(3,))
        assert 0.01 < model(batch).square().mean().sqrt() < 3


def test_smooth_at_the_cutoff() -> None:
    model = build("scalar", (), "graph", species=False, cutoff=2.0)

    def value(distance: float) -> Tensor:
        pos = torch.tensor([[0.0, 0, 0], [distance, 0, 0]], dtype=torch.float64)
        out: Tensor = model(Data(pos=pos))
        return out

    assert abs(value(2 - 1e-6) - value(2 + 1e-6)) < 1e-5
    assert abs(value(1.0) - value(2.5)) > 1e-4


def test_nodes_at_one_place_have_finite_gradients() -> None:
    pos = torch.zeros(3, 3, requires_grad=True)
    model = E3NNModel(representation="scalar", level="graph", output_shape=(), species=False)
    model(Data(pos=pos)).sum().backward()
    assert bool(pos.grad.isfinite().all())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dimension": 4}, "d = 2 and 3, got d = 4"),
        ({"output_shape": (4,)}, "does not fit the trailing shape"),
        ({"cutoff": 0.0}, "cutoff must be a positive length"),
        ({"lmax": 0}, "lmax must be at least 1"),
    ],
)
def test_mistakes_are_named(options: dict[str, Any], message: str) -> None:
    arguments = {"representation": "vector", "level": "graph", "output_shape": (3,), **options}
    with pytest.raises(ValueError, match=message):
        E3NNModel(**arguments)
