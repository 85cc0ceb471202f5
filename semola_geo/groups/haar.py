"""Uniformly random rotations."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["random_rotations"]


def random_rotations(
    size: int,
    dimension: int,
    generator: torch.Generator | None = None,
    max_angle: float | None = None,
) -> Tensor:
    """Draw rotations ``[size, d, d]`` (float64) from the Haar measure of SO(d).

    By the sign-fixed QR factor of a Gaussian matrix (Mezzadri, arXiv math-ph/0609050).

    Args:
        size: Number of rotations.
        dimension: d ≥ 2.
        generator: Source of randomness.
        max_angle: Largest angle in degrees (d = 2 or 3 only): the Haar measure restricted to the
            ball of that radius.

    Raises:
        ValueError: If ``max_angle`` is given for d > 3 or lies outside (0, 180].

    >>> r = random_rotations(4, 3, torch.Generator().manual_seed(0))
    >>> bool(torch.allclose(torch.linalg.det(r), torch.ones(4, dtype=torch.float64)))
    True
    """
    device = torch.device("cpu") if generator is None else generator.device
    if max_angle is None:
        gauss = torch.randn(
            size, dimension, dimension, generator=generator, dtype=torch.float64, device=device
        )
        frame, triangle = torch.linalg.qr(gauss)
        frame = frame * triangle.diagonal(dim1=-2, dim2=-1).sign()[:, None, :]
        determinant = torch.linalg.det(frame)
        return torch.cat([frame[..., :1] * determinant[:, None, None], frame[..., 1:]], dim=-1)
    if not 0 < max_angle <= 180 or dimension not in (2, 3):
        raise ValueError(
            f"max_angle must lie in (0, 180] degrees and needs d = 2 or 3, got {max_angle} in "
            f"d = {dimension}"
        )
    bound = torch.deg2rad(torch.tensor(max_angle, dtype=torch.float64))
    uniform = torch.rand(size, generator=generator, dtype=torch.float64, device=device)
    if dimension == 2:
        angle = (2 * uniform - 1) * bound.to(device)
        generator_matrix = torch.tensor([[0.0, -1.0], [1.0, 0.0]], dtype=torch.float64)
        return torch.matrix_exp(angle[:, None, None] * generator_matrix.to(device))
    angle = _restricted_angle(uniform, bound.to(device))
    axis = torch.randn(size, 3, generator=generator, dtype=torch.float64, device=device)
    rotation_vector = torch.nn.functional.normalize(axis, dim=-1) * angle[:, None]
    return torch.matrix_exp(_cross_matrix(rotation_vector))


def _restricted_angle(uniform: Tensor, bound: Tensor) -> Tensor:
    """Invert the distribution function (θ − sin θ)/(θ₀ − sin θ₀) of the angle by bisection."""
    target = uniform * (bound - bound.sin())
    low, high = torch.zeros_like(uniform), torch.ones_like(uniform) * bound
    for _ in range(60):
        middle = (low + high) / 2
        below = middle - middle.sin() < target
        low, high = torch.where(below, middle, low), torch.where(below, high, middle)
    return (low + high) / 2


def _cross_matrix(vector: Tensor) -> Tensor:
    x, y, z = vector.unbind(-1)
    zero = torch.zeros_like(x)
    rows = [zero, -z, y, z, zero, -x, -y, x, zero]
    return torch.stack(rows, dim=-1).reshape(-1, 3, 3)
