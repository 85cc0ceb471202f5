"""The continuous part of a discovery: teachers, spectrum, refinement, evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery.ask_labels import ask_labels
from semola_geo.discovery.confirm import confirm
from semola_geo.discovery.family import Family, train_family
from semola_geo.discovery.networks import NetworkFactory
from semola_geo.discovery.output.stage import (
    find_output_of,
    prepare_confirmation,
    unknown_output_spectrum,
)
from semola_geo.discovery.problem import Problem
from semola_geo.discovery.provenance import Stopwatch, versions
from semola_geo.discovery.sequential import discover_sequentially
from semola_geo.discovery.single_stage import single_model_estimates
from semola_geo.discovery.spectrum import Spectrum
from semola_geo.discovery.verdict import Thresholds

__all__ = ["ContinuousFindings", "discover_continuous"]


@dataclass(frozen=True)
class ContinuousFindings:
    """What is known about the connected group, and the teachers that further stages may ask.

    Attributes:
        algebra: What was found, in the data's units.
        spectrum: Directions and verdicts.
        factory: Makes the network that was chosen.
        families: Teachers; those of the first family were never augmented by a rotation, a
            reflection or a permutation.
        details: Further plain values for the report.
        notes: What a reader should know.
    """

    algebra: LieAlgebra
    spectrum: Spectrum
    factory: NetworkFactory
    families: list[Family]
    details: dict[str, Any]
    notes: list[str]


def discover_continuous(
    problem: Problem,
    limits: Thresholds,
    watch: Stopwatch,
    tell: Callable[[str, float], None],
    *,
    splits: int | None = None,
    known: Any = None,
) -> ContinuousFindings:
    """Judge every direction of the ambient algebra.

    Args:
        problem: The data.
        limits: Bounds of the verdicts.
        watch: Times the stages.
        tell: Told the name of each stage that begins.
        splits: Splits of the plain teachers; as the settings say when ``None``.
        known: Representation of the target as it was declared, with which an unknown one that is
            found is compared.
    """
    settings = problem.settings
    unknown = settings.output == "unknown"
    tell("choosing a network", 0.0)
    factory = problem.choose_network()
    watch.lap("choice of network")
    support = problem.measure_support()
    watch.lap("support")
    tell("training teachers", 0.1)
    plain = train_family(problem, factory, limits, splits=splits)
    families, sequence = [plain], None
    watch.lap("teachers")
    # Help along a direction moves the target as well: it has to be known how.
    if not plain.reliable and settings.refine and not unknown:
        tell("training augmented teachers", 0.2)
        problem.be_patient()
        sequence = discover_sequentially(problem, factory, support, limits)
        watch.lap("augmented teachers")
    tell("taking the spectrum", 0.5)
    if sequence is not None and sequence.spectrum is not None:
        spectrum, families = sequence.spectrum, sequence.families
    elif unknown:
        spectrum = unknown_output_spectrum(problem, plain, support, limits)
    else:
        forms = problem.forms(plain.pairs)
        spectrum = problem.assemble(forms, support, limits, trust=plain.trust)
    watch.lap("spectrum")
    details: dict[str, Any] = {"target": problem.target}
    if settings.single_model:
        details["single_model"] = single_model_estimates(problem, plain)
        watch.lap("single models")
    notes: list[str] = []
    from_plain = spectrum
    if settings.refine and families[-1].reliable:
        tell("refining and testing", 0.55)
        confirmable, obstacles = prepare_confirmation(problem, spectrum, limits)
        notes += obstacles
        if confirmable is not None:
            scores = [family.r2 for family in families]
            spectrum, found = confirm(confirmable, factory, spectrum, support, limits, scores)
            notes += found.pop("notes", [])
            details |= found
        watch.lap("refinement")
    if sequence is None and not unknown and plain.reliable:
        spectrum = ask_labels(problem, plain.pairs, spectrum, limits)
        watch.lap("labels about violations")
    details |= {
        "settings": {
            **asdict(settings),
            **asdict(limits),
            # Not "support", which is the bound on it.
            "support_method": support.method if support else "not measured",
            "patience": problem.patience,
        },
        "versions": versions(),
        "agreement": spectrum.agreement,
    }
    if sequence is not None:
        details["plain_teacher_r2"] = plain.r2
        if sequence.spectrum is not None:
            details["helpers"] = sequence.helpers
        else:
            notes.append(sequence.obstacle)
    if sequence is None and not unknown:
        spectrum = replace(spectrum, change=problem.change(plain.pairs))
        watch.lap("change of the target")
    algebra = details.pop("algebra", None) or spectrum.algebra
    if unknown:
        details["output"] = find_output_of(problem, from_plain, algebra, known)
    return ContinuousFindings(algebra, spectrum, factory, families, details, notes)
