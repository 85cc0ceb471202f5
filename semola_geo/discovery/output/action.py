r"""Eliminate the unknown output action: the R that violates least, for every generator A.

For each A the violation is quadratic in (R, b) and minimal at :math:`-V_{RR}^{-1}V_{RA}A`. Both
blocks are cross products of teachers that share no sample: errors in F do not dilute R towards 0.
The R that judges a pair of teachers on some graphs is fitted on other pairs and other graphs, so
that its q (q + 1) parameters cannot explain the violation that they are judged by; its own error
only adds to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from semola_geo.discovery.forms import ViolationForms
from semola_geo.representations import Span

__all__ = ["OutputAction", "cross_fitted_forms", "fit_output_action"]

# A direction of the output counts where teachers agree on it, and it is not fixed by others.
_AGREEMENT = 0.5
_RANK = 1e-3
_CONSTANT = 1e-10


@dataclass(frozen=True)
class OutputAction:
    """The derivative of an action on the output, linear in the generator; float64.

    Outputs fill an affine space of r ≤ q dimensions only (a symmetric tensor that is stored as 9
    numbers has r = 6): on it R is known, elsewhere it is zero.

    Attributes:
        matrices: (R, b) along each basis element of the ambient algebra, ``[m, q, q + 1]``.
        span: Where outputs lie; coordinates have unit variance.
        apart: The action on coordinates of the span (:meth:`reduced`) along each basis element, as
            fitted to each part of the evidence alone, ``[parts, m, r + 1, r + 1]``.
    """

    matrices: Tensor
    span: Span
    apart: Tensor

    @property
    def rank(self) -> int:
        """Dimensions r that outputs fill."""
        return self.span.embedding.shape[1]

    @property
    def width(self) -> int:
        """Components q of the output."""
        return len(self.span.mean)

    def along(self, coefficients: Tensor) -> Tensor:
        """Return R and b along generators, ``[k, m]`` → ``[k, q + 1, q + 1]``, last rows zero."""
        whole = coefficients.new_zeros(len(coefficients), self.width + 1, self.width + 1)
        whole[:, :-1] = torch.einsum("km,mab->kab", coefficients, self.matrices)
        return whole

    def reduced(self, coefficients: Tensor) -> Tensor:
        """Return the action on coordinates of the span, ``[k, m]`` → ``[k, r + 1, r + 1]``."""
        return _reduce(self.along(coefficients)[:, :-1], self.span)

    def spread(self, coefficients: Tensor) -> float:
        """Largest half distance of actions fitted to parts of the evidence, along ``[k, m]``."""
        apart = torch.einsum("km,pmab->pkab", coefficients, self.apart).flatten(2)
        return float((apart.amax(0) - apart.amin(0)).norm(dim=1).max() / 2)


def fit_output_action(parts: Sequence[ViolationForms], size: int) -> OutputAction:
    """Fit the output action to the forms of several pairs of teachers, or sets of graphs.

    Args:
        parts: Forms on pairs (A, R), each of size m + q (q + 1).
        size: Dimension m of the ambient algebra.
    """
    parts = [part for part in parts if part.graphs]
    whole = _added(parts)
    span = _span(whole, size)
    apart = torch.stack([_reduce(_fit(part, size, span), span) for part in parts])
    # Rows that leave the span are errors of the teachers.
    project = span.embedding @ torch.linalg.pinv(span.embedding)
    return OutputAction(project @ _fit(whole, size, span), span, apart)


def cross_fitted_forms(
    cells: Sequence[Sequence[ViolationForms]], size: int
) -> list[ViolationForms]:
    """Return the forms on the ambient algebra, one per pair of teachers, R eliminated.

    Args:
        cells: Forms on pairs (A, R), per pair of teachers and set of graphs.
        size: Dimension m of the ambient algebra.
    """
    judged = []
    for pair, parts in enumerate(cells):
        eliminated = []
        for place, part in enumerate(parts):
            others = [
                form
                for number, row in enumerate(cells)
                for column, form in enumerate(row)
                if column != place and form.graphs and (len(cells) == 1 or number != pair)
            ]
            if part.graphs:
                # A single graph leaves no others.
                fitted = _added(others or [part])
                eliminated.append(_eliminate(part, _fit(fitted, size, _span(fitted, size))))
        judged.append(_added(eliminated))
    return judged


def _eliminate(form: ViolationForms, matrices: Tensor) -> ViolationForms:
    """Restrict forms on pairs (A, R) to R = R(A)."""
    size = len(matrices)
    lift = torch.cat([torch.eye(size, dtype=torch.float64), matrices.flatten(1).T])

    def restrict(name: str) -> Tensor:
        restricted: Tensor = lift.T @ getattr(form, name) @ lift
        return restricted

    return ViolationForms(
        **{name: restrict(name) for name in ("violation", "scale", "noise", "single", "motion")},
        slopes=form.slopes,
        graphs=form.graphs,
    )


def _fit(form: ViolationForms, size: int, span: Span) -> Tensor:
    """R and b along each basis element, ``[m, q, q + 1]``, by cross-fitted least squares."""
    width, rank = span.embedding.shape
    inverse = torch.linalg.pinv(span.embedding)
    # Coordinates of the span, and the constant, as functions of the outputs and the constant.
    regressors = torch.zeros(rank + 1, width + 1, dtype=torch.float64)
    regressors[:-1, :-1], regressors[:-1, -1] = inverse, -inverse @ span.mean
    regressors[-1, -1] = 1.0
    frame: Tensor = torch.block_diag(*[regressors.T] * width)  # type: ignore[no-untyped-call]
    normal = frame.T @ form.violation[size:, size:] @ frame
    mixed = frame.T @ form.violation[size:, :size]
    solution: Tensor = -(frame @ torch.linalg.lstsq(normal, mixed, driver="gelsd").solution)
    return solution.T.reshape(size, width, width + 1)


def _span(form: ViolationForms, size: int) -> Span:
    """The affine space that outputs fill, as far as independent teachers agree on it."""
    cross, single = (_moments(getattr(form, name), size) for name in ("violation", "single"))
    mean = cross[:-1, -1]
    covariance = cross[:-1, :-1] - torch.outer(mean, mean)
    own = single[:-1, :-1] - torch.outer(single[:-1, -1], single[:-1, -1])
    variance = covariance.diagonal()
    moving = (variance > _AGREEMENT * own.diagonal()) & (
        variance > _CONSTANT * cross.diagonal()[:-1]
    )
    deviation = torch.where(moving, variance.clamp_min(1e-300).sqrt(), torch.ones_like(variance))
    # Correlations: components may have different units.
    chosen = moving.nonzero().flatten()
    scale = torch.outer(deviation, deviation)
    values, vectors = torch.linalg.eigh((covariance / scale)[chosen][:, chosen])
    alone = (vectors * ((own / scale)[chosen][:, chosen] @ vectors)).sum(0)
    kept = (values > _RANK * max(values.tolist(), default=0.0)) & (values > _AGREEMENT * alone)
    embedding = torch.zeros(len(mean), int(kept.sum()), dtype=torch.float64)
    embedding[chosen] = vectors[:, kept] * values[kept].sqrt()
    return Span(deviation[:, None] * embedding, mean)


def _moments(form: Tensor, size: int) -> Tensor:
    """Second moments of outputs and the constant, ``[q + 1, q + 1]``, last entry 1."""
    width = int(((1 + 4 * (len(form) - size)) ** 0.5 - 1) / 2)
    blocks = form[size:, size:].reshape(width, width + 1, width, width + 1)
    moments = torch.einsum("abac->bc", blocks)
    return moments / moments[-1, -1]


def _reduce(matrices: Tensor, span: Span) -> Tensor:
    """Affine maps of outputs ``[k, q, q + 1]`` as maps of coordinates ``[k, r + 1, r + 1]``."""
    inverse = torch.linalg.pinv(span.embedding)
    linear, shift = matrices[..., :-1], matrices[..., -1]
    rank = span.embedding.shape[1]
    reduced = matrices.new_zeros(len(matrices), rank + 1, rank + 1)
    reduced[:, :-1, :-1] = inverse @ linear @ span.embedding
    reduced[:, :-1, -1] = (shift + linear @ span.mean) @ inverse.T
    return reduced


def _added(forms: Sequence[ViolationForms]) -> ViolationForms:
    values = {
        entry.name: sum(getattr(form, entry.name) for form in forms)
        for entry in fields(ViolationForms)
    }
    return ViolationForms(**values)
