"""Homogeneous matrices of affine generators: `[[X, tau], [0, 0]]` and their changes of frame."""

from __future__ import annotations

import numpy as np

from semola_geo.algebra.subspace import Array

__all__ = ["ambient_basis", "embed", "frame_matrix", "infer_affine", "scale_translations"]

# A last row this small relative to the largest entry is taken as zero: products of matrices leave
# a few ulps behind.
_ZERO_ROW = 1e-12


def infer_affine(generators: Array) -> bool:
    """Whether `[k, n, n]` look like affine generators: zero last row, non-zero last column.

    The second condition keeps so(2) about the z axis of R^3 (last row *and* column zero) linear.

    >>> infer_affine(np.array([[[0.0, 1.0], [0.0, 0.0]]]))
    True
    """
    if generators.size == 0:
        return False
    return has_zero_last_row(generators) and bool(np.any(generators[:, :-1, -1] != 0.0))


def has_zero_last_row(generators: Array) -> bool:
    """Whether the last row vanishes in every one of `[k, n, n]`, up to rounding."""
    if generators.size == 0:
        return True
    return bool(np.abs(generators[:, -1]).max() <= _ZERO_ROW * np.abs(generators).max())


def embed(generators: Array) -> Array:
    """Linear generators `[k, d, d]` as affine ones `[k, d+1, d+1]` without translation."""
    return np.pad(generators, ((0, 0), (0, 1), (0, 1)))


def scale_translations(generators: Array, length_scale: float) -> Array:
    """`[[X, tau]] -> [[X, tau / length_scale]]`: translations in units of `length_scale`."""
    scaled = generators.copy()
    scaled[:, :-1, -1] /= length_scale
    return scaled


def frame_matrix(length_scale: float, center: Array) -> Array:
    """Homogeneous matrix of u -> length_scale * u + center, normalised to data coordinates."""
    matrix = np.diag([length_scale] * len(center) + [1.0])
    matrix[:-1, -1] = center
    return matrix


def ambient_basis(size: int, affine: bool) -> Array:
    """Frobenius-orthonormal basis `[m, n, n]` of gl(size), or of the affine n = size matrices."""
    rows = size - int(affine)
    return np.eye(size * size).reshape(size, size, size, size)[:rows].reshape(-1, size, size)
