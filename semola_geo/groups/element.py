"""Batched group elements: what was sampled, and can be composed, inverted and replayed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from semola_geo.representations import Representation

__all__ = ["GroupElement"]


@dataclass(frozen=True, eq=False)
class GroupElement:
    """One element :math:`g = (A, t)` of a matrix group per graph.

    Args:
        matrix: ``[B, n, n]`` floating point; n = d, or d + 1 for affine groups, whose last row
            is (0, …, 0, 1).
        affine: Whether the last column of ``matrix`` is a translation.

    Raises:
        TypeError: If the matrix is no floating-point tensor.
        ValueError: If it has another shape.

    >>> g = GroupElement(torch.tensor([[[0.0, -1.0], [1.0, 0.0]]]))
    >>> (g @ ~g).matrix
    tensor([[[1., 0.],
             [0., 1.]]])
    >>> len(g), g.dimension
    (1, 2)
    """

    matrix: Tensor
    affine: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.matrix, Tensor) or not self.matrix.is_floating_point():
            raise TypeError("a GroupElement holds a floating-point tensor of matrices [B, n, n]")
        shape = tuple(self.matrix.shape)
        if len(shape) != 3 or shape[1] != shape[2]:
            raise ValueError(f"a GroupElement holds matrices [B, n, n], got shape {shape}")

    @property
    def dimension(self) -> int:
        """Dimension d of the space it acts on."""
        return self.matrix.shape[-1] - int(self.affine)

    @property
    def linear(self) -> Tensor:
        """Linear parts ``[B, d, d]``."""
        return self.matrix[:, : self.dimension, : self.dimension]

    @property
    def translation(self) -> Tensor:
        """Translation parts ``[B, d]``; zeros for linear groups."""
        if self.affine:
            return self.matrix[:, :-1, -1]
        return self.matrix.new_zeros(len(self), self.dimension)

    @classmethod
    def identity(cls, size: int, dimension: int, affine: bool = False) -> GroupElement:
        """Return ``size`` identity elements.

        >>> GroupElement.identity(2, 3, affine=True).matrix.shape
        torch.Size([2, 4, 4])
        """
        eye = torch.eye(dimension + int(affine), dtype=torch.get_default_dtype())
        return cls(eye.repeat(size, 1, 1), affine)

    def act(
        self, values: Tensor, representation: Representation, index: Tensor | None = None
    ) -> Tensor:
        """Move field values by the representation.

        Args:
            values: ``[rows, *channels, *trailing]``.
            representation: How the values transform.
            index: Graph of every row, ``[rows]``; ``None`` when row b belongs to graph b.
        """
        return representation.act(self.linear, self.translation, values, index)

    def __len__(self) -> int:
        return self.matrix.shape[0]

    def __getitem__(self, index: int | slice | Tensor) -> GroupElement:
        chosen = self.matrix[[index]] if isinstance(index, int) else self.matrix[index]
        return GroupElement(chosen, self.affine)

    def __matmul__(self, other: GroupElement) -> GroupElement:
        """Compose: ``(g @ h)`` applies h first.

        Raises:
            ValueError: If batch sizes or dimensions differ.
        """
        if not isinstance(other, GroupElement):
            return NotImplemented
        if len(self) != len(other) or self.dimension != other.dimension:
            raise ValueError(
                f"cannot compose {len(self)} element(s) in d = {self.dimension} with "
                f"{len(other)} element(s) in d = {other.dimension}: sizes must match"
            )
        affine = self.affine or other.affine
        left, right = self._embedded(affine), other._embedded(affine)
        dtype = torch.promote_types(left.dtype, right.dtype)
        return GroupElement(torch.bmm(left.to(dtype), right.to(dtype)), affine)

    def __invert__(self) -> GroupElement:
        """Invert every element."""
        return GroupElement(torch.linalg.inv(self.matrix), self.affine)

    def hold(self, mask: Tensor) -> GroupElement:
        """Return the elements with the identity where the mask ``[B]`` is true.

        >>> turn = GroupElement(-torch.eye(2).repeat(2, 1, 1))
        >>> turn.hold(torch.tensor([True, False])).matrix[:, 0, 0]
        tensor([ 1., -1.])
        """
        identity = torch.eye(self.matrix.shape[-1]).to(self.matrix).expand_as(self.matrix)
        still = mask.to(self.matrix.device)[:, None, None]
        return GroupElement(torch.where(still, identity, self.matrix), self.affine)

    def _embedded(self, affine: bool) -> Tensor:
        if affine == self.affine:
            return self.matrix
        embedded = torch.nn.functional.pad(self.matrix, (0, 1, 0, 1))
        corner = torch.zeros_like(embedded)
        corner[:, -1, -1] = 1.0
        return embedded + corner

    def to(self, *args: Any, **kwargs: Any) -> GroupElement:
        """Move to a device or dtype, as :meth:`torch.Tensor.to`."""
        return GroupElement(self.matrix.to(*args, **kwargs), self.affine)

    def detach(self) -> GroupElement:
        """Cut the gradient."""
        return GroupElement(self.matrix.detach(), self.affine)

    def __repr__(self) -> str:
        kind = "affine" if self.affine else "linear"
        return f"GroupElement({len(self)} × {kind}, d = {self.dimension})"
