"""Confirm a candidate algebra: refine it jointly, and test it on held-out labels."""

from __future__ import annotations

from typing import Any

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery.candidate import propose, without_worst
from semola_geo.discovery.curve import DISTANCES, equivariance_curve
from semola_geo.discovery.evidence import Evidence, compare_on
from semola_geo.discovery.networks import NetworkFactory
from semola_geo.discovery.problem import Problem
from semola_geo.discovery.refine import refine
from semola_geo.discovery.spectrum import Spectrum
from semola_geo.discovery.support import Support, as_batch
from semola_geo.discovery.teachers import train_teacher
from semola_geo.discovery.verdict import Thresholds, Verdict
from semola_geo.training import SymmetryRegularizedModule
from semola_geo.transforms import LearnableSymmetryTransform, reach

__all__ = ["confirm"]

# A spurious generator escapes its cost by shrinking its extent (from 1; true ones grow): a model
# that was hardly augmented says nothing about the symmetry.
_LEAST_EXTENT = 0.5

_CLOSED = 1e-6


def confirm(
    problem: Problem,
    factory: NetworkFactory,
    spectrum: Spectrum,
    support: Support | None,
    limits: Thresholds,
) -> tuple[Spectrum, dict[str, Any]]:
    """Refine the candidate that a spectrum proposes, test it on labels, and judge again.

    A candidate that neither teachers nor labels establish (it costs accuracy on held-out labels, or
    its extents shrink in order not to) loses its most violated direction and is tried again, up to
    ``settings.attempts`` times.

    Args:
        problem: The data.
        factory: Makes the network.
        spectrum: Spectrum from plain teachers; they also judge the refined directions.
        support: Share of each displacement that leaves the data.
        limits: Bounds of the verdicts.

    Returns:
        The spectrum with the refined candidate's directions kept together, and plain values for
        the report (``"algebra"``: the refined algebra, where all of it was accepted).
    """
    settings = problem.training(factory, refine=True)
    seed = 1000 * problem.seed + 777
    chosen = propose(spectrum, limits)
    if not bool(chosen.any()):
        return spectrum, {}
    plain = train_teacher(factory, problem.train, problem.target, problem.declared, settings, seed)
    evidence: list[Evidence] = []
    notes: list[str] = []
    supported = sum(verdict is not Verdict.UNTESTED for verdict in spectrum.verdicts)
    while True:
        candidate = spectrum.span(chosen)
        # Where the data move along nothing else, turning could only lead away from them: labels
        # say nothing there, and generators would follow noise.
        turn = int(chosen.sum()) < supported
        enforced, transform = refine(problem, factory, candidate, settings, seed, turn=turn)
        algebra = transform.algebra
        evidence.append(compare_on(enforced, plain, problem.held_out, algebra.name, algebra.dim))
        learned = evidence[-1].enforced_error < 1 - limits.agreement
        if not learned:
            # A model that predicts the mean has no opinion on where the generators should turn.
            notes.append(f"joint training with {algebra.name} learned nothing: not refined")
            transform = problem.augmentation(candidate)
            algebra = transform.algebra
        enforced_fully = bool((transform.extents > _LEAST_EXTENT).all())
        # A span that is not closed spans no group: enforcing it is no evidence.
        defect = transform.normalized_algebra.closure_defect()
        telling = learned and enforced_fully and defect < _CLOSED
        if learned and not telling:
            smallest = float(transform.extents.detach().min())
            notes.append(
                f"enforcing {algebra.name} is no evidence: its span is not closed, or its "
                f"augmentation shrank (smallest extent {smallest:.2f})"
            )
        judged = problem.assemble(
            spectrum.forms,
            support,
            limits,
            transform.basis.detach().to("cpu").T,
            cost=evidence[-1].upper if telling else float("nan"),
        )
        accepted = [
            verdict is Verdict.SYMMETRY
            for verdict, kept in zip(judged.verdicts, judged.in_candidate.tolist(), strict=True)
            if kept
        ]
        if all(accepted) or algebra.dim == 1 or len(evidence) == problem.settings.attempts:
            break
        chosen = without_worst(spectrum, chosen)
    details: dict[str, Any] = {
        "evidence": [item.to_dict() for item in evidence],
        "notes": notes,
        "closure_defect": {
            "before": _defect(candidate, problem),
            "after": defect,
        },
        "equivariance_curve": _curves(problem, plain, enforced, transform),
    }
    if all(accepted) and judged.dimension == algebra.dim:
        details["algebra"] = algebra.canonical()
        if learned:
            extents, degrees = reach(transform, details["algebra"])
            details |= {"extents": extents, "extents_range_degrees": degrees}
    else:
        details["candidate"] = {"name": algebra.name, "dimension": algebra.dim}
    return judged, details


def _defect(candidate: LieAlgebra, problem: Problem) -> float:
    if problem.group.affine:
        candidate = candidate.normalize(problem.length_scale, problem.center)
    return candidate.closure_defect()


def _curves(
    problem: Problem,
    plain: SymmetryRegularizedModule,
    enforced: SymmetryRegularizedModule,
    transform: LearnableSymmetryTransform,
) -> dict[str, list[float]]:
    batch = as_batch(problem.held_out[:200])
    generators = transform.algebra.generators
    plain_errors, enforced_errors = (
        equivariance_curve(module, batch, problem.fields, generators, problem.seed)
        for module in (plain, enforced)
    )
    return {"distance": list(DISTANCES), "plain": plain_errors, "enforced": enforced_errors}
