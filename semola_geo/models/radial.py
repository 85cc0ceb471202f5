"""Radial functions with a smooth cutoff."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

__all__ = ["RadialBasis"]


class RadialBasis(nn.Module):
    r"""Bessel functions under a polynomial envelope: `[E]` distances to `[E, num_basis]`.

    :math:`b_n(r) = \sqrt{2} \sin(n \pi r / r_c) / (r / r_c) \cdot u(r / r_c)` with
    :math:`u(x) = 1 - 28 x^6 + 48 x^7 - 21 x^8`, which has two continuous derivatives at the
    cutoff. Source: Gasteiger, Groß and Günnemann, arXiv:2003.03123, eq. 7 and 8 (p = 6).

    Args:
        cutoff: Radius beyond which nothing interacts, in the unit of the coordinates.
        num_basis: Number of functions.

    Raises:
        ValueError: If either is not positive.

    >>> basis = RadialBasis(cutoff=5.0, num_basis=4)
    >>> basis(torch.tensor([1.0, 5.0, 6.0])).abs().sum(1) > 1e-5
    tensor([ True, False, False])
    """

    frequencies: Tensor

    def __init__(self, cutoff: float, num_basis: int) -> None:
        super().__init__()
        if not cutoff > 0 or not math.isfinite(cutoff):
            raise ValueError(f"cutoff must be a positive length, got {cutoff!r}")
        if num_basis < 1:
            raise ValueError(f"num_basis must be at least 1, got {num_basis!r}")
        self.cutoff = float(cutoff)
        frequencies = torch.pi * torch.arange(1, num_basis + 1, dtype=torch.float64)
        self.register_buffer("frequencies", frequencies, persistent=False)

    def forward(self, distance: Tensor) -> Tensor:
        """Evaluate all functions at every distance, in the dtype of the distances."""
        x = (distance / self.cutoff).unsqueeze(-1)
        envelope = 1 + x**6 * (-28 + x * (48 - 21 * x))
        envelope = torch.where(x < 1, envelope, torch.zeros_like(x))
        frequencies = self.frequencies.to(distance.dtype)
        # sinc(0) = 1: two nodes at the same place stay finite, with finite gradient.
        return math.sqrt(2) * envelope * frequencies * torch.sinc(x * (frequencies / torch.pi))
