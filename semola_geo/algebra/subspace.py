"""Linear subspaces given by rows: orthonormal bases, complements and principal angles.

A span of matrices is treated as a subspace of their flattened space with the Frobenius inner
product, so these few functions carry all comparisons between Lie algebras.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "complement", "kernel", "orthonormal_rows", "principal_angles"]

Array = NDArray[np.float64]


def orthonormal_rows(rows: Array, tolerance: float = 1e-10) -> Array:
    """Orthonormal basis `[rank, m]` of the row space of `rows` `[r, m]`.

    Independent rows are orthonormalised in their order (Gram-Schmidt, positive diagonal), so an
    orthonormal input is returned unchanged; dependent rows fall back to singular vectors whose
    singular value exceeds `tolerance` times the largest.

    >>> orthonormal_rows(np.array([[2.0, 0.0], [2.0, 3.0]])).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    count = len(rows)
    if count == 0:
        return rows.copy()
    _, singular, right = np.linalg.svd(rows, full_matrices=False)
    rank = int((singular > tolerance * max(float(singular[0]), np.finfo(np.float64).tiny)).sum())
    if rank < count:
        return np.ascontiguousarray(right[:rank])
    q, r = np.linalg.qr(rows.T)
    signs = np.where(np.diag(r) < 0, -1.0, 1.0)
    return np.ascontiguousarray((q * signs).T) + 0.0  # no negative zeros


def kernel(matrix: Array, tolerance: float = 1e-10) -> Array:
    """Orthonormal rows `[m - rank, m]` spanning `{v: matrix v = 0}` for `matrix` `[r, m]`.

    Singular values up to `tolerance` times the largest (or up to `tolerance` itself, if the
    largest is below one) count as zero.

    >>> kernel(np.array([[1.0, 0.0]])).tolist()
    [[0.0, 1.0]]
    """
    if matrix.shape[0] == 0:
        return np.eye(matrix.shape[1])
    _, singular, right = np.linalg.svd(matrix, full_matrices=True)
    rank = int((singular > tolerance * max(1.0, float(singular[0]))).sum())
    return np.ascontiguousarray(right[rank:])


def complement(basis: Array) -> Array:
    """Orthonormal rows `[m - k, m]` orthogonal to the orthonormal rows `basis` `[k, m]`."""
    return kernel(basis, tolerance=0.5)


def principal_angles(first: Array, second: Array) -> Array:
    """Principal angles in degrees, ascending, `[min(k1, k2)]`, between two orthonormal row spaces.

    Cosines lose all digits for angles below 1e-8, sines for those near a right angle; each angle
    is therefore taken from whichever of the two is small (Björck and Golub 1973, Math. Comp. 27,
    section 3; Knyazev and Argentati 2002, SIAM J. Sci. Comput. 23, algorithm 3.1).

    >>> tilted = np.array([[np.cos(1e-9), np.sin(1e-9)]])
    >>> bool(abs(principal_angles(np.eye(2)[:1], tilted)[0] - np.degrees(1e-9)) < 1e-20)
    True
    """
    small, large = (first, second) if len(first) <= len(second) else (second, first)
    if len(small) == 0:
        return np.zeros(0)
    overlap = small @ large.T
    cosines = np.linalg.svd(overlap, compute_uv=False)
    sines = np.linalg.svd(small - overlap @ large, compute_uv=False)[::-1]
    if len(sines) < len(cosines):  # fewer ambient coordinates than rows: impossible for bases
        raise ValueError("principal_angles: rows are not linearly independent")
    radians = np.where(
        sines < np.sqrt(0.5), np.arcsin(np.clip(sines, 0, 1)), np.arccos(np.clip(cosines, 0, 1))
    )
    return np.sort(np.degrees(radians))
