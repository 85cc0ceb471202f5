"""From a data set to the group of node exchanges that its target allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import torch
from torch import nn
from torch_geometric.data import Data

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery.exchange_problem import exchange_ambient, slot_fields
from semola_geo.discovery.family import train_family
from semola_geo.discovery.problem import Problem
from semola_geo.discovery.provenance import Stopwatch, versions
from semola_geo.discovery.report import SymmetryReport
from semola_geo.discovery.settings import DiscoverySettings
from semola_geo.discovery.slot_group import GroupGrowth
from semola_geo.discovery.slot_response import SlotProbe
from semola_geo.discovery.slot_support import SlotSupport
from semola_geo.discovery.spectrum import Spectrum
from semola_geo.discovery.support import as_batch
from semola_geo.discovery.verdict import Thresholds
from semola_geo.models import SlotMLP

__all__ = ["discover_permutations"]

# Slot networks are small and learn fast; chosen by R² on the generated tasks.
_RATE = 1e-2
_CHOOSING_GRAPHS = 128
_SHOWN = 8


def discover_permutations(
    dataset: Sequence[Data],
    target: str,
    fields: Mapping[str, str],
    num_slots: int,
    model: nn.Module | Callable[[], nn.Module] | None,
    seed: int,
    settings: DiscoverySettings,
    limits: Thresholds,
    tell: Callable[[str, float], None],
) -> SymmetryReport:
    """Discover which permutations of node slots leave a task as it is.

    Teachers are trained in pairs on disjoint halves. All exchanges of two slots are tested on all
    pairs. Further elements are learned on one pair, guided by the orbits of what was found, and
    tested on the others. Accepted elements generate the group, whose readable generators are
    tested once more.

    Arguments and errors are those of :func:`semola_geo.discover_symmetry`.
    """
    group = exchange_ambient(dataset, fields, num_slots)
    problem = Problem.prepare(dataset, target, fields, group, model, seed, settings)
    everything = as_batch([*problem.train, *problem.held_out])
    slot_fields(problem, everything, num_slots)
    watch = Stopwatch()
    tell("training teachers", 0.05)
    factory = problem.choose_network() if len(problem.factories) > 1 else problem.factories[0]
    training = problem.training(factory)
    if isinstance(factory(seed), SlotMLP):
        training = replace(training, lr=_RATE)
    # One pair beyond those that test: learned permutations are chosen on it.
    family = train_family(problem, factory, limits, settings=training, splits=settings.splits + 1)
    pairs = family.pairs
    watch.lap("teachers")
    tell("testing permutations", 0.7)
    generator = torch.Generator().manual_seed(seed)
    graphs = [*problem.held_out, *problem.train]
    judging, choosing = graphs[: settings.spectrum_graphs], graphs[-_CHOOSING_GRAPHS:]
    representation = problem.fields[target]

    def probe(chosen: Sequence[Any], at: list[Data]) -> SlotProbe:
        return SlotProbe(chosen, at, problem.inputs, representation, num_slots)

    everywhere = probe(pairs, judging)
    reliable = family.reliable and everywhere.agreement > limits.agreement
    growth = GroupGrowth(
        probe=everywhere,
        chooser=probe(pairs[:1], choosing),
        tester=probe(pairs[1:] or pairs, judging),
        support=SlotSupport(everything, problem.inputs, num_slots, generator),
        reliable=reliable,
        limits=limits,
        starts=settings.starts,
        steps=settings.search_steps,
        generator=generator,
    )
    found = growth.settle(growth.grow())
    watch.lap("permutations")
    return SymmetryReport(
        algebra=LieAlgebra(torch.zeros(0, group.dimension, group.dimension)),
        spectrum=Spectrum.empty(group, problem.center, everywhere.agreement),
        teacher_r2=family.r2,
        seed=seed,
        permutations=found,
        exchange=_evidence(growth, found.generators),
        details={
            "target": target,
            "settings": {**asdict(settings), **asdict(limits), "support": "Gaussian likelihood"},
            "timing": watch.laps,
            "versions": versions(),
            "agreement": everywhere.agreement,
        },
    )


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
        "reliable": growth.reliable,
    }
