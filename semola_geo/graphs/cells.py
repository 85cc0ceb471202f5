"""Points sorted into cells, so that the neighbours of a point lie in a few contiguous runs."""

from __future__ import annotations

import itertools
from math import prod

import torch
from torch import Tensor

from semola_geo.graphs.points import Points

__all__ = ["Runs", "cell_runs", "graph_runs"]

# Axes that are cut into cells: every one triples the cells to look into. Further axes are left to
# the distances, which decide in any case.
_AXES = 3
# Cells are wider than the radius by what rounding of coordinates may hide.
_MARGIN, _ROUNDING = 1e-6, 2.0**-49
_LARGEST_KEY = 2**62


class Runs:
    """Candidate neighbours of points: runs of positions in an order of all points.

    Args:
        order: The order, ``[N]`` long: position → point.
        start: First position of each run, ``[N, runs]``.
        count: Length of each run, ``[N, runs]``.
    """

    def __init__(self, order: Tensor, start: Tensor, count: Tensor) -> None:
        self.order, self.start, self.count = order, start, count

    def candidates(self, rows: slice) -> tuple[Tensor, Tensor]:
        """Return the points of some rows and one of their candidates each: ``[P]``, ``[P]``.

        The first counts from the beginning of ``rows``.
        """
        start, count = self.start[rows], self.count[rows]
        flat = count.flatten()
        ends = flat.cumsum(0)
        total = int(ends[-1]) if len(ends) else 0
        shift = start.flatten() - (ends - flat)
        position = torch.arange(total, device=flat.device)
        position = position + shift.repeat_interleave(flat, output_size=total)
        owner = torch.arange(len(count), device=flat.device)
        owner = owner.repeat_interleave(count.sum(1), output_size=total)
        return owner, self.order[position]


def graph_runs(points: Points, queries: Tensor) -> Runs:
    """All points of the same graph are candidates.

    Args:
        points: All points.
        queries: Points whose neighbours are wanted, ``[Q]`` long.
    """
    order = torch.argsort(points.graph, stable=True)
    sizes = torch.bincount(points.graph)
    first = sizes.cumsum(0) - sizes
    graph = points.graph[queries]
    return Runs(order, first[graph, None], sizes[graph, None])


def cell_runs(points: Points, queries: Tensor, radius: float) -> Runs:
    """Points of the same graph in the same or an adjacent cell are candidates.

    Everything within ``radius`` of a point is among its candidates. A cell is one integer, with
    the last axis running fastest: three neighbouring cells along it are one run.

    Args:
        points: All points.
        queries: Points whose neighbours are wanted, ``[Q]`` long.
        radius: Positive and finite.
    """
    # Where d > 3, the axes along which the points spread furthest separate them best.
    spread = points.pos.amax(0) - points.pos.amin(0)
    axes = spread.argsort(descending=True, stable=True)[:_AXES].tolist()
    columns = [_ranks(points.pos[:, axis], radius) for axis in axes]
    # Ranks start at 1 and end below width - 1: the step to a neighbouring cell never wraps around.
    widths = [int(rank.max()) + 2 for rank in columns]
    while prod(widths) * (int(points.graph.max()) + 1) > _LARGEST_KEY:
        columns, widths = columns[:-1], widths[:-1]
    strides = [prod(widths[axis + 1 :]) for axis in range(len(widths))]
    key = points.graph * (strides[0] * widths[0])
    for rank, stride in zip(columns, strides, strict=True):
        key = key + rank * stride
    order = torch.argsort(key, stable=True)
    key, wanted = key[order], key[queries]
    steps = [(-stride, 0, stride) for stride in strides[:-1]]
    offsets = wanted.new_tensor([sum(step) for step in itertools.product(*steps)])
    middle = wanted[:, None] + offsets
    start = torch.searchsorted(key, middle - 1)
    end = torch.searchsorted(key, middle + 1, right=True)
    return Runs(order, start, end - start)


def _ranks(x: Tensor, radius: float) -> Tensor:
    """Number cells along one axis from 1, with one number for every stretch of empty cells.

    Numbers stay below 2 N + 1, however far apart the points are.
    """
    width = radius * (1 + _MARGIN) + float(x.abs().max()) * _ROUNDING
    cells, inverse = torch.unique(torch.floor(x / width), return_inverse=True)
    steps = torch.where(cells.diff() > 1, 2, 1)
    ranks = torch.cat([steps.new_ones(1), 1 + steps.cumsum(0)])
    return ranks[inverse]
