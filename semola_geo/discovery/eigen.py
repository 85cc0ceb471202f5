"""Generalised eigenproblem of violation against scale on the supported subspace."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from semola_geo.discovery.chance import half_width
from semola_geo.discovery.forms import ViolationForms
from semola_geo.discovery.support import Support

__all__ = ["Solution", "crossed_values", "intervals_of", "solve_supported"]


@dataclass(frozen=True)
class Solution:
    """Directions (columns, unit length) with their forms, supported ones first.

    ``leaving`` is the upper bound of ``support``, which verdicts rest on; ``tested`` are those that
    span the supported part.
    """

    values: Tensor
    noise: Tensor
    ratio: Tensor
    support: Tensor
    leaving: Tensor
    directions: Tensor
    in_candidate: Tensor
    tested: Tensor


def solve_supported(
    forms: list[ViolationForms],
    support: Support | None,
    limit: float,
    candidate: Tensor | None = None,
) -> Solution:
    """Diagonalise support first, then violation against scale on each side of the limit.

    Args:
        forms: One per pair of teachers.
        support: Share of each displacement that leaves the data; all is supported when ``None``.
        limit: Share above which a direction counts as unsupported.
        candidate: Columns ``[m, k]`` of a supported span that is kept together: its own
            directions come first.
    """
    violation = _mean(forms, "violation")
    scale = _mean(forms, "scale")
    noise = _mean(forms, "noise")
    motion = _mean(forms, "motion")
    if support is None:
        support = Support(torch.zeros_like(motion), motion, "not measured")
    supported, unsupported = support.split(limit)
    kept = supported[:, :0] if candidate is None else torch.linalg.qr(candidate).Q
    others = _beside(kept, supported, supported.shape[1] - kept.shape[1])
    tested = torch.cat(
        [_diagonalise(violation, scale, kept), _diagonalise(violation, scale, others)], dim=1
    )
    order = (_along(violation, tested) / _along(scale, tested).abs()).argsort()
    if candidate is not None:
        unsupported = _beside(
            torch.linalg.qr(tested).Q,
            torch.eye(len(scale), dtype=scale.dtype),
            len(scale) - tested.shape[1],
        )
    directions = torch.cat([tested[:, order], unsupported], dim=1)
    directions = directions / directions.norm(dim=0, keepdim=True)
    in_candidate = torch.zeros(directions.shape[1], dtype=torch.bool)
    in_candidate[: tested.shape[1]] = order < kept.shape[1]
    size = _along(scale, directions)
    safe = torch.where(size > 0, size, torch.full_like(size, torch.nan))
    return Solution(
        values=_along(violation, directions) / safe,
        noise=_along(noise, directions) / safe,
        ratio=_along(violation, directions) / _along(noise, directions).clamp_min(1e-300),
        support=support.share(directions),
        leaving=support.upper(directions),
        directions=directions,
        in_candidate=in_candidate,
        tested=torch.arange(directions.shape[1]) < tested.shape[1],
    )


def crossed_values(
    forms: list[ViolationForms],
    solution: Solution,
    support: Support | None,
    limit: float,
    candidate: Tensor | None = None,
) -> Tensor:
    """Return λ ``[m]`` where every pair of teachers tests directions that the others chose.

    The smallest of many violations, taken on the same pairs that it was chosen on, is too small by
    as much as their errors allow, and the largest too large. Directions of one rank, on the others'
    scale, stand for one direction; untested ones are not chosen.

    Args:
        forms: One per pair of teachers.
        solution: The directions that all pairs chose together.
        support: As in :func:`solve_supported`, like the next two.
        limit: Share above which a direction counts as unsupported.
        candidate: Columns of a span that is kept together.

    Returns:
        NaN where there is a single pair, and for untested directions.
    """
    crossed = torch.full_like(solution.values, torch.nan)
    if len(forms) < 2:
        return crossed
    scale = _mean(forms, "scale")
    blocks = [solution.tested & kept for kept in (solution.in_candidate, ~solution.in_candidate)]
    sums = torch.zeros_like(solution.values)
    for index, form in enumerate(forms):
        others = [*forms[:index], *forms[index + 1 :]]
        chosen = solve_supported(others, support, limit, candidate)
        values = _along(form.violation / form.graphs, chosen.directions)
        values = values / _along(scale, chosen.directions)
        for block, kept in zip(blocks, (chosen.in_candidate, ~chosen.in_candidate), strict=True):
            sums[block] += values[chosen.tested & kept]
    tested = blocks[0] | blocks[1]
    crossed[tested] = sums[tested] / len(forms)
    return crossed


def intervals_of(
    forms: list[ViolationForms],
    solution: Solution,
    limit: float = 1.0,
    crossed: Tensor | None = None,
) -> Tensor:
    """Return nominal 95 % bounds ``[m, 2]`` of λ from the spread over pairs of teachers.

    The halves of different splits overlap, so the spread is not divided by the number of pairs.
    The spread of a direction is estimated with few degrees of freedom. It is bounded from below by
    c √(N² + 2λN) for the noise N, errors times errors and signal times errors, with the c that is
    the median over directions: broken ones, whose signal meets errors, do not widen the bounds of
    those next to zero.

    A single pair has no spread: c = 0.5, as in :func:`semola_geo.discovery.finite.assess`.

    No violation is negative. By Weyl's inequality a negative eigenvalue is no larger than the
    error of the form, which may raise or lower any other one as much: no bound is closer than
    the most negative value of the directions that are tested. Nor is it closer than what the
    choice of a direction made of it.

    Args:
        forms: One per pair of teachers.
        solution: The directions, with violation and noise from all of these forms.
        limit: Share of a displacement that leaves the data above which a direction is not tested.
        crossed: λ where other pairs chose the directions (:func:`crossed_values`), ``[m]``; NaN and
            ``None``: not known.
    """
    scale = _mean(forms, "scale")
    size = _along(scale, solution.directions)
    size = torch.where(size > 0, size, torch.full_like(size, torch.nan))
    values = torch.stack(
        [_along(f.violation / f.graphs, solution.directions) / size for f in forms]
    )
    signal = solution.values.clamp_min(0.0)
    half = half_width(values, (solution.noise * (solution.noise + 2 * signal)).sqrt())
    tested = solution.values[solution.leaving <= limit]
    error = max([0.0, *(-tested[tested < 0]).tolist()])
    half = half.clamp_min(error)
    if crossed is not None:
        half = torch.maximum(half, (crossed - solution.values).abs().nan_to_num(0.0))
    return torch.stack([solution.values - half, solution.values + half], dim=-1)


def _mean(forms: list[ViolationForms], name: str) -> Tensor:
    """Mean over pairs of one form, per graph."""
    return torch.stack([getattr(form, name) / form.graphs for form in forms]).mean(0)


def _along(form: Tensor, directions: Tensor) -> Tensor:
    along: Tensor = (directions * (form @ directions)).sum(0)
    return along


def _beside(kept: Tensor, frame: Tensor, count: int) -> Tensor:
    """Return the ``count`` main directions of a frame beside the kept orthonormal columns."""
    if kept.shape[1] == 0 or count <= 0:
        return frame[:, : max(count, 0)]
    rest = frame - kept @ (kept.T @ frame)
    left: Tensor = torch.linalg.svd(rest, full_matrices=False).U
    return left[:, :count]


def _diagonalise(violation: Tensor, scale: Tensor, frame: Tensor) -> Tensor:
    if frame.shape[1] == 0:
        return frame
    lower, failed = torch.linalg.cholesky_ex(frame.T @ scale @ frame)
    if int(failed):
        # Teachers without a common signal: the scale itself is noise, and λ is undefined.
        _, vectors = torch.linalg.eigh(frame.T @ violation @ frame)
        plain: Tensor = frame @ vectors
        return plain
    whitened = torch.linalg.solve_triangular(lower, frame.T @ violation @ frame, upper=False)
    whitened = torch.linalg.solve_triangular(lower, whitened.T, upper=False)
    _, vectors = torch.linalg.eigh((whitened + whitened.T) / 2)
    solution: Tensor = frame @ torch.linalg.solve_triangular(lower.T, vectors, upper=True)
    return solution
