"""Generators that a reader understands, for a group that was found in any order."""

from __future__ import annotations

from collections.abc import Collection
from itertools import combinations
from math import factorial, prod

from semola_geo.groups import PermutationSubgroup

__all__ = ["readable_generators"]

_LISTED = 2000


def readable_generators(
    group: PermutationSubgroup, preferred: Collection[tuple[int, ...]] = ()
) -> PermutationSubgroup:
    """Return the same group with few, simple generators.

    Where slots of an orbit can be exchanged freely, these are exchanges of two slots. Otherwise
    each generator is the element that makes the group grow most, the first one in dictionary order
    among equals; groups too large to list keep the generators they have, without redundant ones.

    Args:
        group: The group.
        preferred: Elements to take where there is a choice of exchanges, then neighbours.

    >>> turns = PermutationSubgroup([[3, 4, 5, 0, 1, 2], [2, 3, 4, 5, 0, 1]])
    >>> readable_generators(turns).generators
    ((1, 2, 3, 4, 5, 0),)
    """
    if group.order == prod(factorial(len(orbit)) for orbit in group.orbits):
        return PermutationSubgroup(_spanning_exchanges(group, preferred), group.num_slots)
    if group.order > _LISTED:
        return group.reduced()
    elements = sorted(group.elements())
    chosen = PermutationSubgroup([], group.num_slots)
    while chosen.order < group.order:
        grown = (
            PermutationSubgroup([*chosen.generators, element], group.num_slots)
            for element in elements
            if not chosen.contains(element)
        )
        chosen = max(grown, key=lambda larger: larger.order)
    return chosen


def _spanning_exchanges(
    group: PermutationSubgroup, preferred: Collection[tuple[int, ...]]
) -> list[tuple[int, ...]]:
    """Return exchanges of two slots that join every orbit, by Kruskal's algorithm."""
    edges = []
    for orbit in group.orbits:
        for (near, one), (far, two) in combinations(enumerate(orbit), 2):
            swapped = list(range(group.num_slots))
            swapped[one], swapped[two] = two, one
            image = tuple(swapped)
            edges.append((image not in preferred, far - near, one, two, image))
    part = list(range(group.num_slots))
    chosen = []
    for _, _, one, two, image in sorted(edges):
        if part[one] != part[two]:
            part = [part[one] if label == part[two] else label for label in part]
            chosen.append((one, image))
    return [image for _, image in sorted(chosen)]
