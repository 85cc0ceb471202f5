"""From teachers to the group of node exchanges that the target allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch_geometric.data import Data

from semola_geo.discovery.family import Family
from semola_geo.discovery.problem import Problem
from semola_geo.discovery.slots.growth import GroupGrowth
from semola_geo.discovery.slots.response import SlotProbe
from semola_geo.discovery.slots.support import SlotSupport
from semola_geo.discovery.support import as_batch
from semola_geo.discovery.verdict import Thresholds
from semola_geo.groups import PermutationSubgroup

__all__ = ["ExchangeFindings", "exchange_stage"]

_CHOOSING_GRAPHS = 128
_SHOWN = 8


@dataclass(frozen=True)
class ExchangeFindings:
    """What is known about permutations of node slots.

    Attributes:
        group: The group of those that were accepted.
        evidence: What it rests on, as plain values: verdicts of its generators, nearest misses.
        agreement: Correlation of the predictions of independent teachers.
    """

    group: PermutationSubgroup
    evidence: dict[str, Any]
    agreement: float


def exchange_stage(
    problem: Problem, family: Family, num_slots: int, limits: Thresholds
) -> ExchangeFindings:
    """Find the permutations that teachers allow.

    All exchanges of two slots are tested on all pairs. Further elements are learned on one pair,
    guided by the orbits of what was found, and tested on the others. Accepted elements generate
    the group, whose readable generators are tested once more.

    Args:
        problem: The data.
        family: Teachers that were never augmented by a permutation.
        num_slots: n.
        limits: Bounds of the verdicts.
    """
    pairs, settings = family.pairs, problem.settings
    generator = torch.Generator().manual_seed(problem.seed)
    graphs = [*problem.held_out, *problem.train]
    judging, choosing = graphs[: settings.spectrum_graphs], graphs[-_CHOOSING_GRAPHS:]

    def probe(chosen: Sequence[Any], at: list[Data]) -> SlotProbe:
        return SlotProbe(chosen, at, problem.inputs, problem.fields[problem.target], num_slots)

    everywhere = probe(pairs, judging)
    growth = GroupGrowth(
        probe=everywhere,
        chooser=probe(pairs[:1], choosing),
        tester=probe(pairs[1:] or pairs, judging),
        support=SlotSupport(
            as_batch([*problem.train, *problem.held_out]), problem.inputs, num_slots, generator
        ),
        trust=family.trust.given(everywhere.agreement, limits.agreement),
        limits=limits,
        starts=settings.starts,
        steps=settings.search_steps,
        generator=generator,
    )
    found = growth.settle(growth.grow())
    return ExchangeFindings(found, _evidence(growth, found.generators), everywhere.agreement)


def _evidence(growth: GroupGrowth, generators: Sequence[tuple[int, ...]]) -> dict[str, Any]:
    """Return what the group rests on: its generators, the nearest misses, and counts."""
    trials = growth.trials
    others = [trial for image, trial in trials.items() if image not in generators]
    rejected = [t for t in others if str(t.verdict) != "symmetry"]
    rejected.sort(key=lambda trial: (trial.violation != trial.violation, trial.interval[0]))
    return {
        "verdicts": [trials[image].to_dict() for image in generators],
        "nearest_others": [trial.to_dict() for trial in rejected[:_SHOWN]],
        "tested": dict(Counter(str(trial.verdict) for trial in trials.values())),
        "reliable": growth.trust.reliable,
    }
