"""The component of reflections: a group of isometries that is not connected."""

from __future__ import annotations

import torch
from torch import Tensor

from semola_geo.algebra import LieAlgebra

__all__ = [
    "coset_reflection",
    "fixed_point",
    "isometry_about",
    "rotation_axis",
    "turns_everywhere",
]

# Orthonormal generators in normalised units turn by at least this much about any centre within
# three units of the origin; below, they translate.
_TURNING = 0.3


def isometry_about(linear: Tensor, point: Tensor, affine: bool) -> Tensor:
    """Return the map x ↦ A(x − p) + p as a matrix ``[..., n, n]``; a linear group has p = 0.

    Args:
        linear: A, ``[..., d, d]``.
        point: p, ``[d]``.
        affine: Whether n = d + 1.

    >>> isometry_about(-torch.eye(1), torch.tensor([2.0]), affine=True).tolist()
    [[-1.0, 4.0], [0.0, 1.0]]
    """
    if not affine:
        return linear
    size = linear.shape[-1] + 1
    matrix = torch.eye(size, dtype=linear.dtype).repeat(*linear.shape[:-2], 1, 1)
    matrix[..., :-1, :-1] = linear
    matrix[..., :-1, -1] = point - linear @ point
    return matrix


def turns_everywhere(algebra: LieAlgebra) -> bool:
    """Whether the linear parts of an algebra of isometries, in normalised units, are all of so(d).

    Then all its reflections lie in one coset: any of them stands for all.

    >>> [turns_everywhere(LieAlgebra.from_name(name)) for name in ("se(3)", "so(2)", "t(3)")]
    [True, True, False]
    """
    d = algebra.dimension
    turning, _ = _split(algebra)
    return len(turning) == d * (d - 1) // 2


def rotation_axis(algebra: LieAlgebra) -> Tensor | None:
    """Return the unit axis ``[3]`` of an algebra of isometries, in normalised units, with only one.

    >>> rotation_axis(LieAlgebra.from_name("so(2)", 3)).abs().tolist()
    [0.0, 0.0, 1.0]
    >>> rotation_axis(LieAlgebra.from_name("so(3)")) is None
    True
    """
    turning, _ = _split(algebra)
    if algebra.dimension != 3 or len(turning) != 1:
        return None
    spin = turning[0]
    axis = torch.stack([spin[2, 1], spin[0, 2], spin[1, 0]])
    unit: Tensor = axis / axis.norm()
    return unit


def fixed_point(algebra: LieAlgebra) -> Tensor:
    """Return a point ``[d]`` that the rotations of an algebra fix, up to its translations.

    The one next to the origin where there are several.

    Args:
        algebra: Algebra of isometries, in normalised units.

    >>> spin = LieAlgebra(torch.tensor([[[0.0, -1, 2], [1, 0, -1], [0, 0, 0]]]))
    >>> [round(x, 6) for x in fixed_point(spin).tolist()]
    [1.0, 2.0]
    """
    d = algebra.dimension
    turning, translations = _split(algebra)
    if not algebra.affine or not len(turning):
        return torch.zeros(d, dtype=torch.float64)
    linear, shift = turning[:, :d, :d], turning[:, :d, -1]
    frame = torch.linalg.qr(translations.T).Q
    shift = shift - shift @ frame @ frame.T
    # Translations along which the fixed point may move are projected out on both sides.
    linear = linear - frame @ frame.T @ linear
    inverse = torch.linalg.pinv(linear.reshape(-1, d), rtol=1e-3)
    point: Tensor = -inverse @ shift.flatten()
    return point


def coset_reflection(algebra: LieAlgebra) -> Tensor:
    """Return a reflection ``[n, n]`` that extends a group of isometries, in its units.

    In odd dimension the inversion at a fixed point, which commutes with all rotations about it;
    in even dimension, where the inversion is a rotation, the mirror across the first axis. That
    one extends the group only where it holds all rotations, or none.

    >>> coset_reflection(LieAlgebra.from_name("so(3)")).diagonal().tolist()
    [-1.0, -1.0, -1.0]
    """
    d = algebra.dimension
    signs = -torch.ones(d, dtype=torch.float64)
    if d % 2 == 0:
        signs[1:] = 1.0
    return isometry_about(signs.diag(), fixed_point(algebra), algebra.affine)


def _split(algebra: LieAlgebra) -> tuple[Tensor, Tensor]:
    """Return generators that turn ``[r, n, n]``, and translations of the others ``[s, d]``."""
    d = algebra.dimension
    flat = algebra.generators.to("cpu", torch.float64).flatten(1)
    frame = torch.linalg.qr(flat.T).Q.T.reshape(-1, *algebra.generators.shape[1:])
    mix, sizes, _ = torch.linalg.svd(frame[:, :d, :d].flatten(1), full_matrices=True)
    rank = int((sizes > _TURNING).sum())
    mixed = torch.einsum("ka,kij->aij", mix, frame)
    still = mixed[rank:, :d, -1] if algebra.affine else torch.zeros(0, d, dtype=torch.float64)
    return mixed[:rank], still
