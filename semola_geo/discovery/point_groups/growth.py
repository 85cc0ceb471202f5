"""Grow finite groups out of single elements of O(3) that few teachers object to."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from semola_geo.discovery.point_groups.response import PointProbe
from semola_geo.discovery.point_groups.search import Candidates, align
from semola_geo.groups import PointGroup
from semola_geo.groups.point_group_closure import nearly_generated, turn_between

__all__ = ["grow_groups"]

# An element goes on to the test where its relative violation is below this on its own graphs.
_PROMISING = 0.15
# Before a group is turned to where it violates least, none of its elements may exceed this.
_HOPELESS = 0.4
# Degrees within which two elements are one.
_SAME = 12.0
_LARGEST = 120
# Groups to grow, each from another first element.
_ATTEMPTS = 4


def grow_groups(candidates: Candidates, probe: PointProbe) -> list[PointGroup]:
    """Return exact groups of promising elements, the largest first.

    A group grows by one element at a time, least violated first. What they generate is closed by
    geometry alone and rounded to the nearest exact group; all its elements together decide its
    orientation (:func:`align`), and each of them has to be promising there. So no element has to be
    measured well, and teachers are asked about groups only. Elements whose powers make up no group
    belong to none; further groups start from elements that no earlier one holds.

    Args:
        candidates: Local minima of the violation.
        probe: Graphs and the pair of teachers that elements are chosen on.
    """
    trivial = PointGroup(torch.eye(3, dtype=torch.float64)[None])
    promising = candidates.elements[candidates.violations < _PROMISING]
    finite = [_closed(trivial, element, promising, probe) is not None for element in promising]
    promising = promising[torch.tensor(finite, dtype=torch.bool)]
    grown: list[PointGroup] = []
    for first in promising:
        if len(grown) == _ATTEMPTS:
            break
        if any(other.contains(first, _SAME) for other in grown):
            continue
        group = _extended(trivial, first, promising, probe)
        if group is None:
            continue
        for element in promising:
            if not group.contains(element, _SAME):
                group = _extended(group, element, promising, probe) or group
        grown.append(group)
    return sorted(grown, key=lambda group: -group.order)


def _extended(
    group: PointGroup, element: Tensor, promising: Tensor, probe: PointProbe
) -> PointGroup | None:
    """Return the promising group that one more element generates, in its best orientation."""
    closed = _closed(group, element, promising, probe)
    if closed is None:
        return None
    larger = align(probe, closed)
    return larger if bool((probe.violations(larger.elements) < _PROMISING).all()) else None


def _closed(
    group: PointGroup, element: Tensor, promising: Tensor, probe: PointProbe
) -> PointGroup | None:
    """Return the exact group next to what an element generates; ``None`` if there is no use."""
    # Where an element has been measured by itself and as part of the group, the latter counts.
    apart = turn_between(promising, group.elements).min(1).values > math.radians(_SAME)
    known = torch.cat([group.elements, promising[apart]])
    generators = torch.cat([group.generators, element[None]])
    try:
        closed = nearly_generated(generators, known, math.radians(_SAME), _LARGEST)
        larger = PointGroup.nearest(closed, _SAME)
    except ValueError:
        return None
    return larger if bool((probe.violations(larger.elements) < _HOPELESS).all()) else None
