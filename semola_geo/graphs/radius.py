"""Radius graphs."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from semola_geo.graphs.points import Points
from semola_geo.graphs.search import pairs_within

__all__ = ["check_radius", "radius_graph"]


def check_radius(radius: float) -> float:
    """Return the radius.

    Raises:
        TypeError: If it is no number.
        ValueError: If it is not positive and finite.

    >>> check_radius(2)
    2.0
    """
    if isinstance(radius, bool) or not isinstance(radius, int | float):
        raise TypeError(f"radius must be a number, got {type(radius).__name__}")
    if not 0 < radius < math.inf:
        raise ValueError(f"radius must be positive and finite, got {radius}")
    return float(radius)


def radius_graph(
    pos: Tensor, radius: float, batch: Tensor | None = None, *, loop: bool = False
) -> Tensor:
    r"""Connect every point with all points of its graph at distance :math:`\le` ``radius``.

    Exact, whatever the number of neighbours, and in memory linear in points and edges (a cell
    list: Allen and Tildesley, *Computer Simulation of Liquids*, 5.3.2). Distances are computed in
    float64.

    Args:
        pos: Coordinates ``[N, d]``, any d; no gradient flows.
        radius: In the unit of ``pos``, positive.
        batch: Graph of every point ``[N]``, long, in any order; one graph when ``None``.
        loop: Also connect every point with itself.

    Returns:
        ``edge_index`` ``[2, E]``, long: row 0 holds the neighbours, row 1 the points they belong
        to, as PyG passes messages; sorted by row 1, then row 0.

    Raises:
        TypeError: For arguments of the wrong type.
        ValueError: For NaN or infinite coordinates, a wrong shape or a radius that is not positive.

    >>> radius_graph(torch.tensor([[0.0], [1.0], [3.0]]), 1.5).tolist()
    [[1, 0], [0, 1]]
    >>> radius_graph(torch.zeros(3, 2), 1.0, torch.tensor([0, 1, 1]), loop=True).tolist()
    [[0, 1, 2, 1, 2], [0, 1, 1, 2, 2]]
    """
    points, radius = Points.check(pos, batch), check_radius(radius)
    count = len(points)
    everyone = torch.arange(count, device=pos.device)
    edges = [everyone.new_empty(2, 0)]
    for target, source, _ in pairs_within(points, everyone, radius, loop=loop):
        # A point and its neighbour in one integer: sorting these sorts by both.
        key = (target * count + source).sort().values
        edges.append(torch.stack([key % count, key // count]))
    return torch.cat(edges, dim=1)
