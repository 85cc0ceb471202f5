"""Batched permutations of node slots: one per graph, composed, inverted and replayed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from semola_geo.representations import Representation

__all__ = ["SlotPermutation"]


@dataclass(frozen=True, eq=False)
class SlotPermutation:
    """One permutation of n node slots per graph: the node in slot i moves to slot ``images[i]``.

    Args:
        images: ``[B, n]`` long, each row a permutation of 0 … n − 1.
        matrix: The same as matrices ``[B, n, n]`` with ``matrix[b, images[b, i], i] = 1``, where a
            gradient is to flow into whatever they were made of; ``None``: rows are only indexed.

    Raises:
        TypeError: If images are not integers.
        ValueError: If a row is no permutation, or the shapes do not fit.

    >>> g = SlotPermutation(torch.tensor([[1, 2, 0]]))
    >>> (g @ g).images, (g @ ~g).images
    (tensor([[2, 0, 1]]), tensor([[0, 1, 2]]))
    """

    images: Tensor
    matrix: Tensor | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.images, Tensor) or self.images.dtype != torch.long:
            raise TypeError("a SlotPermutation holds image lists [B, n] of dtype torch.long")
        if self.images.dim() != 2:
            raise ValueError(
                f"a SlotPermutation holds images [B, n], got {tuple(self.images.shape)}"
            )
        slots = torch.arange(self.num_slots, device=self.images.device)
        wrong = (self.images.sort(dim=1).values != slots).any(dim=1)
        if bool(wrong.any()):
            row = int(wrong.nonzero()[0])
            raise ValueError(
                f"images of graph {row} are no permutation of {self.num_slots} slots: "
                f"{self.images[row].tolist()}"
            )
        if self.matrix is not None and self.matrix.shape != (*self.images.shape, self.num_slots):
            raise ValueError(
                f"matrix must have shape {(*self.images.shape, self.num_slots)}, got "
                f"{tuple(self.matrix.shape)}"
            )

    @classmethod
    def _composed(cls, images: Tensor, matrix: Tensor | None) -> SlotPermutation:
        """Make an element out of others, which were checked already."""
        element = object.__new__(cls)
        object.__setattr__(element, "images", images)
        object.__setattr__(element, "matrix", matrix)
        return element

    @property
    def num_slots(self) -> int:
        """Number n of slots."""
        return self.images.shape[1]

    @classmethod
    def identity(cls, size: int, num_slots: int) -> SlotPermutation:
        """Return ``size`` identity elements.

        >>> SlotPermutation.identity(2, 3).images.tolist()
        [[0, 1, 2], [0, 1, 2]]
        """
        return cls(torch.arange(num_slots).repeat(size, 1))

    def act(
        self, values: Tensor, representation: Representation, index: Tensor | None = None
    ) -> Tensor:
        """Move the rows of a field declared ``@slot``; other fields stay.

        Args:
            values: ``[B n, *channels, *trailing]``, graph after graph.
            representation: Says whether the field has slots.
            index: Not needed: the rows of graph b are those from b n on.

        Raises:
            ValueError: If the field has another number of rows.
        """
        if not representation.slot:
            return values
        if values.shape[:1] != (self.images.numel(),):
            raise ValueError(
                f"a field of shape {tuple(values.shape)} has no {self.num_slots} slots in each of "
                f"{len(self)} graph(s)"
            )
        if self.matrix is None or not values.is_floating_point():
            return values[_rows(self.images.argsort(dim=1))]
        width = values[:1].numel()
        dense = values.reshape(*self.images.shape, width)
        return (self.matrix.to(values.dtype) @ dense).reshape(values.shape)

    def relabel(self, nodes: Tensor) -> Tensor:
        """Return where nodes of a batch have moved, for ``edge_index`` and its like.

        >>> SlotPermutation(torch.tensor([[1, 2, 0]])).relabel(torch.tensor([[0, 2]]))
        tensor([[1, 0]])
        """
        moved: Tensor = _rows(self.images)[nodes]
        return moved

    def hold(self, mask: Tensor) -> SlotPermutation:
        """Return the elements with the identity where the mask ``[B]`` is true."""
        still = mask.to(self.images.device)
        slots = torch.arange(self.num_slots, device=self.images.device)
        images = torch.where(still[:, None], slots, self.images)
        if self.matrix is None:
            return self._composed(images, None)
        eye = torch.eye(self.num_slots).to(self.matrix)
        return self._composed(images, torch.where(still[:, None, None], eye, self.matrix))

    def __len__(self) -> int:
        return self.images.shape[0]

    def __getitem__(self, index: int | slice | Tensor) -> SlotPermutation:
        chosen = [index] if isinstance(index, int) else index
        matrix = self.matrix
        if matrix is not None and isinstance(index, Tensor) and index.dtype == torch.long:
            matrix = matrix.index_select(0, index)  # its backward is faster than that of [index]
        elif matrix is not None:
            matrix = matrix[chosen]
        return self._composed(self.images[chosen], matrix)

    def __matmul__(self, other: SlotPermutation) -> SlotPermutation:
        """Compose: ``(g @ h)`` applies h first.

        Raises:
            ValueError: If batch sizes or numbers of slots differ.
        """
        if not isinstance(other, SlotPermutation):
            return NotImplemented
        if self.images.shape != other.images.shape:
            raise ValueError(
                f"cannot compose {len(self)} permutation(s) of {self.num_slots} slots with "
                f"{len(other)} of {other.num_slots}: sizes must match"
            )
        images = self.images.gather(1, other.images)
        if self.matrix is None and other.matrix is None:
            return self._composed(images, None)
        return self._composed(images, self.as_matrix() @ other.as_matrix())

    def __invert__(self) -> SlotPermutation:
        """Invert every element."""
        matrix = None if self.matrix is None else self.matrix.mT
        return self._composed(self.images.argsort(dim=1), matrix)

    def as_matrix(self) -> Tensor:
        """Return the matrices ``[B, n, n]`` that move columns of slot values."""
        if self.matrix is not None:
            return self.matrix
        one_hot = torch.nn.functional.one_hot(self.images, self.num_slots)
        return one_hot.mT.to(torch.get_default_dtype())

    def to(self, *args: Any, **kwargs: Any) -> SlotPermutation:
        """Move to a device, or the matrices to a dtype, as :meth:`torch.Tensor.to`."""
        device = torch.empty(0, device=self.images.device).to(*args, **kwargs).device
        matrix = None if self.matrix is None else self.matrix.to(*args, **kwargs)
        return self._composed(self.images.to(device), matrix)

    def detach(self) -> SlotPermutation:
        """Cut the gradient."""
        return self._composed(self.images, None)

    def __repr__(self) -> str:
        return f"SlotPermutation({len(self)} × {self.num_slots} slots)"


def _rows(images: Tensor) -> Tensor:
    """Return slots ``[B, n]`` as rows of the whole batch, ``[B n]``."""
    size, slots = images.shape
    first = slots * torch.arange(size, device=images.device)
    return (images + first[:, None]).flatten()
