r"""Intertwiners: invertible affine maps T with :math:`T R_i = C_i T` for all generators."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["intertwiner", "misfit"]

_EXACT = 1e-4
# Of maps that are chosen freely, and of maps in the units of the data.
_LARGEST_CONDITION = 1e3
_SINGULAR = 1e10
_TRIES = 16
# Least motion of the origin, in units of the generators, that counts as one.
_VISIBLE = 0.2


def misfit(first: Tensor, second: Tensor, change: Tensor, size: float = 0.0) -> float:
    r"""Return how far two actions are from one another after a change of coordinates.

    Args:
        first: Matrices R on ``(coordinates, 1)``, ``[k, s, s]``.
        second: Matrices C ``[k, s, s]``.
        change: T ``[s, s]``.
        size: Size of the generators; the unit where actions are smaller.

    Returns:
        The largest :math:`\|R_i - T^{-1} C_i T\|` in units of the largest of
        :math:`\|R_i\|` and ``size``; infinite where T has no safe inverse.

    >>> turn = torch.tensor([[[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]])
    >>> misfit(turn, turn, torch.eye(3))
    0.0
    """
    if not bool(torch.isfinite(change).all()) or _condition(change[:-1, :-1]) > _SINGULAR:
        return float("inf")
    difference = first - torch.linalg.solve(change, second @ change)
    unit = max(size, float(_norm(first).max()), 1e-300)
    return float(_norm(difference).max()) / unit


def intertwiner(first: Tensor, second: Tensor, wanted: Tensor | None = None) -> Tensor | None:
    r"""Return an invertible T that carries one action into another, in the sense of least squares.

    The maps that commute with ``second`` form a space whose dimension h is known exactly; if both
    actions are equivalent, the intertwiners form a space of the same dimension. So the h smallest
    singular vectors of :math:`T \mapsto (T R_i - C_i T)_i` are taken, and among their
    combinations one that is well conditioned.

    Args:
        first: Measured matrices on ``(coordinates, 1)``, ``[k, s, s]`` with zero last rows.
        second: Exact matrices of a representation ``[k, s, s]``.
        wanted: A map ``[s, s]`` that T should be close to.

    Returns:
        T ``[s, s]`` with last row (0, …, 0, 1), or ``None`` where all combinations are singular.

    >>> turn = torch.tensor([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]).double()
    >>> swap = torch.tensor([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]).double()
    >>> found = intertwiner((swap @ turn @ swap)[None], turn[None])
    >>> round(misfit((swap @ turn @ swap)[None], turn[None], found), 9)
    0.0
    """
    size = first.shape[-1]
    values, _ = _singular(second, second)
    largest = max(float(_norm(second).max()), 1e-300)
    count = int((values < _EXACT * largest).sum())
    _, vectors = _singular(first, second)
    maps = vectors[len(vectors) - count :]
    generator = torch.Generator().manual_seed(0)
    weights = torch.randn(_TRIES, count, generator=generator, dtype=torch.float64)
    if wanted is not None:
        weights = torch.cat([(maps @ wanted.flatten())[None], weights])
    best, least = None, _LARGEST_CONDITION
    shift = float(second[:, :-1, -1].norm(dim=1).max())
    for number, weight in enumerate(weights):
        change = (weight @ maps).reshape(size, size)
        typical = float(change[:-1, :-1].norm()) / max(size - 1, 1) ** 0.5
        fixed = float(change[-1, -1].abs())
        # Coordinates that are scaled up without bound would hide any motion of the origin.
        if min(fixed, typical) <= _EXACT**2 * max(fixed, typical) or (
            shift and fixed * shift < _VISIBLE * typical
        ):
            continue
        change = change / change[-1, -1]
        condition = _condition(change[:-1, :-1])
        if condition < least:
            best, least = change, condition
        if wanted is not None and number == 0 and best is not None:
            break
    return best


def _singular(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """Singular values and vectors, both descending, of T ↦ T R − C T on affine maps T."""
    size = first.shape[-1]
    unit = torch.eye(size, dtype=torch.float64)
    rows = [
        torch.kron(unit, one.T.contiguous()) - torch.kron(other.contiguous(), unit)
        for one, other in zip(first, second, strict=True)
    ]
    # The last row of an affine map is (0, …, 0, t).
    free = torch.ones(size, size, dtype=torch.bool)
    free[-1, :-1] = False
    system = torch.cat(rows)[:, free.flatten()]
    _, values, right = torch.linalg.svd(system.T @ system)
    vectors = torch.zeros(len(right), size * size, dtype=torch.float64)
    vectors[:, free.flatten()] = right
    return values.clamp_min(0).sqrt(), vectors


def _norm(matrices: Tensor) -> Tensor:
    norms: Tensor = matrices.flatten(1).norm(dim=1)
    return norms


def _condition(matrix: Tensor) -> float:
    values = torch.linalg.svdvals(matrix)
    return float(values[0] / values[-1]) if float(values[-1]) > 0 else float("inf")
