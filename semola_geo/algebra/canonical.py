"""Generators a person can read: the same span in a basis close to the catalogue's."""

from __future__ import annotations

import numpy as np

from semola_geo.algebra.identify import Identification
from semola_geo.algebra.subspace import Array, orthonormal_rows

__all__ = ["readable_generators"]

_ZERO = 1e-12


def readable_generators(generators: Array, affine: bool, found: Identification | None) -> Array:
    """A readable basis `[k, n, n]` of the span of `generators` `[k, n, n]`.

    For an identified algebra these are the catalogue's generators carried to where the algebra
    lies, rotations with unit angular speed and translations along the axes where possible, and
    projected onto the span, which noise may have tilted. Otherwise a reduced echelon form.
    """
    rows = generators.reshape(len(generators), -1)
    if found is None:
        wanted = _echelon(rows)
    else:
        placed = _tidy_translations(found) if affine else found.snapped()
        wanted = placed.reshape(rows.shape)
    span = orthonormal_rows(rows)
    projected = wanted @ span.T @ span
    largest = np.abs(projected).max(axis=1, keepdims=True)
    cleaned = np.where(np.abs(projected) < _ZERO * largest, 0.0, projected)
    return np.asarray(cleaned.reshape(generators.shape))


def _tidy_translations(found: Identification) -> Array:
    """S C S^-1 with its translations reduced, and removed from the other generators."""
    placed, d = found.snapped(), found.model.shape[-1] - 1
    pure = ~found.model[:, :d, :d].reshape(len(placed), -1).any(axis=1)
    if not pure.any():
        return placed
    placed[pure, :d, d] = _echelon(placed[pure, :d, d])
    directions = orthonormal_rows(placed[pure, :d, d])
    mixed = placed[~pure, :d, d]
    placed[~pure, :d, d] = mixed - (mixed @ directions.T) @ directions
    return placed


def _echelon(rows: Array) -> Array:
    """Gauss-Jordan elimination with complete pivoting, rows ordered by pivot column.

    >>> _echelon(np.array([[1.0, 2.0, 0.0], [1.0, -2.0, 0.0]])).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    reduced, columns = rows.copy(), []
    for step in range(len(reduced)):
        remaining = np.abs(reduced[step:])
        # among equals the first column: rounding must not decide
        close = (remaining >= remaining.max() * (1 - 1e-9)).any(axis=0)
        column = int(np.argmax(close))
        row = step + int(np.argmax(remaining[:, column]))
        reduced[[step, row]] = reduced[[row, step]]
        reduced[step] /= reduced[step, column]
        others = np.arange(len(reduced)) != step
        reduced[others] -= np.outer(reduced[others, column], reduced[step])
        columns.append(column)
    return np.asarray(reduced[np.argsort(columns)]) + 0.0  # no negative zeros
