"""Discovery where coordinates are not moved: exchanges of nodes, time reversal, or both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import torch
from torch_geometric.data import Data

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery.components.reversal import judge_reversal
from semola_geo.discovery.family import train_family
from semola_geo.discovery.problem import Problem
from semola_geo.discovery.provenance import Stopwatch, versions
from semola_geo.discovery.report import SymmetryReport
from semola_geo.discovery.slots.exchange import exchange_stage
from semola_geo.discovery.spectrum import Spectrum
from semola_geo.discovery.teachers import agreement_of
from semola_geo.discovery.verdict import Thresholds
from semola_geo.fields import space_dimension
from semola_geo.groups import AmbientFactors, AmbientGroup

__all__ = ["discover_motionless", "still_ambient"]


def still_ambient(dataset: Sequence[Data], fields: Mapping[str, str], name: str) -> AmbientGroup:
    """Return S(n), or time reversal, as an ambient group: discrete, its Lie algebra is zero.

    >>> graph = Data(pos=torch.zeros(4, 2))
    >>> still_ambient([graph], {"pos": "point@slot"}, "S(4)").dimension
    2
    """
    dimension = space_dimension(fields, dataset[0]) if len(dataset) else 3
    return AmbientGroup(
        name=name,
        dimension=dimension,
        affine=False,
        orthogonal=True,
        reflections=False,
        basis=torch.zeros(0, dimension, dimension, dtype=torch.float64),
    )


def discover_motionless(
    problem: Problem,
    factors: AmbientFactors,
    limits: Thresholds,
    tell: Callable[[str, float], None],
) -> SymmetryReport:
    """Discover which permutations of node slots leave a task as it is, and if time may be reversed.

    Args:
        problem: The data, checked, in a discrete ambient group.
        factors: Its factors, of which none is continuous.
        limits: Bounds of the verdicts.
        tell: Told the name of each stage that begins.
    """
    watch, permutes = Stopwatch(), factors.num_slots is not None
    tell("training teachers", 0.05)
    factory = problem.choose_network() if len(problem.factories) > 1 else problem.factories[0]
    # One pair beyond those that test: learned permutations are chosen on it.
    family = train_family(problem, factory, limits, splits=problem.settings.splits + permutes)
    watch.lap("teachers")
    graphs = [*problem.held_out, *problem.train]
    parts: dict[str, Any] = {}
    if factors.time:
        tell("testing time reversal", 0.6)
        agreement = agreement_of(family.pairs, problem.spectrum_loader())
        reversals = judge_reversal(
            family.pairs,
            graphs,
            problem.inputs,
            problem.fields[problem.target],
            limits,
            judging=problem.settings.spectrum_graphs,
            seed=problem.seed,
            trust=family.trust.given(agreement, limits.agreement),
        )
        parts["components"] = [component.to_dict() for component in reversals]
        watch.lap("time reversal")
    if factors.num_slots is not None:
        tell("testing permutations", 0.7)
        exchange = exchange_stage(problem, family, factors.num_slots, limits)
        parts |= {"permutations": exchange.group, "exchange": exchange.evidence}
        agreement = exchange.agreement
        watch.lap("permutations")
    size = problem.group.dimension
    support = ["Gaussian likelihood"] * permutes + ["discriminant of motions"] * factors.time
    return SymmetryReport(
        algebra=LieAlgebra(torch.zeros(0, size, size)),
        spectrum=Spectrum.empty(problem.group, problem.center, agreement),
        teacher_r2=family.r2,
        seed=problem.seed,
        details={
            "target": problem.target,
            "settings": {
                **asdict(problem.settings),
                **asdict(limits),
                "support_method": ", ".join(support),
            },
            "timing": watch.laps,
            "versions": versions(),
            "agreement": agreement,
        },
        **parts,
    )
