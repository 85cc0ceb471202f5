"""Products as further inputs: invariants are made of them, and perceptrons learn them slowly."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["Products"]


class Products(nn.Module):
    r"""Append products of two learned linear maps: :math:`x \mapsto [x, (Ux + a) \odot (Vx + b)]`.

    Inner products, areas and Minkowski products of vectors are such numbers for some U and V, as
    invariants of the classical groups are polynomials (Weyl, The Classical Groups, 1939); none
    is preferred, and no symmetry is built in. A perceptron has to put them together from bends,
    and errs most where inputs are large.

    Args:
        width: Numbers that come in.
        products: Numbers that are appended.

    >>> Products(6, 4)(torch.randn(5, 6)).shape
    torch.Size([5, 10])
    """

    def __init__(self, width: int, products: int) -> None:
        super().__init__()
        self.left = nn.Linear(width, products)
        self.right = nn.Linear(width, products)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``[..., width]`` to ``[..., width + products]``."""
        return torch.cat([x, self.left(x) * self.right(x)], dim=-1)
