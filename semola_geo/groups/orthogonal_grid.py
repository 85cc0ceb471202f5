"""Elements spread evenly over O(3), without randomness."""

from __future__ import annotations

import math

import torch
from torch import Tensor

__all__ = ["orthogonal_grid"]

# Root of ψ⁴ = ψ + 4, which Alexa found to spread best, beside √2.
_PSI = 1.533751168755204288118041


def orthogonal_grid(count: int) -> Tensor:
    """Return elements ``[count, 3, 3]`` (float64) of O(3): rotations, then those times −1.

    Rotations lie on a super-Fibonacci spiral of unit quaternions (Alexa, CVPR 2022), which covers
    SO(3) about as evenly as optimised sets of any size: of 2,000 of them one lies within 17° of any
    rotation.

    Args:
        count: Number of elements; the first half, rounded up, are rotations.

    Raises:
        ValueError: If it is not positive.

    >>> torch.linalg.det(orthogonal_grid(4)).round().tolist()
    [1.0, 1.0, -1.0, -1.0]
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
    proper = (count + 1) // 2
    turns = torch.cat([_spiral(proper), -_spiral(max(count - proper, 1))])
    return turns[:count]


def _spiral(count: int) -> Tensor:
    step = torch.arange(count, dtype=torch.float64) + 0.5
    inner, outer = (step / count).sqrt(), (1 - step / count).sqrt()
    alpha, beta = 2 * math.pi * step / math.sqrt(2), 2 * math.pi * step / _PSI
    x, y = inner * alpha.sin(), inner * alpha.cos()
    z, w = outer * beta.sin(), outer * beta.cos()
    rows = [
        1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
        2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
        2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y),
    ]  # fmt: skip
    return torch.stack(rows, -1).reshape(count, 3, 3)
