"""Compare a report with the truth, direction by direction and as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery import Spectrum, SymmetryReport, Thresholds, Verdict
from semola_geo.discovery.spectrum import to_data_units
from semola_geo.ground_truth.output import output_score
from semola_geo.ground_truth.task import GroundTruthTask
from semola_geo.ground_truth.truth import truth_along

__all__ = ["limits_of", "mistake", "outcome", "score", "strength"]

# Share of the displacement that leaves the data, above which a direction truly is untested.
_LEAVING = 0.25


def limits_of(cell: Mapping[str, Any]) -> Thresholds:
    """Return the bounds of the verdicts that the configuration of a cell asks for.

    Args:
        cell: Configuration; what ``discovery`` does not say about thresholds is as by default.

    Raises:
        TypeError: For an unknown threshold.

    >>> limits_of({"discovery": {"thresholds": {"symmetry": 0.05}}}).symmetry
    0.05
    """
    return Thresholds(**cell.get("discovery", {}).get("thresholds", {}))


def mistake(
    verdict: str, violation: float, leaving: float, thresholds: Thresholds | None = None
) -> str:
    """Say what is wrong about the verdict on a direction; empty if nothing is.

    A verdict is wrong where it asserts a bound that the truth misses by more than a factor of two.
    "Undecided" asserts nothing.

    Args:
        verdict: The verdict.
        violation: True relative violation; NaN where labels are pure noise.
        leaving: True share of the displacement that leaves the data.
        thresholds: Bounds of the verdicts.

    >>> mistake("symmetry", violation=0.3, leaving=0.0)
    'false symmetry'
    >>> mistake("symmetry", violation=0.0, leaving=0.9)
    'untested symmetry'
    >>> mistake("no symmetry", violation=0.0, leaving=0.0)
    'missed symmetry'
    """
    limits = thresholds or Thresholds()
    untested = leaving > _LEAVING
    noise = violation != violation
    match Verdict(verdict):
        case Verdict.UNDECIDED:
            return ""
        case Verdict.UNTESTED:
            return "" if untested else "taken for untested"
        case Verdict.SYMMETRY:
            if untested:
                return "untested symmetry"
            return "false symmetry" if noise or violation >= 2 * limits.symmetry else ""
        case Verdict.NONE:
            if untested or noise:
                return "claim without evidence"
            return "missed symmetry" if violation <= limits.symmetry / 2 else ""
        case Verdict.APPROXIMATE:
            if untested or noise:
                return "claim without evidence"
            inside = limits.symmetry / 2 < violation < 2 * limits.broken
            return "" if inside else "wrong strength"


def score(
    task: GroundTruthTask, report: SymmetryReport, thresholds: Thresholds | None = None
) -> dict[str, Any]:
    """Return plain values: what was found, what is true, and what is wrong.

    Args:
        task: The task.
        report: What discovery says about its data.
        thresholds: Bounds of the verdicts that discovery was given.
    """
    spectrum = report.spectrum
    # Where the output's action was left open, so is that of the truth.
    truth = truth_along(task, spectrum.generators(), declared="output" not in report.details)
    directions = [
        {
            "verdict": str(verdict),
            "violation": float(spectrum.eigenvalues[index]),
            "interval": spectrum.intervals[index].tolist(),
            "noise": float(spectrum.noise[index]),
            "support": float(spectrum.support[index]),
            "true_violation": _number(truth.violation[index]),
            "true_leaving": float(truth.leaving[index]),
            "mistake": mistake(
                str(verdict),
                float(truth.violation[index]),
                float(truth.leaving[index]),
                thresholds,
            ),
        }
        for index, verdict in enumerate(spectrum.verdicts)
    ]
    single = report.details.get("single_model", {})
    found = {
        "dimension": report.dimension,
        "true_dimension": task.symmetry.dim,
        "name": report.name,
        "true_name": task.symmetry.name,
        "angle": _angle(task, report.algebra, report.length_scale),
        "directions": directions,
        "reflections": _reflections(task, report),
        "strength": strength(task, spectrum),
        "closure_defect": report.details.get("closure_defect"),
        "output": output_score(
            task,
            report.details.get("output"),
            report.algebra,
            report.length_scale,
            spectrum.center,
        ),
        "teacher_r2": report.teacher_r2,
        "agreement": spectrum.agreement,
        "notes": report.details.get("notes", []),
        "evidence": report.details.get("evidence", []),
        "timing": report.details.get("timing", {}),
        "single_model": {
            name: {
                "dimension": estimate["dimension"],
                "angle": _angle(task, _span(estimate, spectrum), report.length_scale),
            }
            for name, estimate in single.items()
        },
    }
    return {**found, "outcome": outcome(found)}


def outcome(found: Mapping[str, Any]) -> str:
    """Sum a cell up: ``"right"``, ``"wrong"``, or ``"undecided"`` if it is short of the truth.

    >>> outcome({"directions": [], "reflections": None, "dimension": 2, "true_dimension": 3})
    'undecided'
    """
    mistakes = any(direction["mistake"] for direction in found["directions"])
    reflections = found["reflections"] or {}
    if mistakes or reflections.get("mistake") or found["dimension"] > found["true_dimension"]:
        return "wrong"
    return "right" if found["dimension"] == found["true_dimension"] else "undecided"


def strength(task: GroundTruthTask, spectrum: Spectrum) -> dict[str, Any] | None:
    """Return true and measured violation along the weakly broken direction of a task.

    ``"true"`` and ``"measured"`` are relative violations, ``"true_change"`` and ``"change"`` (with
    its bounds) how much the target changes, in its deviations.
    """
    if task.weak is None or not spectrum.forms:
        return None
    weak = task.weak
    if spectrum.ambient.affine:
        weak = weak.normalize(spectrum.length_scale, spectrum.center)
    direction = spectrum.ambient.coordinates(weak)[0]
    violation = sum(float(direction @ form.violation @ direction) for form in spectrum.forms)
    scale = sum(float(direction @ form.scale @ direction) for form in spectrum.forms)
    true = truth_along(task, task.weak.generators)
    found: dict[str, Any] = {"true": float(true.violation[0]), "measured": violation / scale}
    if spectrum.change is not None:
        unit = direction / direction.norm()
        algebra = to_data_units(
            unit[None], spectrum.ambient, spectrum.length_scale, spectrum.center
        )
        found["true_change"] = float(truth_along(task, algebra.generators).change[0])
        found["change"] = spectrum.change.along(unit[:, None])[0].tolist()
    return found


def _angle(task: GroundTruthTask, algebra: LieAlgebra, length_scale: float) -> float | None:
    """Largest principal angle in degrees, where the dimension is right and not zero."""
    if algebra.dim != task.symmetry.dim or not algebra.dim:
        return None
    return max(task.symmetry.principal_angles(algebra, length_scale))


def _span(estimate: Mapping[str, Any], spectrum: Spectrum) -> LieAlgebra:
    size = spectrum.ambient.basis.shape[-1]
    generators = torch.tensor(estimate["generators"], dtype=torch.float64)
    return LieAlgebra(generators.reshape(-1, size, size), affine=spectrum.ambient.affine)


def _reflections(task: GroundTruthTask, report: SymmetryReport) -> dict[str, str] | None:
    """Verdict on reflections; wrong if it contradicts the truth."""
    if task.reflections is None:
        return None
    verdict = next((str(part["verdict"]) for part in report.components), str(Verdict.UNDECIDED))
    refuted, claimed = verdict == Verdict.NONE, verdict == Verdict.SYMMETRY
    wrong = refuted if task.reflections else claimed
    return {"verdict": verdict, "mistake": "wrong about reflections" if wrong else ""}


def _number(value: torch.Tensor) -> float | None:
    return None if bool(value.isnan()) else float(value)
