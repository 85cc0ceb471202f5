"""Planes that every linear part keeps, as far as one generic element singles them out."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from semola_geo.algebra.subspace import Array, orthonormal_rows

__all__ = ["isolated_invariant_planes"]

_DISTINCT = 1e-4  # of the largest eigenvalue


def isolated_invariant_planes(linear: Array, tolerance: float) -> Array:
    """Planes `[p, 2, d]`, orthonormal rows, that all of `linear` `[k, d, d]` map into themselves.

    Looked for are the planes spanned by eigenvectors of a generic combination with simple
    eigenvalues: a complex pair, or two real ones. A plane that belongs to a continuous family of
    invariant planes, as all planes do under scaling, is not listed, and neither is R^2 itself.
    Elements are taken at unit norm, and `tolerance` bounds the part of a motion out of the plane.

    >>> turn = np.array([[[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]])
    >>> planes = isolated_invariant_planes(turn, 1e-6)
    >>> planes.shape, float(np.abs(planes[0, :, 2]).max())  # the plane across the axis
    ((1, 2, 3), 0.0)
    """
    d = linear.shape[-1]
    unit = orthonormal_rows(linear.reshape(-1, d * d)).reshape(-1, d, d)
    if d < 3 or not unit.any():
        return np.zeros((0, 2, d))
    # Fixed irrational-looking weights: generic for all but a null set.
    element = np.einsum("k,kab->ab", np.cos(1.0 + np.arange(len(unit)) ** 2), unit)
    planes = [plane for plane in _planes_of(element) if _kept(plane, unit, tolerance)]
    return np.array(planes).reshape(-1, 2, d)


def _planes_of(element: Array) -> list[Array]:
    values, vectors = np.linalg.eig(element)
    gaps = np.abs(values[:, None] - values[None]) + np.diag(np.full(len(values), np.inf))
    simple = gaps.min(axis=1) > _DISTINCT * np.abs(values).max()
    planes = [
        np.stack([vectors[:, i].real, vectors[:, i].imag])
        for i in np.flatnonzero(simple & (values.imag > 0))
    ]
    planes += [
        vectors[:, list(pair)].real.T
        for pair in combinations(np.flatnonzero(simple & (values.imag == 0)), 2)
    ]
    return [_readable(plane) for plane in planes]


def _readable(plane: Array) -> Array:
    """Orthonormal rows that depend on the plane alone: coordinate axes where it holds them."""
    rows = orthonormal_rows(plane)
    projector = rows.T @ rows
    first = projector[np.argmax(np.diag(projector).round(9))]
    first = first / np.linalg.norm(first)
    rest = projector - np.outer(first, first)
    second = rest[np.argmax(np.diag(rest).round(9))]
    readable = np.stack([first, second / np.linalg.norm(second)])
    return np.asarray(np.where(np.abs(readable) < 1e-12, 0.0, readable))


def _kept(plane: Array, unit: Array, tolerance: float) -> bool:
    moved = plane @ unit.transpose(0, 2, 1)
    outside = moved - moved @ plane.T @ plane
    return bool(np.abs(outside).max() <= tolerance)
