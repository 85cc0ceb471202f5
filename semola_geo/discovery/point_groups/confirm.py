"""Test proposed point groups, and keep what passes of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from semola_geo.discovery.point_groups.response import PointProbe
from semola_geo.discovery.point_groups.search import align
from semola_geo.discovery.point_groups.trial import PointTrial
from semola_geo.discovery.verdict import Verdict
from semola_geo.groups import PointGroup
from semola_geo.groups.point_group_closure import spanned, turn_between

__all__ = ["confirm_group", "largest_subgroup"]

# Degrees within which two tested elements are one.
_SAME = math.radians(12)


def confirm_group(
    proposals: Sequence[PointGroup],
    probe: PointProbe,
    test: Callable[[Tensor], list[PointTrial]],
) -> tuple[PointGroup, list[PointTrial], list[PointTrial]]:
    """Return the largest group that passes, out of proposed groups and their subgroups.

    Of a proposal that fails in part, the subgroup that is left goes through the test once more,
    turned to where it violates least by itself: false elements pull the true ones along.

    Args:
        proposals: Exact groups.
        probe: Graphs and the pair of teachers that groups are turned on.
        test: Tests elements ``[K, 3, 3]`` on other teachers.

    Returns:
        The group, the tests of its elements but the identity, and the tests of elements of
        proposals that are none of its own.
    """
    best, evidence = PointGroup(torch.eye(3, dtype=torch.float64)[None]), list[PointTrial]()
    left, failed = list(proposals), list[PointTrial]()
    while left:
        proposed = max(left, key=lambda group: group.order)
        left.remove(proposed)
        if proposed.order <= best.order:
            break
        trials = test(proposed.elements[proposed.moving])
        passed = largest_subgroup(
            proposed,
            [trial.matrix for trial in trials if trial.verdict is Verdict.SYMMETRY],
            [trial.matrix for trial in trials if trial.verdict is Verdict.UNDECIDED],
        )
        if passed.order == proposed.order:
            best, evidence = proposed, trials
            continue
        failed += [trial for trial in trials if not passed.contains(trial.matrix)]
        left.append(align(probe, passed))
    return best, evidence, _distinct(failed, best)


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


def _distinct(trials: Sequence[PointTrial], group: PointGroup) -> list[PointTrial]:
    """Drop tests of elements that were tested before or belong to a group."""
    kept: list[PointTrial] = []
    seen = group.elements
    for trial in trials:
        if not bool((turn_between(trial.matrix[None], seen) < _SAME).any()):
            kept.append(trial)
            seen = torch.cat([seen, trial.matrix[None]])
    return kept
