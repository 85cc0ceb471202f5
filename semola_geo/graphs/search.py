"""Neighbours within a radius, chunk by chunk, so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from semola_geo.graphs.cells import Runs, cell_runs, graph_runs
from semola_geo.graphs.points import Points

__all__ = ["pairs_within"]

# Pairs whose distance is computed at a time: about 64 bytes each.
_PAIRS = 2**19
# Up to so many pairs per point, on average, looking at all of them beats sorting points into cells.
_FEW = 64


def pairs_within(
    points: Points, queries: Tensor, radius: float, *, loop: bool = False
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Yield all pairs of points of one graph at distance ≤ ``radius``.

    Args:
        points: All points.
        queries: Points whose neighbours are wanted, ``[Q]`` long.
        radius: Not negative; may be infinite.
        loop: Also pair every query with itself.

    Yields:
        ``(row, neighbour, squared distance)``, ``[P]`` each: rows of ``queries``, ascending over
        all chunks and within each; neighbours of a row come in no particular order.
    """
    if len(queries) == 0:
        return
    sizes = torch.bincount(points.graph)
    everything = int(sizes[points.graph[queries]].sum())
    if radius == float("inf") or everything <= _FEW * len(queries):
        runs = graph_runs(points, queries)
    else:
        runs = cell_runs(points, queries, radius)
    # In many dimensions fewer, or differences of coordinates would not fit into the caches: with
    # 64 of them, that takes 2.5 times as long.
    width = points.pos.shape[1]
    for rows in _chunks(runs, _PAIRS if width <= 3 else _PAIRS // width):
        owner, other = runs.candidates(rows)
        row = owner + rows.start
        centre = queries[row]
        squared = (points.pos[other] - points.pos[centre]).square().sum(1)
        near = squared <= radius * radius
        if not loop:
            near &= other != centre
        yield row[near], other[near], squared[near]


def _chunks(runs: Runs, pairs: int) -> Iterator[slice]:
    """Cut the rows so that each part has about so many pairs, and at least one row."""
    ends = runs.count.sum(1).cumsum(0)
    begin, done = 0, 0
    while begin < len(ends):
        end = int(torch.searchsorted(ends, done + pairs, right=True))
        end = max(end, begin + 1)
        yield slice(begin, end)
        begin, done = end, int(ends[end - 1])
