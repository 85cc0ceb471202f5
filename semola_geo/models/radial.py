"""Radial functions with a smooth cutoff."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

__all__ = ["RadialBasis"]


class RadialBasis(nn.Module):
    r"""Gaussians under a polynomial envelope: `[E]` distances to `[E, K]`, all between 0 and 1.

    :math:`b_n(r) = \exp(-\tfrac12 (r - r_n)^2 / w^2) \, u(r / r_c)` with centres evenly spaced
    from 0 to the cutoff, w their spacing, and :math:`u(x) = 1 - 28 x^6 + 48 x^7 - 21 x^8`, which
    has two continuous derivatives at the cutoff (Gasteiger, Groß and Günnemann, arXiv:2003.03123,
    eq. 8).

    Args:
        cutoff: Radius beyond which nothing interacts, in the unit of the coordinates.
        num_basis: Number K of functions.

    Raises:
        ValueError: If the cutoff is not positive, or with less than two functions.

    >>> basis = RadialBasis(cutoff=5.0, num_basis=4)
    >>> basis(torch.tensor([1.0, 5.0, 6.0])).sum(1) > 1e-5
    tensor([ True, False, False])
    """

    centers: Tensor

    def __init__(self, cutoff: float, num_basis: int) -> None:
        super().__init__()
        if not 0 < cutoff < math.inf:
            raise ValueError(f"cutoff must be a positive length, got {cutoff!r}")
        if num_basis < 2:
            raise ValueError(f"num_basis must be at least 2, got {num_basis!r}")
        self.cutoff = float(cutoff)
        centers = torch.linspace(0, num_basis - 1, num_basis, dtype=torch.float64)
        self.register_buffer("centers", centers, persistent=False)

    def forward(self, distance: Tensor) -> Tensor:
        """Evaluate all functions at every distance, in the dtype of the distances."""
        x = (distance / self.cutoff).unsqueeze(-1)
        envelope = 1 + x**6 * (-28 + x * (48 - 21 * x))
        envelope = torch.where(x < 1, envelope, torch.zeros_like(x))
        steps = x * (len(self.centers) - 1) - self.centers.to(distance.dtype)
        return envelope * torch.exp(-0.5 * steps.square())
