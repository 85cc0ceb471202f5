"""Confirm a candidate algebra: refine it jointly, and test it on held-out labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery.assemble import Veto
from semola_geo.discovery.candidate import propose, without_worst
from semola_geo.discovery.curve import DISTANCES, equivariance_curve
from semola_geo.discovery.evidence import Evidence, Scatter, compare_on
from semola_geo.discovery.networks import NetworkFactory
from semola_geo.discovery.problem import Problem
from semola_geo.discovery.refine import refine
from semola_geo.discovery.spectrum import Spectrum, to_data_units
from semola_geo.discovery.support import Support, as_batch
from semola_geo.discovery.supported import SupportedSpan
from semola_geo.discovery.teachers import train_teacher
from semola_geo.discovery.trust import Trust
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
    r2: Sequence[Sequence[float]],
) -> tuple[Spectrum, dict[str, Any]]:
    """Refine the candidate that a spectrum proposes, test it on labels, and judge again.

    A candidate that neither teachers nor labels establish (it costs accuracy on held-out labels, or
    its extents shrink in order not to) loses its most violated direction and is tried again, up to
    ``settings.attempts`` times.

    Generators are learned within the supported span: what the data cannot test is no part of them.

    Labels have a veto. Where enforcing a candidate surely loses more than ε of the variance that
    the plain model explains, no direction of it is called a symmetry, whatever the teachers say:
    they share what all of them fail to see. "Surely" is one-sided at 5 % for all attempts
    together (Bonferroni), over graphs and over training runs, which scatter as the teachers do.
    After a veto, only a smaller candidate that was enforced with success can hold a symmetry; after
    an attempt whose extents shrank, only the smaller candidate can.

    Args:
        problem: The data.
        factory: Makes the network.
        spectrum: Spectrum from plain teachers; they also judge the refined directions.
        support: Share of each displacement that leaves the data.
        limits: Bounds of the verdicts.
        r2: R² of all teachers on held-out graphs, one list per family.

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
    scatter = Scatter.of(*r2, comparisons=problem.settings.attempts)
    span = SupportedSpan.of(support, limits.support, problem.group)
    tested = replace(problem, group=problem.group.restrict(span.frame))
    evidence: list[Evidence] = []
    notes: list[str] = []
    vetoed = shrunk = False
    while True:
        frame = torch.linalg.qr(span.project(spectrum.directions[:, chosen])).Q
        candidate = to_data_units(frame.T, problem.group, problem.length_scale, problem.center)
        enforced, transform = refine(tested, factory, candidate, settings, seed)
        algebra = transform.algebra
        evidence.append(
            compare_on(
                enforced,
                plain,
                problem.held_out,
                algebra.name,
                algebra.dim,
                scatter,
                problem.settings.cluster,
            )
        )
        learned = evidence[-1].enforced_error < 1 - limits.agreement
        if not learned:
            # A model that predicts the mean has no opinion on where the generators should turn.
            notes.append(f"joint training with {algebra.name} learned nothing: not refined")
            transform = tested.augmentation(candidate)
            algebra = transform.algebra
        enforced_fully = bool((transform.extents > _LEAST_EXTENT).all())
        # A span that is not closed spans no group: enforcing it is no evidence.
        defect = transform.normalized_algebra.closure_defect()
        tried = learned and defect < _CLOSED
        obstacle = _obstacle(learned, tried, enforced_fully)
        telling = not obstacle
        if learned and not telling:
            smallest = float(transform.extents.detach().min())
            notes.append(
                f"enforcing {algebra.name} is no evidence: its span is not closed, or its "
                f"augmentation shrank (smallest extent {smallest:.2f})"
            )
        # Unlike an acquittal, a veto needs no wide extents: even hardly augmented, it cost.
        refuted = tried and evidence[-1].loss_lower > limits.symmetry
        evidence[-1] = replace(evidence[-1], obstacle=obstacle, refuted=refuted)
        vetoed = vetoed or refuted
        if refuted:
            notes.append(
                f"held-out labels refute {algebra.name}: enforcing it loses "
                f"{evidence[-1].loss:.1%} of what a plain model explains, at least "
                f"{evidence[-1].loss_lower:.1%}"
            )
        judged = problem.assemble(
            spectrum.forms,
            support,
            limits,
            span.frame @ transform.basis.detach().to("cpu").T,
            cost=evidence[-1].loss_upper if telling else float("nan"),
            trust=Trust(unexplained=1.0 - min(score for family in r2 for score in family)),
            veto=Veto(refuted or (vetoed and not telling), vetoed or shrunk),
        )
        accepted = [
            verdict is Verdict.SYMMETRY
            for verdict, kept in zip(judged.verdicts, judged.in_candidate.tolist(), strict=True)
            if kept
        ]
        if all(accepted) or algebra.dim == 1 or len(evidence) == problem.settings.attempts:
            break
        # What labels shrank in the larger candidate is not acquitted by being left out.
        shrunk = shrunk or (tried and not enforced_fully)
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
    canonical = algebra.canonical()
    learned_range: dict[str, Any] = {}
    if learned:
        extents, degrees = reach(transform, canonical)
        learned_range = {"extents": extents, "extents_range_degrees": degrees}
    if all(accepted) and judged.dimension == algebra.dim:
        details |= {"algebra": canonical, **learned_range}
    elif not all(accepted):
        named = {"name": algebra.name, "dimension": algebra.dim}
        details["candidate"] = {**named, **learned_range}
    return judged, details


def _obstacle(learned: bool, tried: bool, enforced_fully: bool) -> str:
    """Why a trial acquits nothing, told by what comes first; empty where it may."""
    if not learned:
        return "learned nothing"
    if not tried:
        return "span not closed"
    return "" if enforced_fully else "augmentation shrank"


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
