"""Single operations of O(3): what kind they are, and what they look like."""

from __future__ import annotations

import math
from fractions import Fraction

import torch
from torch import Tensor

__all__ = ["describe_operation", "improper_twin", "operation_symbol", "rotation_about", "turn_of"]

# Turns are told apart up to this order; below a degree, so that no two of them look alike.
_FINEST = 120


def rotation_about(axis: Tensor, angle: Tensor | float) -> Tensor:
    """Return rotations ``[..., 3, 3]`` about axes ``[..., 3]`` of any length, by radians.

    >>> rotation_about(torch.tensor([0.0, 0.0, 2.0]), math.pi / 2).round().abs().long().tolist()
    [[0, 1, 0], [1, 0, 0], [0, 0, 1]]
    """
    unit = torch.nn.functional.normalize(axis.to(torch.float64), dim=-1)
    x, y, z = unit.unbind(-1)
    zero = torch.zeros_like(x)
    cross = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], -1).reshape(*x.shape, 3, 3)
    turn = torch.as_tensor(angle, dtype=torch.float64)[..., None, None]
    eye = torch.eye(3, dtype=torch.float64)
    # Rodrigues' formula.
    rotation: Tensor = eye + turn.sin() * cross + (1 - turn.cos()) * (cross @ cross)
    return rotation


def improper_twin(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Split A into its sign det A ``[...]`` and the rotation ``[..., 3, 3]`` that is det(A)·A."""
    sign = torch.linalg.det(matrix).sign()
    return sign, sign[..., None, None] * matrix


def turn_of(rotation: Tensor) -> tuple[Tensor, float]:
    """Return the unit axis ``[3]`` and the angle in [0, π] of a rotation ``[3, 3]``.

    The axis of a half-turn, and of the identity, has its largest component positive.

    >>> axis, angle = turn_of(rotation_about(torch.tensor([0.0, -3.0, 0.0]), 0.25))
    >>> axis.tolist(), round(angle, 12)
    ([0.0, -1.0, 0.0], 0.25)
    """
    rotation = rotation.to(torch.float64)
    odd = (rotation - rotation.T) / 2
    vector = torch.stack([odd[2, 1], odd[0, 2], odd[1, 0]])
    angle = math.atan2(float(vector.norm()), (float(rotation.trace()) - 1) / 2)
    # n nᵀ is the largest eigenprojector of the even part, also where the odd part vanishes.
    even = (rotation + rotation.T) / 2
    axis = torch.linalg.eigh(even).eigenvectors[:, -1]
    along = float(axis @ vector)
    if abs(along) < 1e-9:
        along = float(axis[axis.abs().argmax()])
    return axis * math.copysign(1.0, along) + 0.0, angle


def operation_symbol(matrix: Tensor) -> str:
    """Return the Schoenflies symbol of an operation: E, i, σ, C_n, C_n^k, S_n or S_n^k.

    >>> operation_symbol(torch.diag(torch.tensor([1.0, 1.0, -1.0])))
    'σ'
    >>> operation_symbol(rotation_about(torch.tensor([1.0, 1.0, 1.0]), 2 * math.pi / 3))
    'C_3'
    """
    sign, rotation = improper_twin(matrix.to(torch.float64))
    _, angle = turn_of(rotation)
    if sign > 0:
        turn = _turn(angle)
        return "E" if turn == 0 else _power("C", turn)
    # −R(θ) is a mirror times a rotation by π − θ, about the other end of the axis.
    turn = _turn(math.pi - angle)
    if turn == 0:
        return "σ"
    return "i" if turn == Fraction(1, 2) else _power("S", turn)


def describe_operation(matrix: Tensor) -> str:
    """Describe an operation in words, with its axis or normal.

    >>> describe_operation(-torch.eye(3))
    'inversion'
    >>> describe_operation(torch.diag(torch.tensor([1.0, -1.0, 1.0])))
    'mirror plane with normal (0.000, 1.000, 0.000)'
    """
    sign, rotation = improper_twin(matrix.to(torch.float64))
    axis, angle = turn_of(rotation)
    symbol = operation_symbol(matrix)
    if symbol in ("E", "i"):
        return "identity" if symbol == "E" else "inversion"
    if symbol == "σ":
        return f"mirror plane with normal {_vector(axis)}"
    if sign > 0:
        return f"rotation by {_degrees(angle)} about {_vector(axis)}"
    return f"rotoreflection by {_degrees(math.pi - angle)} about {_vector(-axis)}"


def _turn(angle: float) -> Fraction:
    return Fraction(angle / (2 * math.pi)).limit_denominator(_FINEST)


def _power(letter: str, turn: Fraction) -> str:
    power = "" if turn.numerator == 1 else f"^{turn.numerator}"
    return f"{letter}_{turn.denominator}{power}"


def _degrees(angle: float) -> str:
    return f"{math.degrees(angle):.4g}°"


def _vector(axis: Tensor) -> str:
    return "(" + ", ".join(f"{x + 0.0:.3f}" for x in (axis * 1000).round() / 1000) + ")"
