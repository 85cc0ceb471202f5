"""Graphs of the k nearest neighbours."""

from __future__ import annotations

import torch
from torch import Tensor

from semola_geo.graphs.points import Points
from semola_geo.graphs.search import pairs_within

__all__ = ["check_neighbours", "knn_graph"]

# Points whose k-th neighbour is looked up by force to choose the next radius, and the share of
# them that it should serve: a low one, so that dense regions are done before the radius has grown.
_SAMPLE, _SHARE = 64, 0.1
_GROWTH = 1.5


def check_neighbours(k: int) -> int:
    """Return the number of neighbours.

    Raises:
        TypeError: If it is no integer.
        ValueError: If it is not positive.

    >>> check_neighbours(3)
    3
    """
    if isinstance(k, bool) or not isinstance(k, int):
        raise TypeError(f"k must be an integer, got {type(k).__name__}")
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    return k


def knn_graph(pos: Tensor, k: int, batch: Tensor | None = None, *, loop: bool = False) -> Tensor:
    """Connect every point with its ``k`` nearest points of the same graph.

    Exact; of equally distant points those that come first are taken. Distances are computed in
    float64. Balls around the points grow until they hold k others, and points that are served drop
    out, so that memory is linear in points and edges. Time is quadratic only in the number of
    points that coincide.

    Args:
        pos: Coordinates ``[N, d]``, any d; no gradient flows.
        k: Neighbours of each point.
        batch: Graph of every point ``[N]``, long, in any order; one graph when ``None``.
        loop: Also connect every point with itself, on top of its k neighbours.

    Returns:
        ``edge_index`` ``[2, N k]`` (``[2, N (k + 1)]`` with ``loop``), long: row 0 holds the
        neighbours, row 1 the points they belong to, as PyG passes messages; sorted by row 1, then
        distance, then row 0.

    Raises:
        TypeError: For arguments of the wrong type.
        ValueError: For NaN or infinite coordinates, a wrong shape, or a graph with k or fewer
            points.

    >>> knn_graph(torch.tensor([[0.0], [1.0], [3.0]]), 1).tolist()
    [[1, 0, 1], [0, 1, 2]]
    >>> knn_graph(torch.zeros(2, 3), 2)
    Traceback (most recent call last):
    ValueError: k = 2 neighbours need graphs of at least 3 points, but graph 0 has 2; ...
    """
    points, k = Points.check(pos, batch), check_neighbours(k)
    _check_sizes(points, k)
    neighbours = points.graph.new_empty(len(points), k)
    waiting = torch.arange(len(points), device=pos.device)
    radius = 0.0
    while len(waiting):
        radius = _next_radius(points, waiting, k, radius)
        left = []
        for row, source, squared in pairs_within(points, waiting, radius):
            rows, count = torch.unique_consecutive(row, return_counts=True)
            served = count >= k
            inside = served.repeat_interleave(count)
            nearest = _nearest(row[inside], source[inside], squared[inside], count[served], k)
            neighbours[waiting[rows[served]]] = nearest
            left.append(rows[served])
        undone = torch.ones(len(waiting), dtype=torch.bool, device=pos.device)
        undone[torch.cat(left)] = False
        waiting = waiting[undone]
    everyone = torch.arange(len(points), device=pos.device)[:, None]
    if loop:
        neighbours = torch.cat([everyone, neighbours], dim=1)
    return torch.stack([neighbours.flatten(), everyone.expand_as(neighbours).flatten()])


def _check_sizes(points: Points, k: int) -> None:
    sizes = torch.bincount(points.graph)
    small = ((sizes > 0) & (sizes <= k)).nonzero().flatten().tolist()
    if small:
        raise ValueError(
            f"k = {k} neighbours need graphs of at least {k + 1} points, but graph {small[0]} has "
            f"{int(sizes[small[0]])}; take a smaller k, or radius_graph"
        )


def _next_radius(points: Points, waiting: Tensor, k: int, radius: float) -> float:
    """Return a radius that serves some of the waiting points, and not many more than needed.

    When few points are left, or graphs are small, everything is looked at: infinity.
    """
    sizes = torch.bincount(points.graph)
    if len(waiting) <= _SAMPLE or int(sizes.max()) <= _SAMPLE:
        return float("inf")
    reach = []
    for query in waiting[:: len(waiting) // _SAMPLE][:_SAMPLE].tolist():
        fellows = points.pos[points.graph == points.graph[query]]
        # The point itself is among its fellows, at distance 0.
        reach.append((fellows - points.pos[query]).square().sum(1).kthvalue(k + 1).values)
    # Rounded up: the square of the root may fall short of the number it came from.
    distances = torch.stack(reach).sqrt() * (1 + 1e-12)
    wanted = float(distances.sort().values[int(_SHARE * len(distances))])
    return max(wanted, _GROWTH * radius)


def _nearest(row: Tensor, source: Tensor, squared: Tensor, count: Tensor, k: int) -> Tensor:
    """Return the k nearest points of every row ``[rows, k]``.

    Rows ascend and have ``count`` ≥ k entries each.
    """
    order = source.argsort(stable=True)
    order = order[squared[order].argsort(stable=True)]
    order = order[row[order].argsort(stable=True)]
    first = count.cumsum(0) - count
    return source[order[first[:, None] + torch.arange(k, device=row.device)]]
