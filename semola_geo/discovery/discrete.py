"""What a group has beside its connected part: reflections, time reversal, permutations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from semola_geo.discovery.components.component import Component
from semola_geo.discovery.components.parity import discover_parity, follow
from semola_geo.discovery.components.reversal import judge_reversal
from semola_geo.discovery.continuous import ContinuousFindings
from semola_geo.discovery.point_groups.symmetry import discover_point_group
from semola_geo.discovery.problem import Problem
from semola_geo.discovery.provenance import Stopwatch
from semola_geo.discovery.slots.exchange import exchange_stage
from semola_geo.discovery.verdict import Thresholds, Verdict

__all__ = ["discover_discrete"]


def discover_discrete(
    problem: Problem,
    found: ContinuousFindings,
    limits: Thresholds,
    watch: Stopwatch,
    tell: Callable[[str, float], None],
    num_slots: int | None = None,
    time: bool = False,
) -> dict[str, Any]:
    """Test what is no direction of the algebra, on the same teachers.

    Args:
        problem: The data.
        found: What is known about the connected group.
        limits: Bounds of the verdicts.
        watch: Times the stages.
        tell: Told the name of each stage that begins.
        num_slots: Number of node slots whose permutations are in question; ``None``: none are.
        time: Whether time reversal is in question.

    Returns:
        Attributes of the report: ``components``, ``point_group``, ``permutations``, ``exchange``,
        as far as they apply.
    """
    family, group = found.families[0], problem.group
    trust = family.trust.given(found.spectrum.agreement, limits.agreement)
    parts: dict[str, Any] = {"components": []}
    reflections: list[Component] | None = None
    # A finite rotation is no finding of its own while those about its axis are in question.
    in_question = trust.reliable and Verdict.UNDECIDED in found.spectrum.verdicts
    if group.reflections and problem.settings.output == "unknown":
        found.notes.append(
            "Reflections were not tested: how they move the target has to be declared."
        )
    elif group.name == "O(3)" and found.algebra.dim == 0 and not in_question:
        tell("searching for a finite group", 0.8)
        finite = discover_point_group(problem, found.factory, family, limits, trust=trust)
        parts |= {"components": [finite.to_dict()], "point_group": finite.group}
        watch.lap("finite group")
    elif group.reflections:
        tell("testing reflections", 0.9)
        reflections = discover_parity(
            problem,
            family.pairs,
            found.algebra,
            limits,
            trust=trust,
            extents=found.details.get("extents"),
        )
        parts["components"] = [component.to_dict() for component in reflections]
        watch.lap("reflections")
    if time:
        tell("testing time reversal", 0.93)
        reversals = judge_reversal(
            family.pairs,
            [*problem.held_out, *problem.train],
            problem.inputs,
            problem.fields[problem.target],
            limits,
            # Far out along a group that is not compact teachers are asked about nothing they know.
            transform=follow(problem, found.algebra, found.details.get("extents"))
            if group.orthogonal
            else None,
            reflections=reflections,
            judging=problem.settings.spectrum_graphs,
            seed=problem.seed,
            trust=trust,
        )
        parts["components"] += [component.to_dict() for component in reversals]
        watch.lap("time reversal")
    if num_slots is not None:
        tell("testing permutations", 0.95)
        exchange = exchange_stage(problem, family, num_slots, limits)
        parts |= {"permutations": exchange.group, "exchange": exchange.evidence}
        watch.lap("permutations")
    return parts
