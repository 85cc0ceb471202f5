"""Turn accumulated forms into a spectrum with verdicts."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from semola_geo.discovery.eigen import crossed_values, intervals_of, solve_supported
from semola_geo.discovery.forms import ViolationForms
from semola_geo.discovery.spectrum import Spectrum
from semola_geo.discovery.support import Support
from semola_geo.discovery.trust import Trust
from semola_geo.discovery.verdict import Thresholds, judge
from semola_geo.groups import AmbientGroup

__all__ = ["Veto", "assemble"]


class Veto(NamedTuple):
    """Whether held-out labels refute a candidate, and a span that held other directions."""

    candidate: bool
    others: bool


def assemble(
    forms: list[ViolationForms],
    group: AmbientGroup,
    length_scale: float,
    center: Tensor,
    support: Support | None,
    thresholds: Thresholds | None,
    candidate: Tensor | None = None,
    cost: float = float("nan"),
    trust: Trust | None = None,
    veto: Veto | None = None,
) -> Spectrum:
    """Turn accumulated forms into a spectrum with verdicts.

    Args:
        forms: One per pair of teachers.
        group: The ambient group.
        length_scale: Unit of length.
        center: Centre.
        support: Share of each displacement that leaves the data.
        thresholds: Bounds of the verdicts.
        candidate: Columns of a span that is kept together, such as a refined algebra.
        cost: Upper confidence bound of the share of the explained variance that enforcing the
            candidate loses.
        trust: How far the teachers are believed, whatever their agreement; ``None``: fully.
        veto: Which directions held-out labels do not let pass for a symmetry.
    """
    limits = thresholds or Thresholds()
    solution = solve_supported(forms, support, limits.support, candidate)
    crossed = crossed_values(forms, solution, support, limits.support, candidate)
    intervals = intervals_of(forms, solution, limits.support, crossed)
    agreement = sum(form.agreement() for form in forms) / len(forms)
    price = torch.full_like(solution.values, torch.nan)
    price[solution.in_candidate] = cost
    inside = solution.in_candidate
    verdicts = judge(
        intervals,
        solution.leaving,
        (trust or Trust()).given(agreement, limits.agreement),
        limits,
        price,
        noise=solution.noise,
        vetoed=None if veto is None else torch.where(inside, veto.candidate, veto.others),
    )
    return Spectrum(
        eigenvalues=solution.values,
        intervals=intervals,
        noise=solution.noise,
        ratio=solution.ratio,
        support=solution.support,
        directions=solution.directions,
        verdicts=verdicts,
        agreement=agreement,
        ambient=group,
        length_scale=length_scale,
        center=center,
        in_candidate=solution.in_candidate,
        forms=forms,
    )
