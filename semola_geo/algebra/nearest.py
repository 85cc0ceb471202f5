"""A closed span next to one that is nearly closed: damped Gauss-Newton on the Grassmannian.

Write the span as orthonormal rows B `[k, m]` in coordinates of an ambient algebra and N `[c, m]`
for its complement. A neighbouring span has rows B + T N with T `[k, c]`, and it is closed when the
complement part of every bracket of its rows equals T applied to the span part. Linearised in T,

    N[B_i, B_j] + N[T_i N, B_j] + N[B_i, T_j N] - sum_l c_ijl T_l = 0,

a least-squares problem whose matrix is a coboundary of Lie algebra cohomology with values in
ambient / span. Conjugating a solution gives another, so this matrix has a kernel at the solution;
the damped step (Levenberg-Marquardt with a damping of the order of the residual, quadratically
convergent even on manifolds of solutions: Fan and Yuan 2005, Computing 74) ignores that kernel.
The span thus moves at right angles to the variety of subalgebras and keeps what the data said
along it. Short steps and a limit on the total angle keep it away from distant, degenerate (for
example abelian) subalgebras.
"""

from __future__ import annotations

import numpy as np

from semola_geo.algebra.structure import structure_constants
from semola_geo.algebra.subspace import Array, complement, orthonormal_rows, principal_angles

__all__ = ["nearest_closed_span"]

_CONVERGED = 1e-13  # RMS bracket component outside the span
_DAMPING = 0.1
_LONGEST_STEP = 0.15  # radians
_ITERATIONS = 200


def nearest_closed_span(basis: Array, ambient: Array, max_angle: float) -> Array:
    """Orthonormal matrices `[k, n, n]` spanning a closed algebra near `basis` `[k, n, n]`.

    `basis` and `ambient` `[m, n, n]` are Frobenius-orthonormal, the ambient span closed. Raises
    `ValueError` when the span is not inside the ambient one, when the iteration stalls, or when it
    ends more than `max_angle` degrees away.
    """
    if ambient.shape[-1] != basis.shape[-1]:
        raise ValueError(
            f"ambient: has matrices of size {ambient.shape[-1]}, this algebra of {basis.shape[-1]}"
        )
    frame = ambient.reshape(len(ambient), ambient.shape[-1] ** 2)
    start = basis.reshape(len(basis), ambient.shape[-1] ** 2) @ frame.T
    if len(basis) and np.linalg.svd(start, compute_uv=False)[-1] < 1 - 1e-9:
        raise ValueError("ambient: the span does not lie in the given ambient algebra")
    start = orthonormal_rows(start)
    table = structure_constants(ambient)
    rows, damping = start, _DAMPING
    residual, size = _brackets_outside(rows, table)
    for _ in range(_ITERATIONS):
        if size <= _CONVERGED:
            break
        candidate = _retract(rows, _step(rows, table, residual, damping * size))
        candidate_residual, candidate_size = _brackets_outside(candidate, table)
        if candidate_size < size:
            rows, residual, size = candidate, candidate_residual, candidate_size
            damping = max(damping / 3, 1e-3)
        elif size < 10 * _CONVERGED:  # rounding, not geometry, stops the descent
            break
        else:
            damping *= 5
    moved = float(principal_angles(start, rows)[-1]) if len(rows) else 0.0
    if size > 10 * _CONVERGED or moved > max_angle:
        raise ValueError(
            f"nearest_subalgebra: no closed algebra of dimension {len(basis)} found within "
            f"max_angle={max_angle} degrees (closure defect {size:.2g} after moving {moved:.3g} "
            "degrees); raise max_angle, or change the number of generators"
        )
    return np.asarray((rows @ frame).reshape(basis.shape))


def _brackets_outside(rows: Array, table: Array) -> tuple[Array, float]:
    """Complement parts of [B_i, B_j], i < j, as vectors `[pairs, m]`, and their RMS norm."""
    first, second = np.triu_indices(len(rows), 1)
    brackets = np.einsum("pa,pb,abc->pc", rows[first], rows[second], table, optimize=True)
    outside = brackets - (brackets @ rows.T) @ rows
    return outside, float(np.sqrt((outside**2).sum() / max(1, len(first))))


def _step(rows: Array, table: Array, residual: Array, damping: float) -> Array:
    """Tangent `[k, m]` (rows in the complement) of the damped Gauss-Newton step."""
    normal = complement(rows)
    count, codimension = len(rows), len(normal)
    first, second = np.triu_indices(count, 1)
    pairs = np.arange(len(first))
    adjoint = np.einsum("ja,cb,abm,em->jec", rows, normal, table, normal, optimize=True)
    inside = np.einsum("ia,jb,abm,lm->ijl", rows, rows, table, rows, optimize=True)
    jacobian = np.zeros((len(first), codimension, count, codimension))
    jacobian[pairs, :, second] += adjoint[first]
    jacobian[pairs, :, first] -= adjoint[second]
    diagonal = np.arange(codimension)
    jacobian[:, diagonal, :, diagonal] -= inside[first, second]
    matrix = jacobian.reshape(-1, count * codimension)
    target = -(residual @ normal.T).reshape(-1)
    gram = matrix.T @ matrix + damping * np.eye(matrix.shape[1])
    tangent = np.linalg.solve(gram, matrix.T @ target).reshape(count, codimension)
    return np.asarray(tangent @ normal)


def _retract(rows: Array, tangent: Array) -> Array:
    length = float(np.linalg.norm(tangent, ord=2))
    return orthonormal_rows(rows + tangent * min(1.0, _LONGEST_STEP / max(length, 1e-300)))
