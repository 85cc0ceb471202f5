"""Brackets and what follows from them: structure constants, Killing form, closure, ideals.

Functions take generators as arrays `[k, n, n]`, or structure constants `[k, k, k]`, and know
nothing of names. Notation: [L_i, L_j] = sum_l c_ijl L_l. Where a span is not closed, c holds the
orthogonal (Frobenius) projection of the brackets onto the span.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from semola_geo.algebra.subspace import Array, kernel, orthonormal_rows

__all__ = [
    "bracket_rows",
    "center_coefficients",
    "closure_basis",
    "closure_defect",
    "commutators",
    "derived_dimensions",
    "falling_dimensions",
    "inertia",
    "killing_form",
    "radical_coefficients",
    "structure_constants",
]


def commutators(first: Array, second: Array) -> Array:
    """All brackets `[k1, k2, n, n]` of `first` `[k1, n, n]` with `second` `[k2, n, n]`."""
    left, right = first[:, None], second[None]
    return np.asarray(left @ right - right @ left)


def structure_constants(generators: Array) -> Array:
    """Array c `[k, k, k]` with [L_i, L_j] = sum_l c_ijl L_l, by least squares."""
    count, n, _ = generators.shape
    if count == 0:
        return np.zeros((0, 0, 0))
    brackets = commutators(generators, generators).reshape(count * count, n * n)
    rows = generators.reshape(count, n * n)
    solution = np.linalg.lstsq(rows.T, brackets.T, rcond=None)[0]
    return np.asarray(solution.T.reshape(count, count, count))


def killing_form(constants: Array) -> Array:
    """K_ij = tr(ad_i ad_j) = sum_ab c_iab c_jba, `[k, k]`."""
    return np.asarray(np.einsum("iab,jba->ij", constants, constants))


def inertia(form: Array, tolerance: float) -> tuple[int, int, int]:
    """Numbers of positive, negative and zero eigenvalues of a symmetric `[k, k]` form.

    Eigenvalues up to `tolerance` times the largest absolute one, or up to 1e-12, count as zero.

    >>> inertia(np.diag([1.0, -2.0, 0.0]), 1e-9)
    (1, 1, 1)
    """
    if len(form) == 0:
        return 0, 0, 0
    values = np.linalg.eigvalsh((form + form.T) / 2)
    threshold = max(tolerance * float(np.abs(values).max()), 1e-12)
    positive, negative = int((values > threshold).sum()), int((values < -threshold).sum())
    return positive, negative, len(values) - positive - negative


def closure_defect(basis: Array) -> float:
    """RMS over pairs i < j of the part of [B_i, B_j] outside the span; B `[k, n, n]` orthonormal.

    The elements have unit norm, so the number is relative to them (a bracket of unit matrices has
    norm at most sqrt 2: Böttcher and Wenzel 2008, Linear Algebra Appl. 429). Being a sum over all
    pairs, it does not depend on which orthonormal basis of the span is used.
    """
    count, n, _ = basis.shape
    if count < 2:
        return 0.0
    outside = _outside(commutators(basis, basis).reshape(-1, n * n), basis.reshape(count, n * n))
    return float(np.sqrt((outside**2).sum() / (count * (count - 1))))


def closure_basis(generators: Array, tolerance: float) -> Array:
    """Generators followed by what brackets add, `[k', n, n]`, until nothing new appears.

    With an orthonormal basis of the span, the components of all brackets outside it are collected
    and directions with a singular value above `tolerance` join the span.
    """
    count, n, _ = generators.shape
    rows = orthonormal_rows(generators.reshape(count, n * n))
    added = np.zeros((0, n * n))
    while len(rows) > 1:
        basis = rows.reshape(-1, n, n)
        outside = _outside(commutators(basis, basis).reshape(-1, n * n), rows)
        _, singular, right = np.linalg.svd(outside, full_matrices=False)
        new = right[: min(int((singular > tolerance).sum()), n * n - len(rows))]
        if len(new) == 0:
            break
        added = np.concatenate([added, new])
        rows = orthonormal_rows(np.concatenate([rows, new]))
    return np.concatenate([generators, added.reshape(-1, n, n)])


def derived_dimensions(constants: Array, tolerance: float) -> list[int]:
    """Dimensions of g, [g, g], [[g, g], [g, g]], ... until they stop falling.

    `constants` `[k, k, k]` in an orthonormal basis; directions of a derived algebra with singular
    value up to `tolerance` are dropped. The last number is 0 exactly for solvable algebras.
    """
    return falling_dimensions(len(constants), lambda span: derived_span(constants, span, tolerance))


def falling_dimensions(count: int, below: Callable[[Array], Array]) -> list[int]:
    """Dimensions of R^count, and of what `below` makes of each span, until they stop falling."""
    span = np.eye(count)
    dimensions = [count]
    while len(span):
        span = below(span)
        if len(span) == dimensions[-1]:
            break
        dimensions.append(len(span))
    return dimensions


def derived_span(constants: Array, span: Array, tolerance: float) -> Array:
    """Orthonormal coefficient rows of [h, h] for the subspace h with rows `span` `[r, k]`."""
    return bracket_rows(constants, span, span, tolerance)


def bracket_rows(constants: Array, first: Array, second: Array, tolerance: float) -> Array:
    """Orthonormal coefficient rows of [a, b] for subspaces with rows `[r, k]` and `[s, k]`."""
    brackets = np.einsum("ai,bj,ijl->abl", first, second, constants)
    brackets = brackets.reshape(len(first) * len(second), len(constants))
    _, singular, right = np.linalg.svd(brackets, full_matrices=False)
    return np.ascontiguousarray(right[: int((singular > tolerance).sum())])


def center_coefficients(constants: Array, tolerance: float) -> Array:
    """Orthonormal coefficient rows of {x: [x, y] = 0 for all y}."""
    count = len(constants)
    return kernel(constants.transpose(1, 2, 0).reshape(count * count, count), tolerance)


def radical_coefficients(constants: Array, tolerance: float) -> Array:
    """Orthonormal coefficient rows of the largest solvable ideal.

    It is the Killing-orthogonal complement of [g, g] (Bourbaki, Lie Groups and Lie Algebras I,
    section 5.5, proposition 5).
    """
    derived = derived_span(constants, np.eye(len(constants)), tolerance)
    return kernel(derived @ killing_form(constants), tolerance)


def _outside(vectors: Array, rows: Array) -> Array:
    return np.asarray(vectors - (vectors @ rows.T) @ rows)
