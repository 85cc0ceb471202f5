"""Neighbour graphs against brute force."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from semola_geo.graphs import knn_graph, radius_graph, search

MODES = ("gaussian", "lattice", "clusters", "same")


def cloud(mode: str, count: int, dimension: int, seed: int) -> Tensor:
    """Points in general position, with many ties, of very different densities, or coinciding."""
    generator = torch.Generator().manual_seed(seed)
    pos = torch.randn(count, dimension, generator=generator)
    if mode == "lattice":
        return pos.mul(2).round()
    if mode == "clusters":
        return pos * 10.0 ** torch.randint(-4, 3, (count, 1), generator=generator) + 100
    return torch.ones_like(pos) if mode == "same" else pos


def squared_distances(pos: Tensor, batch: Tensor) -> Tensor:
    x = pos.double()
    squared = (x[:, None] - x[None]).square().sum(-1)
    return squared.masked_fill(batch[:, None] != batch[None], torch.inf)


def radius_by_force(pos: Tensor, radius: float, batch: Tensor, loop: bool) -> Tensor:
    near = squared_distances(pos, batch) <= radius**2
    if not loop:
        near.fill_diagonal_(False)
    target, source = near.nonzero().T
    return torch.stack([source, target])


def knn_by_force(pos: Tensor, k: int, batch: Tensor, loop: bool) -> Tensor:
    squared = squared_distances(pos, batch)
    edges = []
    for i, row in enumerate(squared.tolist()):
        nearest = sorted((d, j) for j, d in enumerate(row) if j != i)[:k]
        edges += [(i, i)] * loop + [(j, i) for _, j in nearest]
    return torch.tensor(edges).T


clouds = st.fixed_dictionaries(
    {
        "mode": st.sampled_from(MODES),
        "count": st.integers(1, 120),
        "dimension": st.integers(1, 5),
        "seed": st.integers(0, 1000),
    }
)


@settings(deadline=None, max_examples=80)
@given(clouds, st.floats(1e-3, 300.0), st.integers(1, 4), st.booleans(), st.booleans())
def test_radius_graph_is_that_of_brute_force(
    options: dict[str, object], radius: float, graphs: int, loop: bool, cells: bool
) -> None:
    pos = cloud(**options)  # type: ignore[arg-type]
    batch = torch.arange(len(pos)) * 7 % graphs
    radius = 1.0 if options["mode"] == "lattice" else radius  # exact ties
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "_FEW", 0 if cells else 10**9)
        patch.setattr(search, "_PAIRS", 50)
        edges = radius_graph(pos, radius, batch, loop=loop)
    assert edges.equal(radius_by_force(pos, radius, batch, loop))


@settings(deadline=None, max_examples=60)
@given(clouds, st.integers(1, 6), st.integers(1, 3), st.booleans())
def test_knn_graph_is_that_of_brute_force(
    options: dict[str, object], k: int, graphs: int, loop: bool
) -> None:
    options = {**options, "count": graphs * (k + 1) + int(str(options["count"]))}
    pos = cloud(**options)  # type: ignore[arg-type]
    batch = torch.arange(len(pos)) % graphs
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "_FEW", 0)
        patch.setattr(search, "_PAIRS", 50)
        patch.setattr("semola_geo.graphs.knn._SAMPLE", 4)
        edges = knn_graph(pos, k, batch, loop=loop)
    assert edges.equal(knn_by_force(pos, k, batch, loop))


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_same_numbers_give_the_same_edges_in_every_dtype(dtype: torch.dtype) -> None:
    pos = torch.randn(300, 3).half()
    assert radius_graph(pos.to(dtype), 0.7).equal(radius_graph(pos.double(), 0.7))
    assert knn_graph(pos.to(dtype), 5).equal(knn_graph(pos.double(), 5))


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 1000), st.floats(-1e12, 1e12))
def test_far_from_the_origin_rounding_hides_no_neighbour(seed: int, offset: float) -> None:
    """Coordinates on a lattice far away: spacings equal the radius exactly, or nearly."""
    pos = cloud("lattice", 60, 3, seed).double() + offset
    batch = torch.zeros(len(pos), dtype=torch.long)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "_FEW", 0)
        assert radius_graph(pos, 1.0).equal(radius_by_force(pos, 1.0, batch, False))


def test_no_limit_on_the_number_of_neighbours() -> None:
    pos = torch.randn(700, 3) * 0.01
    assert radius_graph(pos, 1.0).shape == (2, 700 * 699)


def test_one_far_point_costs_no_more_than_its_own_cell() -> None:
    """A grid of cells that spans the outlier would need 1e30 cells; a million fit here."""
    pos = torch.rand(20_000, 3)
    pos[7] = 1e10
    edges = radius_graph(pos, 0.02)
    assert not (edges == 7).any()
    assert edges.shape[1] > 0
    assert knn_graph(pos, 3)[0].view(-1, 3)[7].unique().numel() == 3


def test_many_graphs_in_many_cells_fit_into_the_integers() -> None:
    """Where cells times graphs exceed the integers, an axis is left out."""
    pos = torch.rand(400, 3, dtype=torch.float64)
    batch = torch.arange(400) // 4 * 10**3
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "_FEW", 0)
        patch.setattr("semola_geo.graphs.cells._LARGEST_KEY", 10**9)
        edges = radius_graph(pos, 1e-3, batch)
        near = radius_graph(pos, 0.5, batch)
    assert edges.equal(radius_by_force(pos, 1e-3, batch, False))
    assert near.equal(radius_by_force(pos, 0.5, batch, False))


def test_no_points_no_edges() -> None:
    for edges in (radius_graph(torch.zeros(0, 3), 1.0), knn_graph(torch.zeros(0, 3), 2)):
        assert edges.shape == (2, 0)
        assert edges.dtype == torch.long


@pytest.mark.parametrize("radius", [0.0, -1.0, float("nan"), float("inf")])
def test_bad_radius(radius: float) -> None:
    with pytest.raises(ValueError, match="radius must be positive and finite"):
        radius_graph(torch.zeros(2, 3), radius)


@pytest.mark.parametrize(
    ("pos", "batch", "error", "message"),
    [
        (torch.tensor([[0.0], [torch.nan]]), None, ValueError, "1 point.* first is point 1"),
        (torch.tensor([[torch.inf, 0.0]]), None, ValueError, "NaN or infinite"),
        (torch.full((2, 2), 1e200, dtype=torch.float64), None, ValueError, "change the unit"),
        (torch.zeros(3), None, ValueError, r"\[N, d\].*\(3,\)"),
        (torch.zeros(3, 0), None, ValueError, "d ≥ 1"),
        (torch.zeros(3, 2, dtype=torch.long), None, TypeError, "floating-point.*int64"),
        ([[0.0]], None, TypeError, "list"),
        (torch.zeros(3, 2), torch.zeros(2, dtype=torch.long), ValueError, r"\(3,\).*\(2,\)"),
        (torch.zeros(3, 2), torch.zeros(3), TypeError, "int64.*float32"),
        (torch.zeros(3, 2), torch.tensor([0, -1, 0]), ValueError, "from 0, got -1"),
    ],
)
def test_bad_points(pos: Tensor, batch: Tensor | None, error: type, message: str) -> None:
    for build in (lambda: radius_graph(pos, 1.0, batch), lambda: knn_graph(pos, 1, batch)):
        with pytest.raises(error, match=message):
            build()


def test_bad_number_of_neighbours() -> None:
    with pytest.raises(ValueError, match="at least 1, got 0"):
        knn_graph(torch.zeros(2, 3), 0)
    with pytest.raises(TypeError, match="integer, got float"):
        knn_graph(torch.zeros(2, 3), 1.0)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="number, got str"):
        radius_graph(torch.zeros(2, 3), "1")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="graph 1 has 2; take a smaller k"):
        knn_graph(torch.zeros(7, 3), 2, torch.tensor([0, 0, 0, 1, 1, 3, 3]))
