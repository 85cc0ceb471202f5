"""Batched elements of a product: a matrix for the coordinates, a permutation for the nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from semola_geo.groups.element import GroupElement
from semola_geo.groups.slot_element import SlotPermutation
from semola_geo.representations import Representation

__all__ = ["ProductElement"]


@dataclass(frozen=True, eq=False)
class ProductElement:
    """One pair (g, h) per graph: g moves coordinates, h moves nodes to other slots.

    All nodes of a graph are moved by the same g, so that both parts commute.

    Args:
        continuous: g.
        permutation: h.

    Raises:
        TypeError: If a part is of another kind.
        ValueError: If the parts are for different numbers of graphs.

    >>> import torch
    >>> turn = GroupElement(torch.tensor([[[0.0, -1.0], [1.0, 0.0]]]))
    >>> pair = ProductElement(turn, SlotPermutation(torch.tensor([[1, 2, 0]])))
    >>> (pair @ ~pair).continuous.matrix, (pair @ ~pair).permutation.images
    (tensor([[[1., 0.],
             [0., 1.]]]), tensor([[0, 1, 2]]))
    """

    continuous: GroupElement
    permutation: SlotPermutation

    def __post_init__(self) -> None:
        for name, kind in (("continuous", GroupElement), ("permutation", SlotPermutation)):
            part = getattr(self, name)
            if not isinstance(part, kind):
                raise TypeError(f"{name} must be a {kind.__name__}, got {type(part).__name__}")
        if len(self.continuous) != len(self.permutation):
            raise ValueError(
                f"a ProductElement needs parts for the same graphs, got {len(self.continuous)} "
                f"matrices and {len(self.permutation)} permutation(s)"
            )

    @classmethod
    def identity(
        cls, size: int, dimension: int, num_slots: int, affine: bool = False
    ) -> ProductElement:
        """Return ``size`` identity elements.

        >>> ProductElement.identity(2, 3, 5)
        ProductElement(2 × linear, d = 3, 5 slots)
        """
        return cls(
            GroupElement.identity(size, dimension, affine),
            SlotPermutation.identity(size, num_slots),
        )

    def act(
        self, values: Tensor, representation: Representation, index: Tensor | None = None
    ) -> Tensor:
        """Move field values: their rows if the field is declared ``@slot``, and each of them.

        Args:
            values: ``[rows, *channels, *trailing]``; with ``@slot`` n rows per graph, graph after
                graph.
            representation: How the values transform.
            index: Graph of every row, ``[rows]``; ``None`` when row b belongs to graph b.

        Raises:
            ValueError: If a field with slots has another number of rows.
        """
        return self.continuous.act(
            self.permutation.act(values, representation), representation, index
        )

    def hold(self, mask: Tensor) -> ProductElement:
        """Return the elements with the identity where the mask ``[B]`` is true."""
        return ProductElement(self.continuous.hold(mask), self.permutation.hold(mask))

    def __len__(self) -> int:
        return len(self.continuous)

    def __getitem__(self, index: int | slice | Tensor) -> ProductElement:
        return ProductElement(self.continuous[index], self.permutation[index])

    def __matmul__(self, other: ProductElement) -> ProductElement:
        """Compose: ``(g @ h)`` applies h first.

        Raises:
            ValueError: If batch sizes, dimensions or numbers of slots differ.
        """
        if not isinstance(other, ProductElement):
            return NotImplemented
        return ProductElement(
            self.continuous @ other.continuous, self.permutation @ other.permutation
        )

    def __invert__(self) -> ProductElement:
        """Invert every element."""
        return ProductElement(~self.continuous, ~self.permutation)

    def to(self, *args: Any, **kwargs: Any) -> ProductElement:
        """Move to a device or dtype, as :meth:`torch.Tensor.to`."""
        return ProductElement(
            self.continuous.to(*args, **kwargs), self.permutation.to(*args, **kwargs)
        )

    def detach(self) -> ProductElement:
        """Cut the gradient."""
        return ProductElement(self.continuous.detach(), self.permutation.detach())

    def __repr__(self) -> str:
        kind = "affine" if self.continuous.affine else "linear"
        size = f"d = {self.continuous.dimension}, {self.permutation.num_slots} slots"
        return f"ProductElement({len(self)} × {kind}, {size})"
