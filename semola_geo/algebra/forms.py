"""Invariant symmetric bilinear forms: the metrics that an algebra preserves, hidden or not."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import torch
from torch import Tensor

from semola_geo.algebra.structure import inertia
from semola_geo.algebra.subspace import Array, kernel, orthonormal_rows

__all__ = ["InvariantForms", "invariant_forms"]


@dataclass(frozen=True)
class InvariantForms:
    """Symmetric Q with X^T Q + Q X = 0 for every linear part X of an algebra.

    Attributes:
        basis: `[q, d, d]` float64, Frobenius-orthonormal, empty when nothing is preserved.
        preferred: `[d, d]` the form to look at, None when there is none: a positive definite one
            where one exists (then the linear parts generate a compact group, and this is its
            hidden metric), otherwise a generic one of largest rank with as many positive as
            negative squares as `signature` says; scaled to largest absolute eigenvalue one.
        signature: `(positive, negative, zero)` of `preferred`.
    """

    basis: Tensor
    preferred: Tensor | None
    signature: tuple[int, int, int] | None

    def __len__(self) -> int:
        """Number of linearly independent forms."""
        return len(self.basis)


def invariant_forms(linear: Array, tolerance: float) -> InvariantForms:
    """Solve X^T Q + Q X = 0 for `linear` `[k, d, d]`.

    Combinations with a singular value up to `tolerance` (for unit-norm X) count as solutions; a
    noisy algebra needs a larger tolerance.
    """
    d = linear.shape[-1]
    symmetric = _symmetric_basis(d)
    unit = orthonormal_rows(linear.reshape(-1, d * d)).reshape(-1, d, d)
    # action[x, q] = X^T Q + Q X, in coordinates of the symmetric matrices
    change = np.einsum("xab,qac->xqbc", unit, symmetric)
    change = change + change.transpose(0, 1, 3, 2)
    action = np.einsum("xqbc,pbc->xpq", change, symmetric)
    rows = kernel(action.reshape(-1, len(symmetric)), tolerance)
    basis = np.einsum("rq,qab->rab", rows, symmetric)
    preferred = _preferred(basis, rows, action, symmetric)
    signature = None if preferred is None else inertia(preferred, 1e-6)
    return InvariantForms(
        torch.from_numpy(basis),
        None if preferred is None else torch.from_numpy(preferred),
        signature,
    )


def _symmetric_basis(d: int) -> Array:
    """Frobenius-orthonormal basis `[d (d + 1) / 2, d, d]` of the symmetric matrices."""
    basis = []
    for i in range(d):
        for j in range(i, d):
            matrix = np.zeros((d, d))
            matrix[i, j] = matrix[j, i] = 1.0 if i == j else np.sqrt(0.5)
            basis.append(matrix)
    return np.array(basis)


def _preferred(basis: Array, rows: Array, action: Array, symmetric: Array) -> Array | None:
    if len(basis) == 0:
        return None
    signs = [np.array((1, *rest)) for rest in product((1, -1), repeat=basis.shape[-1] - 1)]
    candidates = [_average(sign, rows, action, symmetric) for sign in sorted(signs, key=_order)]
    # Fixed irrational-looking weights: a combination of largest rank for all but a null set.
    candidates.append(np.einsum("r,rab->ab", np.cos(1.0 + np.arange(len(basis)) ** 2), basis))
    scaled = [q / np.abs(np.linalg.eigvalsh(q)).max() for q in candidates if np.abs(q).max() > 1e-9]
    best = max(scaled, key=_desirability)
    positive, negative, _ = inertia(best, 1e-6)
    # Minkowski order (E, p): one positive square, if the two signs differ in number
    flip = negative > 0 and (positive == 0 or positive > negative)
    leading = np.diag(best)[np.abs(np.diag(best)).argmax()]
    if positive == negative:
        flip = bool(leading < 0)
    return np.asarray(-best if flip else best) + 0.0  # no negative zeros


def _desirability(form: Array) -> tuple[int, int]:
    positive, negative, zero = inertia(form, 1e-6)
    definite = zero == 0 and (positive == 0 or negative == 0)
    return int(definite), positive + negative


def _order(signs: Array) -> tuple[bool, int]:
    """Euclidean first, then mostly minus like (+, -, -, -)."""
    return bool((signs < 0).any()), -int((signs < 0).sum())


def _average(signs: Array, rows: Array, action: Array, symmetric: Array) -> Array:
    """The form diag(signs) averaged over the group: its kernel component along the image.

    The symmetric matrices are kernel + image of the action when the algebra is reductive, and for
    a compact group the projection along the image is the Haar average: the average of the
    identity is positive definite whenever such an invariant form exists, without any integration.
    """
    start = np.einsum("qaa,a->q", symmetric, signs)
    image = orthonormal_rows(action.transpose(0, 2, 1).reshape(-1, len(symmetric)), 1e-8)
    mixed = np.concatenate([rows, image]).T
    coefficients = np.linalg.lstsq(mixed, start, rcond=1e-10)[0]
    return np.asarray(np.einsum("r,rq,qab->ab", coefficients[: len(rows)], rows, symmetric))
