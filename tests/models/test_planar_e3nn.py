"""E3NNModel in the plane, and with reflections told apart."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor
from torch_geometric.data import Batch, Data

from semola_geo.models import E3NNModel
from semola_geo.representations import parse_representation

INPUTS = {"velocity": ("vector", (2,)), "spin": ("pseudoscalar", (2,))}
OUTPUTS = [
    ("scalar", (3,)),
    ("pseudoscalar", (2,)),
    ("point", (2,)),
    ("point", (3, 2)),
    ("vector", (2, 2)),
    ("covector", (2,)),
    ("ij", (2, 2)),
    ("ij=ji", (2, 2)),
    ("vector@slot@odd", (2,)),
]


def build(representation: str = "scalar", shape: tuple[int, ...] = (3,), **options: Any) -> Any:
    torch.manual_seed(1)
    known: dict[str, Any] = {"level": "graph", "dimension": 2, "hidden": 6, "edge_channels": 4}
    return E3NNModel(
        representation=representation, output_shape=shape, **{**known, "species": False, **options}
    ).double()


def graphs(dimension: int = 2) -> Batch:
    generator = torch.Generator().manual_seed(0)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    return Batch.from_data_list(
        [
            Data(pos=normal(n, dimension), velocity=normal(n, 2), spin=normal(n, 2))
            for n in (6, 1, 4)
        ]
    )


def motion(mirror: bool) -> Tensor:
    c, s = math.cos(0.7), math.sin(0.7)
    sign = -1.0 if mirror else 1.0
    return torch.tensor([[c, -s * sign], [s, c * sign]], dtype=torch.float64)


def move(batch: Batch, matrix: Tensor, shift: Tensor) -> Batch:
    moved = batch.clone()
    moved.pos = batch.pos @ matrix.T + shift
    moved.velocity = batch.velocity @ matrix.T
    moved.spin = batch.spin * torch.linalg.det(matrix)
    return moved


@pytest.mark.parametrize(("representation", "shape"), OUTPUTS)
@pytest.mark.parametrize("level", ["graph", "node"])
@pytest.mark.parametrize("pool", ["sum", "mean"])
def test_equivariance_is_exact(
    representation: str, shape: tuple[int, ...], level: str, pool: str
) -> None:
    batch, shift = graphs(), torch.tensor([0.3, -2.0], dtype=torch.float64)
    act = parse_representation(representation).act
    for reflections in (True, False):
        model = build(
            representation,
            shape,
            level=level,
            pool=pool,
            node_inputs=INPUTS,
            unit=1.7,
            reflections=reflections,
        )
        before = model(batch)
        assert before.abs().max() > 1e-6
        rows = len(before)
        for mirror in (False, True):
            matrix = motion(mirror)
            after = model(move(batch, matrix, shift))
            # A point in normalised units moves by the translation divided by the unit.
            expected = act(matrix.expand(rows, 2, 2), shift.expand(rows, 2) / 1.7, before)
            assert torch.allclose(after, expected, atol=1e-9) == (reflections or not mirror)


def test_without_the_normal_no_pseudoscalar_comes_out_of_scalars() -> None:
    """Without handed inputs a pseudoscalar of the plane is still there: of two nodes or more."""
    batch = graphs()
    out = build("pseudoscalar", ())(batch)
    assert out[1].abs() < 1e-12  # one node has no handedness
    assert out[[0, 2]].abs().min() > 1e-9


@pytest.mark.parametrize("dimension", [2, 3])
def test_mirror_images_are_told_apart_only_if_asked_for(dimension: int) -> None:
    batch = graphs(dimension)
    mirrored = batch.clone()
    mirrored.pos = batch.pos * torch.tensor([-1.0] + [1.0] * (dimension - 1))
    same = build(dimension=dimension)
    assert torch.allclose(same(mirrored), same(batch), atol=1e-10)
    told = build(dimension=dimension, reflections=False)
    difference = (told(mirrored) - told(batch)).abs().amax(1)
    assert difference[[0, 2]].min() > 1e-6
    assert difference[1] < 1e-12


def test_turns_in_space_are_still_exact_without_reflections() -> None:
    batch = graphs(3)
    turn = torch.linalg.qr(torch.randn(3, 3, dtype=torch.float64)).Q
    turn = turn * torch.linalg.det(turn)
    moved = batch.clone()
    moved.pos = batch.pos @ turn.T + 3.0
    model = build("vector", (3,), dimension=3, reflections=False)
    assert torch.allclose(model(moved), model(batch) @ turn.T, atol=1e-9)


def test_large_clouds_find_the_same_neighbours() -> None:
    generator = torch.Generator().manual_seed(0)
    pos = 4 * torch.rand(70, 3, generator=generator, dtype=torch.float64)
    model = build(dimension=3, cutoff=1.0, pool="mean")
    everyone = torch.arange(70)
    edges = torch.cartesian_prod(everyone, everyone).T
    given = Data(pos=pos, edge_index=edges[:, edges[0] != edges[1]])
    assert torch.allclose(model(Data(pos=pos)), model(given), atol=1e-12)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dimension": 4}, "d = 2 and 3, got d = 4; use MPNN"),
        ({"pool": "max"}, "'sum' or 'mean', got 'max'"),
        ({"representation": "pseudovector", "shape": (3,)}, "'pseudovector' exists for d = 3 only"),
        ({"representation": "0e+1o", "shape": (4,)}, "exists for d = 3 only"),
        ({"representation": "vector"}, r"trailing shape \(2,\) .* fit the trailing shape \(3,\)"),
    ],
)
def test_mistakes(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build(**options)
