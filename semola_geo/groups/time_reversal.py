"""Batched elements of the group of time reversal: for every graph, whether time is reversed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from semola_geo.representations import Representation

__all__ = ["TimeReversal"]


@dataclass(frozen=True, eq=False)
class TimeReversal:
    r"""The identity or the reversal θ, one for each graph; θ is its own inverse.

    θ changes the sign of every field declared ``@odd`` (velocities, momenta, angular momenta,
    currents) and leaves all others. A map F is equivariant when :math:`F(\theta x)` is F(x) for an
    even target (an energy, a force, an acceleration) and −F(x) for an odd one. That is a property
    of a map from the state of a system. The reversibility of a flow, which carries a state to the
    state some time later, is another one, :math:`\Phi\theta\Phi = \theta`, and is not meant here.

    Args:
        reverses: ``[B]`` bool.

    Raises:
        TypeError: If it is no tensor of booleans.
        ValueError: If it has another shape.

    Source of the distinction: Lamb and Roberts, Time-reversal symmetry in dynamical systems: a
    survey, Physica D 112 (1998), section 1.

    >>> from semola_geo.representations import parse_representation
    >>> theta = TimeReversal(torch.tensor([True, False]))
    >>> theta.act(torch.ones(2, 3), parse_representation("vector@odd"))
    tensor([[-1., -1., -1.],
            [ 1.,  1.,  1.]])
    >>> (theta @ theta).reverses
    tensor([False, False])
    """

    reverses: Tensor

    def __post_init__(self) -> None:
        if not isinstance(self.reverses, Tensor) or self.reverses.dtype != torch.bool:
            raise TypeError("a TimeReversal holds a tensor of booleans [B]")
        if self.reverses.dim() != 1:
            raise ValueError(
                f"a TimeReversal holds booleans [B], got shape {tuple(self.reverses.shape)}"
            )

    @classmethod
    def identity(cls, size: int) -> TimeReversal:
        """Return ``size`` elements that reverse nothing.

        >>> TimeReversal.identity(2)
        TimeReversal(0 of 2)
        """
        return cls(torch.zeros(size, dtype=torch.bool))

    @classmethod
    def everywhere(cls, size: int) -> TimeReversal:
        """Return ``size`` times θ.

        >>> TimeReversal.everywhere(2)
        TimeReversal(2 of 2)
        """
        return cls(torch.ones(size, dtype=torch.bool))

    def act(
        self, values: Tensor, representation: Representation, index: Tensor | None = None
    ) -> Tensor:
        """Change the sign of a field declared ``@odd``; other fields stay.

        Args:
            values: ``[rows, ...]``.
            representation: Says whether the field is odd.
            index: Graph of every row, ``[rows]``; ``None`` when row b belongs to graph b.
        """
        if not representation.odd:
            return values
        rows = self.reverses if index is None else self.reverses[index]
        sign = 1 - 2 * rows.to(values)
        return values * sign.reshape(-1, *(1,) * (values.dim() - 1))

    def hold(self, mask: Tensor) -> TimeReversal:
        """Return the elements with the identity where the mask ``[B]`` is true."""
        return TimeReversal(self.reverses & ~mask.to(self.reverses.device))

    def __len__(self) -> int:
        return len(self.reverses)

    def __getitem__(self, index: int | slice | Tensor) -> TimeReversal:
        chosen = [index] if isinstance(index, int) else index
        return TimeReversal(self.reverses[chosen])

    def __matmul__(self, other: TimeReversal) -> TimeReversal:
        """Compose: two reversals are none.

        Raises:
            ValueError: If batch sizes differ.
        """
        if not isinstance(other, TimeReversal):
            return NotImplemented
        if len(self) != len(other):
            raise ValueError(
                f"cannot compose reversals of {len(self)} and {len(other)} graphs: sizes must match"
            )
        return TimeReversal(self.reverses ^ other.reverses)

    def __invert__(self) -> TimeReversal:
        """Return the same elements: each is its own inverse."""
        return self

    def to(self, *args: Any, **kwargs: Any) -> TimeReversal:
        """Move to a device, as :meth:`torch.Tensor.to`; booleans keep their type."""
        device = torch.zeros(0, device=self.reverses.device).to(*args, **kwargs).device
        return TimeReversal(self.reverses.to(device))

    def detach(self) -> TimeReversal:
        """Return the same elements: nothing carries gradient."""
        return self

    def __repr__(self) -> str:
        return f"TimeReversal({int(self.reverses.sum())} of {len(self)})"
