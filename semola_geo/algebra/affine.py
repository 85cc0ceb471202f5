"""Homogeneous matrices of affine generators: `[[X, tau], [0, 0]]` and their changes of frame."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from semola_geo.algebra.subspace import Array

__all__ = [
    "ambient_basis",
    "change_of_coordinates",
    "embed",
    "frame_matrix",
    "has_zero_last_row",
    "infer_affine",
    "scale_translations",
]

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


def change_of_coordinates(matrix: Tensor, dimension: int, affine: bool) -> Array:
    """Check S and write it with as many rows as the generators it will be applied to.

    `[d, d]` becomes homogeneous when `affine`; `[d + 1, d + 1]` with last row (0, .., 0, 1) is
    taken as it is. Raises `ValueError` for anything else and for singular matrices.
    """
    change, d = matrix.detach().to("cpu", torch.float64).numpy(), dimension
    if change.shape == (d, d):
        if affine:
            change = embed(change[None])[0]
            change[-1, -1] = 1.0
    elif change.shape != (d + 1, d + 1) or not np.array_equal(change[-1], np.eye(d + 1)[-1]):
        raise ValueError(
            f"matrix: expected shape [{d}, {d}], or [{d + 1}, {d + 1}] with last row "
            f"(0, .., 0, 1), got {list(change.shape)}"
        )
    if not np.isfinite(change).all() or np.linalg.matrix_rank(change) < len(change):
        raise ValueError("matrix: is singular or not finite, so it is no change of coordinates")
    return np.asarray(change)


def ambient_basis(size: int, affine: bool) -> Array:
    """Frobenius-orthonormal basis `[m, n, n]` of gl(size), or of the affine n = size matrices."""
    rows = size - int(affine)
    return np.eye(size * size).reshape(size, size, size, size)[:rows].reshape(-1, size, size)
