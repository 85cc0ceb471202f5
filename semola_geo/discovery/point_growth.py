"""Grow a finite group out of single elements of O(3) that few teachers object to."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from semola_geo.discovery.point_response import PointProbe
from semola_geo.discovery.point_search import Candidates, refine_elements
from semola_geo.groups import PointGroup
from semola_geo.groups.point_group_closure import spanned, turn_between

__all__ = ["grow_group", "largest_subgroup"]

# An element goes on to the test where its relative violation is below this on its own graphs.
_PROMISING = 0.15
# Products this near to a known element are that element; rounding allows as much.
_SAME = math.radians(12)
_LARGEST = 120
# Products to glance at first, and the violation beyond which refining one is in vain.
_GLANCE, _HOPELESS = 8, 0.4
# Groups to grow, each from another first element.
_ATTEMPTS = 4


def grow_group(candidates: Candidates, probe: PointProbe) -> PointGroup:
    """Return the largest exact group next to promising elements.

    Elements are added in order of their violation, with all products; a product that is no
    candidate is refined and has to be promising itself. What does not close is left out. The group
    of what remains is rounded to the nearest exact one.

    Args:
        candidates: Local minima of the violation.
        probe: Graphs and the pair of teachers that elements are chosen on.
    """
    promising = candidates.elements[candidates.violations < _PROMISING]
    best = PointGroup(torch.eye(3, dtype=torch.float64)[None])
    covered = torch.zeros(len(promising), dtype=torch.bool)
    for _ in range(_ATTEMPTS):
        if bool(covered.all()):
            break
        first = int((~covered).nonzero()[0])
        order = torch.cat([torch.tensor([first]), torch.arange(len(promising))])
        group = _grow(promising[order], promising, probe)
        covered[first] = True
        covered |= turn_between(promising, group.elements).min(1).values < _SAME
        if group.order > best.order:
            best = group
    return best


def largest_subgroup(
    group: PointGroup, accepted: Sequence[Tensor], undecided: Sequence[Tensor] = ()
) -> PointGroup:
    """Return the largest subgroup that accepted elements span and no other element contradicts.

    Products of symmetries are symmetries, so that an element the test leaves undecided belongs to
    the group of those that passed; one that is refuted or untested keeps it out.

    Args:
        group: The group.
        accepted: Elements ``[3, 3]`` of it; the identity counts as accepted in any case.
        undecided: Elements that may be spanned, but span nothing.

    >>> group = PointGroup.from_name("C_2v")
    >>> largest_subgroup(group, list(group.elements[:2])).order
    2
    """
    passed = [torch.eye(3, dtype=torch.float64), *accepted]
    allowed = group.indices(torch.stack(passed))
    bearable = set(group.indices(torch.stack([*passed, *undecided])))
    best: frozenset[int] = frozenset()
    for first in allowed:
        chosen: list[int] = []
        found: frozenset[int] = frozenset()
        for index in [first, *allowed]:
            if index not in found:
                larger = spanned(group.table, [*chosen, index])
                if larger <= bearable:
                    chosen, found = [*chosen, index], larger
        best = max(best, found, key=len)
    return group.subgroup(sorted(best))


def _grow(ordered: Tensor, promising: Tensor, probe: PointProbe) -> PointGroup:
    elements = torch.eye(3, dtype=torch.float64)[None]
    group = PointGroup(elements)
    for element in ordered:
        if float(turn_between(element[None], elements).min()) < _SAME:
            continue
        closed = _closed(torch.cat([elements, element[None]]), promising, probe)
        if closed is None:
            continue
        try:
            group = PointGroup.nearest(closed, math.degrees(_SAME))
        except ValueError:
            continue
        elements = closed
    return group


def _closed(elements: Tensor, promising: Tensor, probe: PointProbe) -> Tensor | None:
    """Add products until there are no new ones; ``None`` where one of them is no symmetry."""
    while len(elements) <= _LARGEST:
        products = torch.einsum("aij,bjk->abik", elements, elements).flatten(0, 1)
        new = products[turn_between(products, elements).min(1).values > _SAME]
        if not len(new):
            return elements
        new = _distinct(new)
        angles, nearest = turn_between(new, promising).min(1)
        known = angles <= _SAME
        # Most sets that do not close show it at a few products, long before any is refined.
        if bool((probe.violations(new[~known][:_GLANCE]) > _HOPELESS).any()):
            return None
        refined, violations = refine_elements(probe, new[~known])
        if bool((~(violations < _PROMISING)).any()):
            return None
        found = torch.cat([promising[nearest[known]], refined])
        fresh = found[turn_between(found, elements).min(1).values > _SAME]
        if not len(fresh):
            return None  # Elements drift into each other: these are no group.
        elements = torch.cat([elements, _distinct(fresh)])
    return None


def _distinct(elements: Tensor) -> Tensor:
    kept: list[Tensor] = []
    for element in elements:
        if not kept or float(turn_between(element[None], torch.stack(kept)).min()) > _SAME:
            kept.append(element)
    return torch.stack(kept)
