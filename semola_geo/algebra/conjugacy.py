"""Fit a change of coordinates that carries one algebra onto another.

Given a model algebra C and a target span g, find S with S C S^-1 = g. The misfit is the sum of
squared sines of the principal angles between both spans; a step S -> cay(Y) S moves every element
by [Y, .], so Gauss-Newton with damping (Levenberg-Marquardt) needs only brackets. The Cayley map
keeps S invertible and affine. A handful of random rotations as starting points suffices for the
algebras of the catalogue: measured, every start converges for so(d), se(d), gl(d) and their kin,
about every second one for so(p,q).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from semola_geo.algebra.affine import ambient_basis
from semola_geo.algebra.structure import structure_constants
from semola_geo.algebra.subspace import Array, complement, orthonormal_rows, principal_angles

__all__ = ["ConjugacyFit", "starting_changes"]

_ITERATIONS = 60
# Times the misfit: Changes that map the model to itself must not drift along noise.
_DAMPING = 0.03
_LONGEST_STEP = 0.5
_SOLVED = 1e-13  # sine of an angle: rounding
_STALLED = 1e-3  # relative progress below which a start is given up


class ConjugacyFit:
    """Least-squares problem min over S of |sines between S C S^-1 and a target span|.

    Args:
        target: `[k, n, n]` Frobenius-orthonormal.
        affine: whether matrices, S included, are affine (last row of S is 0, .., 0, 1).
    """

    def __init__(self, target: Array, affine: bool) -> None:
        self._size = target.shape[-1]
        frame = ambient_basis(self._size, affine)
        self._frame = frame.reshape(len(frame), -1)
        self._rows = target.reshape(len(target), -1) @ self._frame.T
        self._normal = complement(self._rows)
        # bracket of basis elements y and b, complement component e
        self._brackets = np.einsum("ybm,em->eyb", structure_constants(frame), self._normal)

    def angle(self, model: Array, change: Array) -> float:
        """Largest principal angle in degrees between the target and S C S^-1."""
        return float(principal_angles(self._rows, self._moved(model, change))[-1])

    def angle_in_model_frame(self, model: Array, change: Array) -> float:
        """Largest principal angle in degrees between S^-1 g S and the model C."""
        target = (self._rows @ self._frame).reshape(-1, self._size, self._size)
        pulled = self._moved(target, np.asarray(np.linalg.inv(change), dtype=np.float64))
        return float(principal_angles(pulled, self._moved(model, np.eye(self._size)))[-1])

    def solve(self, model: Array, change: Array) -> Array:
        """Local minimum S `[n, n]` reached from the start `change`, for a model `[k, n, n]`."""
        damping, identity = _DAMPING, np.eye(self._size)
        rows = self._moved(model, change)
        sines = self._normal @ rows.T
        for _ in range(_ITERATIONS):
            size = float(np.linalg.norm(sines))
            if size <= _SOLVED or damping > 1e3:
                break
            half = self._step(rows, sines, damping * size) / 2
            candidate = np.linalg.solve(identity - half, identity + half) @ change
            candidate_rows = self._moved(model, candidate)
            candidate_sines = self._normal @ candidate_rows.T
            progress = 1 - float(np.linalg.norm(candidate_sines)) / size
            if progress > 0:
                change, rows, sines = candidate, candidate_rows, candidate_sines
                damping = max(damping / 4, _DAMPING)
                if progress < _STALLED:
                    break
            else:
                damping *= 5
        return change

    def _step(self, rows: Array, sines: Array, damping: float) -> Array:
        """Generator `[n, n]` of the damped Gauss-Newton step."""
        jacobian = np.einsum("eyb,kb->eky", self._brackets, rows).reshape(-1, len(self._frame))
        gram = jacobian.T @ jacobian + damping * np.eye(len(self._frame))
        step = -np.linalg.solve(gram, jacobian.T @ sines.reshape(-1))
        step *= min(1.0, _LONGEST_STEP / max(float(np.linalg.norm(step)), 1e-300))
        return np.asarray((step @ self._frame).reshape(self._size, self._size))

    def _moved(self, model: Array, change: Array) -> Array:
        moved = change @ model @ np.linalg.inv(change)
        return orthonormal_rows(moved.reshape(len(moved), -1) @ self._frame.T)


def starting_changes(size: int, affine: bool, count: int) -> Iterator[Array]:
    """The identity, then `count - 1` fixed pseudo-random rotations `[size, size]`."""
    random = np.random.default_rng(0)
    d = size - int(affine)
    yield np.eye(size)
    for _ in range(count - 1):
        change = np.eye(size)
        change[:d, :d] = np.linalg.qr(random.normal(size=(d, d)))[0]
        yield change
