"""Discovery where nothing is known about the output's representation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery.candidate import propose
from semola_geo.discovery.family import Family
from semola_geo.discovery.measure import unknown_output_forms
from semola_geo.discovery.output.finding import find_output
from semola_geo.discovery.problem import Problem
from semola_geo.discovery.spectrum import Spectrum
from semola_geo.discovery.support import Support
from semola_geo.discovery.verdict import Thresholds
from semola_geo.fields import Fields
from semola_geo.representations import Representation, parse_representation

__all__ = ["find_output_of", "prepare_confirmation", "unknown_output_spectrum"]


def unknown_output_spectrum(
    problem: Problem, family: Family, support: Support | None, limits: Thresholds
) -> Spectrum:
    """Return the spectrum with the output's action eliminated, and that action.

    Args:
        problem: The data, the target declared as plain numbers.
        family: Teachers.
        support: Share of each displacement that leaves the data.
        limits: Bounds of the verdicts.
    """
    forms, action = unknown_output_forms(
        family.pairs,
        problem.spectrum_loader(),
        problem.fields,
        problem.inputs,
        problem.target,
        problem.generators,
    )
    spectrum = problem.assemble(forms, support, limits, trust=family.trust)
    return replace(spectrum, output=action)


def prepare_confirmation(
    problem: Problem, spectrum: Spectrum, limits: Thresholds
) -> tuple[Problem | None, list[str]]:
    """Declare the target as what it was recognised to be, so that a candidate can be enforced.

    Args:
        problem: The data.
        spectrum: Spectrum from plain teachers.
        limits: Bounds of the verdicts.

    Returns:
        The problem to confirm candidates of, ``None`` where the target cannot be moved; notes.
    """
    if spectrum.output is None:
        return problem, []
    chosen = propose(spectrum, limits)
    finding = None
    if bool(chosen.any()):
        finding = find_output(spectrum.output, spectrum.span(chosen), spectrum)
    if finding is None:
        return None, []
    text = finding.representation
    if text is None:
        return None, [
            "not refined, and not tested on labels: the representation of the target is none "
            "that fields can be declared as, so that the target cannot be moved"
        ]
    shape = parse_representation(text).shape(problem.group.dimension)
    stored = tuple(problem.train[0][problem.target].shape[1:])
    if shape and stored[-len(shape) :] != shape:
        return None, [
            f"not refined, and not tested on labels: the target is a {text!r} stored as {stored}; "
            f"give it trailing axes {shape}"
        ]
    declared = {**problem.declared, problem.target: text}
    fields = Fields(declared, problem.fields.dimension)
    return replace(problem, declared=declared, fields=fields), []


def find_output_of(
    problem: Problem,
    plain: Spectrum,
    algebra: LieAlgebra,
    declared: str | Representation | None,
) -> dict[str, Any] | None:
    """Return plain values about how the target transforms under the algebra that was found.

    Args:
        problem: The data.
        plain: Spectrum from plain teachers, with the action along all directions.
        algebra: The algebra of the report, in the data's units.
        declared: What the user said about the target, if anything.

    Raises:
        ValueError: If what the user said is no representation.
    """
    if plain.output is None:
        return None
    stated = None
    if declared is not None:
        text = {problem.target: declared}
        stated = Fields(text, problem.group.dimension)[problem.target]
    finding = find_output(plain.output, algebra, plain, stated)
    return None if finding is None else finding.to_dict()
