"""Generators that a reader understands, for a group that was found in any order."""

from __future__ import annotations

from math import factorial, prod

from semola_geo.groups import PermutationSubgroup

__all__ = ["readable_generators"]

_LISTED = 2000


def readable_generators(group: PermutationSubgroup) -> PermutationSubgroup:
    """Return the same group with few, simple generators.

    Where slots of an orbit can be exchanged freely, these are exchanges of neighbours. Otherwise
    each generator is the element that makes the group grow most, the first one in dictionary order
    among equals; groups too large to list keep the generators they have, without redundant ones.

    >>> turns = PermutationSubgroup([[3, 4, 5, 0, 1, 2], [2, 3, 4, 5, 0, 1]])
    >>> readable_generators(turns).generators
    ((1, 2, 3, 4, 5, 0),)
    """
    if group.order == prod(factorial(len(orbit)) for orbit in group.orbits):
        return PermutationSubgroup.from_orbits(group.orbits, group.num_slots)
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
