"""Finite point groups: which rotations and reflections about the origin are symmetries?"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Data

from semola_geo.discovery.family import Family
from semola_geo.discovery.lie_derivative import Teacher
from semola_geo.discovery.networks import NetworkFactory
from semola_geo.discovery.point_groups.confirm import confirm_group
from semola_geo.discovery.point_groups.growth import grow_groups
from semola_geo.discovery.point_groups.response import PointProbe
from semola_geo.discovery.point_groups.search import search_elements
from semola_geo.discovery.point_groups.support import NeighbourSupport
from semola_geo.discovery.point_groups.trial import PointTrial, try_elements
from semola_geo.discovery.problem import Problem
from semola_geo.discovery.support import as_batch
from semola_geo.discovery.teachers import train_pair
from semola_geo.discovery.trust import Trust
from semola_geo.discovery.verdict import Thresholds, Verdict
from semola_geo.groups import PointGroup
from semola_geo.groups.orthogonal_grid import orthogonal_grid
from semola_geo.groups.point_group_closure import turn_between

__all__ = ["PointSymmetry", "discover_point_group", "judge_point_group"]

_COARSE, _FINE = 64, 256
# Candidates that are tested and shown beside the group; those this near belong to it.
_SHOWN, _NEAR = 6, math.radians(12)
# What leaves an element open.
_OPEN = (Verdict.UNDECIDED, Verdict.UNTESTED)
# Elements that show which share of O(3) the data support.
_SURVEY = 48


@dataclass(frozen=True)
class PointSymmetry:
    """What is known about finite symmetries.

    Attributes:
        group: The group that elements with the verdict "symmetry" span, none of whose elements is
            refuted or untested.
        verdict: "symmetry" for a group of more than one element; "no symmetry" where every
            candidate is refuted; else what keeps it open.
        complete: Whether no larger group is left open.
        trials: Tests of its elements, the identity left out.
        others: Tests of those that came closest without belonging to it, and of elements of
            proposed groups that did not pass.
        silent: Share of O(3) that leaves the data.
        searched: Number of elements of the grid.
    """

    group: PointGroup
    verdict: Verdict
    complete: bool = True
    trials: list[PointTrial] = field(default_factory=list)
    others: list[PointTrial] = field(default_factory=list)
    silent: float = float("nan")
    searched: int = 0

    @property
    def name(self) -> str:
        """Schoenflies name, ``"C_1"`` where all else is refuted; empty where that is open."""
        known = self.complete and self.verdict in (Verdict.SYMMETRY, Verdict.NONE)
        return self.group.name if known else ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "kind": "point group",
            "group": self.name,
            "verdict": str(self.verdict),
            "complete": self.complete,
            **self.group.to_dict(),
            "elements": [trial.to_dict() for trial in self.trials],
            "nearest_others": [trial.to_dict() for trial in self.others],
            "tested": dict(Counter(str(t.verdict) for t in [*self.trials, *self.others])),
            "silent": self.silent,
            "searched": self.searched,
        }


def discover_point_group(
    problem: Problem,
    factory: NetworkFactory,
    family: Family,
    limits: Thresholds,
    *,
    trust: Trust,
) -> PointSymmetry:
    """Look for a finite group of symmetries in O(3), where nothing continuous is one.

    One more pair of teachers is trained, on which elements are chosen; the family's pairs test
    them.

    Args:
        problem: The data, in the ambient group O(3).
        factory: Makes the network.
        family: Plain teachers.
        limits: Bounds of the verdicts.
        trust: How far the teachers are believed.
    """
    if not trust.reliable:
        return PointSymmetry(_trivial(), Verdict.UNDECIDED)
    settings = problem.settings
    chooser = train_pair(
        factory,
        problem.train,
        problem.target,
        problem.declared,
        problem.training(factory),
        settings.splits,
        problem.seed,
        cluster=settings.cluster,
    )
    generator = torch.Generator().manual_seed(problem.seed)
    return judge_point_group(chooser, family.pairs, problem, limits, trust, generator=generator)


def judge_point_group(
    chooser: tuple[Teacher, Teacher],
    testers: Sequence[tuple[Teacher, Teacher]],
    problem: Problem,
    limits: Thresholds,
    trust: Trust,
    *,
    generator: torch.Generator,
) -> PointSymmetry:
    """Search with one pair of teachers, round to exact groups, and test these with the others.

    Args:
        chooser: Teachers on which elements are chosen.
        testers: Teachers that test them.
        problem: The data.
        limits: Bounds of the verdicts.
        trust: How far the teachers are believed.
        generator: Chooses the graphs that show the support.
    """
    graphs = [*problem.held_out, *problem.train]
    count = problem.settings.elements

    def probe(pairs: Sequence[tuple[Teacher, Teacher]], at: Sequence[Data]) -> PointProbe:
        return PointProbe(pairs, at, problem.inputs, problem.fields[problem.target])

    fine = probe([chooser], graphs[-_FINE:])
    tester = probe(testers, graphs[: problem.settings.spectrum_graphs])
    support = NeighbourSupport(as_batch(graphs), problem.inputs, generator)

    def test(elements: Tensor) -> list[PointTrial]:
        shares = support.share(elements)
        return try_elements(tester, elements, shares, limits, trust=trust)

    found = search_elements(probe([chooser], graphs[-_COARSE:]), fine, count)
    group, trials, failed = confirm_group(grow_groups(found, fine), fine, test)
    known = torch.stack([*group.elements, *(trial.matrix for trial in failed)])
    others = [*failed, *test(_outside(found.elements, known))]
    shares = support.share(orthogonal_grid(_SURVEY))
    silent = float((shares > limits.told).double().mean())
    return PointSymmetry(
        group=group,
        verdict=_verdict(group, others, silent),
        complete=not any(trial.verdict in _OPEN for trial in failed),
        trials=trials,
        others=others,
        silent=silent,
        searched=count,
    )


def _verdict(group: PointGroup, others: Sequence[PointTrial], silent: float) -> Verdict:
    if group.order > 1:
        return Verdict.SYMMETRY
    open_verdicts = [trial.verdict for trial in others]
    if silent > 0.5:
        return Verdict.UNTESTED
    for verdict in (Verdict.UNDECIDED, Verdict.UNTESTED, Verdict.APPROXIMATE):
        if verdict in open_verdicts:
            return verdict
    return Verdict.NONE


def _outside(candidates: Tensor, known: Tensor) -> Tensor:
    """Return the least violated candidates that are none of the known elements."""
    far = turn_between(candidates, known).min(1).values > _NEAR
    return candidates[far][:_SHOWN]


def _trivial() -> PointGroup:
    return PointGroup(torch.eye(3, dtype=torch.float64)[None])
