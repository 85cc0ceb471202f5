"""Sequential discovery: one part of a group helps weak teachers to test another part.

Teachers that are augmented along some directions learn from fewer samples, but say nothing about
these directions: a model becomes equivariant to its own augmentation. So two families of teachers
are trained. The first is helped by the translations of the ambient group, and judges all other
directions; the second is helped by what the first one found, and judges the translations. No
direction is judged by teachers that were moved along it.

What an augmentation averages away is lost to its teachers. They are believed only as far as they
predict held-out labels as they come, which bounds this loss.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from semola_geo.discovery.candidate import propose
from semola_geo.discovery.family import Family, train_family
from semola_geo.discovery.forms import combine
from semola_geo.discovery.networks import NetworkFactory
from semola_geo.discovery.problem import Problem
from semola_geo.discovery.spectrum import Spectrum, to_data_units
from semola_geo.discovery.support import Support
from semola_geo.discovery.verdict import Thresholds
from semola_geo.groups import AmbientGroup

__all__ = ["SequentialFindings", "discover_sequentially"]


@dataclass(frozen=True)
class SequentialFindings:
    """What the families of a sequential discovery found together.

    Attributes:
        spectrum: Joined from families, each where it may be believed; ``None`` where nothing can be
            concluded.
        families: The families, first to last.
        helpers: Names of the algebras that helped them.
        obstacle: Why nothing can be concluded, a sentence; empty otherwise.
    """

    spectrum: Spectrum | None
    families: list[Family]
    helpers: list[str]
    obstacle: str = ""


def discover_sequentially(
    problem: Problem, factory: NetworkFactory, support: Support | None, limits: Thresholds
) -> SequentialFindings:
    """Judge directions by teachers that are augmented along other ones.

    Args:
        problem: The data.
        factory: Makes the networks.
        support: Share of each displacement that leaves the data.
        limits: Bounds of the verdicts.

    Returns:
        The findings; without a spectrum where the ambient group holds no translation that the data
        support, no other direction looks like a symmetry, a family is not reliable even so, or one
        family refutes what helped the other.
    """
    translations = _supported(_translations(problem.group), support, limits)
    others = _supported(_complement(translations), support, limits)
    families: list[Family] = []
    helpers: list[str] = []

    def nothing(obstacle: str) -> SequentialFindings:
        return SequentialFindings(None, families, helpers, f"Augmented teachers: {obstacle}.")

    if not translations.shape[1] or not others.shape[1]:
        return nothing("the data support no translation, or nothing else, to help along")
    shift = to_data_units(translations.T, problem.group, problem.length_scale, problem.center)
    first = train_family(problem, factory, limits, shift)
    families.append(first)
    helpers.append(shift.name)
    if not first.reliable:
        return nothing(_weak(helpers, first))
    forms = problem.forms(first.pairs)
    spectrum = problem.assemble(forms, support, limits, others, trust=first.trust)
    chosen = propose(spectrum, limits, among=spectrum.in_candidate)
    if not bool(chosen.any()):
        return nothing(f"helped along {shift.name}, they see no symmetry in other directions")
    helper = problem.augmentation(spectrum.span(chosen))
    second = train_family(problem, factory, limits, helper.algebra)
    families.append(second)
    helpers.append(helper.algebra.name)
    if not second.reliable:
        return nothing(_weak(helpers, second))
    # Directions of either helper are judged by the other family, all further ones by both.
    found = _complement(translations)
    found = torch.linalg.qr(found @ (found.T @ helper.basis.detach().T)).Q
    candidate = torch.cat([translations, found], dim=1)
    frame = torch.cat([candidate, _complement(candidate)], dim=1)
    sizes = torch.tensor([translations.shape[1], found.shape[1], len(frame) - candidate.shape[1]])
    heard = torch.tensor([[0, 1, 1], [1, 0, 1]]).repeat_interleave(sizes, dim=1)
    joined = [
        combine(one, two, frame, heard)
        for one, two in zip(forms, problem.forms(second.pairs), strict=True)
    ]
    trust = max((first.trust, second.trust), key=lambda trust: trust.unexplained)
    spectrum = problem.assemble(joined, support, limits, candidate, trust=trust)
    # Help along what proves to be no symmetry has misled those who were helped.
    helped = spectrum.in_candidate
    if not torch.equal(propose(spectrum, limits, among=helped), helped):
        return nothing(f"those helped along one of {', '.join(helpers)} refute the other")
    return SequentialFindings(spectrum, families, helpers)


def _weak(helpers: list[str], family: Family) -> str:
    scores = ", ".join(f"{r2:.2f}" for r2 in family.r2)
    return f"helped along {helpers[-1]}, they explain too little of held-out labels (R² {scores})"


def _translations(group: AmbientGroup) -> Tensor:
    """Orthonormal coefficient columns ``[m, t]`` of the translations that a group holds."""
    if not group.affine:
        return torch.zeros(len(group), 0, dtype=torch.float64)
    linear = group.basis[:, : group.dimension, : group.dimension].flatten(1)
    values, frame = torch.linalg.eigh(linear @ linear.T)
    still: Tensor = frame[:, values < 1e-12]
    return still


def _complement(columns: Tensor) -> Tensor:
    frame = torch.linalg.svd(columns, full_matrices=True).U
    rest: Tensor = frame[:, columns.shape[1] :]
    return rest


def _supported(frame: Tensor, support: Support | None, limits: Thresholds) -> Tensor:
    """Orthonormal columns for the supported directions within the span of a frame."""
    if support is None or not frame.shape[1]:
        return frame
    supported: Tensor = torch.linalg.qr(frame @ support.restrict(frame).split(limits.support)[0]).Q
    return supported
