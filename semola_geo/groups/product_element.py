"""Batched elements of a product: a matrix, a permutation of nodes, a reversal of time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from semola_geo.groups.element import GroupElement
from semola_geo.groups.slot_element import SlotPermutation
from semola_geo.groups.time_reversal import TimeReversal
from semola_geo.representations import Representation

__all__ = ["ProductElement"]

_KINDS = {"continuous": GroupElement, "permutation": SlotPermutation, "reversal": TimeReversal}


@dataclass(frozen=True, eq=False)
class ProductElement:
    """For every graph an element g of each of several groups that act side by side.

    One moves coordinates, one moves nodes to other slots, one changes the signs of odd fields. All
    nodes of a graph are moved alike, so that the parts commute.

    Args:
        continuous: Moves coordinates; ``None``: the product has no such factor.
        permutation: Moves nodes; ``None`` likewise.
        reversal: Changes signs; ``None`` likewise.

    Raises:
        TypeError: If a part is of another kind.
        ValueError: If there is no part, or parts are for different numbers of graphs.

    >>> import torch
    >>> turn = GroupElement(torch.tensor([[[0.0, -1.0], [1.0, 0.0]]]))
    >>> pair = ProductElement(turn, SlotPermutation(torch.tensor([[1, 2, 0]])))
    >>> (pair @ ~pair).continuous.matrix, (pair @ ~pair).permutation.images
    (tensor([[[1., 0.],
             [0., 1.]]]), tensor([[0, 1, 2]]))
    >>> ProductElement(turn, reversal=TimeReversal.everywhere(1))
    ProductElement(1 × linear, d = 2, time)
    """

    continuous: GroupElement | None = None
    permutation: SlotPermutation | None = None
    reversal: TimeReversal | None = None

    def __post_init__(self) -> None:
        for name, kind in _KINDS.items():
            part = getattr(self, name)
            if part is not None and not isinstance(part, kind):
                raise TypeError(f"{name} must be a {kind.__name__}, got {type(part).__name__}")
        if not self._parts:
            raise ValueError(f"a ProductElement needs a part: {', '.join(_KINDS)}")
        if len({len(part) for part in self._parts.values()}) > 1:
            counts = ", ".join(f"{name}: {len(part)}" for name, part in self._parts.items())
            raise ValueError(f"a ProductElement needs parts for the same graphs, got {counts}")

    @classmethod
    def identity(
        cls, size: int, dimension: int, num_slots: int, affine: bool = False
    ) -> ProductElement:
        """Return ``size`` identity elements of motions and permutations.

        >>> ProductElement.identity(2, 3, 5)
        ProductElement(2 × linear, d = 3, 5 slots)
        """
        return cls(
            GroupElement.identity(size, dimension, affine),
            SlotPermutation.identity(size, num_slots),
        )

    @property
    def _parts(self) -> dict[str, Any]:
        return {name: part for name in _KINDS if (part := getattr(self, name)) is not None}

    def _each(self, change: Callable[[Any], Any]) -> ProductElement:
        return ProductElement(**{name: change(part) for name, part in self._parts.items()})

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
        if self.permutation is not None:
            values = self.permutation.act(values, representation)
        if self.continuous is not None:
            values = self.continuous.act(values, representation, index)
        if self.reversal is not None:
            values = self.reversal.act(values, representation, index)
        return values

    def hold(self, mask: Tensor) -> ProductElement:
        """Return the elements with the identity where the mask ``[B]`` is true."""
        return self._each(lambda part: part.hold(mask))

    def __len__(self) -> int:
        return len(next(iter(self._parts.values())))

    def __getitem__(self, index: int | slice | Tensor) -> ProductElement:
        return self._each(lambda part: part[index])

    def __matmul__(self, other: ProductElement) -> ProductElement:
        """Compose: ``(g @ h)`` applies h first.

        Raises:
            ValueError: If batch sizes, dimensions, numbers of slots or kinds of parts differ.
        """
        if not isinstance(other, ProductElement):
            return NotImplemented
        one, two = self._parts, other._parts
        if one.keys() != two.keys():
            raise ValueError(
                f"cannot compose an element of {', '.join(one)} with one of {', '.join(two)}: "
                "both need the same parts"
            )
        return ProductElement(**{name: one[name] @ two[name] for name in one})

    def __invert__(self) -> ProductElement:
        """Invert every element."""
        return self._each(lambda part: ~part)

    def to(self, *args: Any, **kwargs: Any) -> ProductElement:
        """Move to a device or dtype, as :meth:`torch.Tensor.to`."""
        return self._each(lambda part: part.to(*args, **kwargs))

    def detach(self) -> ProductElement:
        """Cut the gradient."""
        return self._each(lambda part: part.detach())

    def __repr__(self) -> str:
        words = []
        if self.continuous is not None:
            words.append("affine" if self.continuous.affine else "linear")
            words.append(f"d = {self.continuous.dimension}")
        if self.permutation is not None:
            words.append(f"{self.permutation.num_slots} slots")
        if self.reversal is not None:
            words.append("time")
        return f"ProductElement({len(self)} × {', '.join(words)})"
