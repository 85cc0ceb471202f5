"""The contract of all transforms: sample an element, act, invert, replay."""

from __future__ import annotations

from abc import abstractmethod
from typing import Generic, Protocol, Self, TypeVar

import torch
from torch import nn
from torch.utils.data import get_worker_info
from torch_geometric.data import Data
from torch_geometric.transforms import BaseTransform

from semola_geo.fields import Fields, num_graphs

__all__ = ["ReplayableTransform"]


class _Invertible(Protocol):
    def __invert__(self) -> Self: ...


Element = TypeVar("Element", bound=_Invertible)


class ReplayableTransform(nn.Module, BaseTransform, Generic[Element]):  # type: ignore[misc]
    """Sample one group element per graph and move every declared field by it.

    ``nn.Module`` comes first, so that hooks, ``parameters()`` and ``state_dict()`` work;
    :meth:`forward` copies, because PyG's own copying ``__call__`` is then not reached.

    Args:
        fields: Declared fields.
        strict: Refuse data with undeclared floating-point fields.
    """

    def __init__(self, fields: Fields, strict: bool = True) -> None:
        super().__init__()
        self.fields = fields
        self.strict = strict

    @abstractmethod
    def sample(
        self,
        size: int,
        generator: torch.Generator | None = None,
        dtype: torch.dtype | None = None,
    ) -> Element:
        """Draw one independent element per graph, with gradient."""

    @abstractmethod
    def _act(self, data: Data, element: Element) -> Data:
        """Return a moved copy."""

    def forward(
        self,
        data: Data,
        element: Element | None = None,
        generator: torch.Generator | None = None,
        return_element: bool = False,
    ) -> Data | tuple[Data, Element]:
        """Return a shallow copy of the data, moved by one independent element per graph.

        Args:
            data: A ``Data`` or ``Batch``; it is not changed.
            element: Replay this element instead of sampling.
            generator: Source of randomness; torch's default generator when ``None``.
            return_element: Also return the element.

        Raises:
            TypeError: For ``HeteroData``, integer coordinates or an element of another kind.
            ValueError: For invalid fields (see :meth:`semola_geo.fields.Fields.validate`) or an
                element that does not fit the data.
        """
        self.fields.validate(data, self.strict)
        # Tensors that carry gradient cannot cross the border of a worker process.
        in_worker = get_worker_info() is not None
        with torch.set_grad_enabled(torch.is_grad_enabled() and not in_worker):
            if element is None:
                element = self.sample(num_graphs(data), generator)
            moved = self._act(data, element)
        return (moved, element) if return_element else moved

    def inverse(self, data: Data, element: Element) -> Data:
        """Undo ``self(data, element=element)``.

        Raises:
            TypeError: As :meth:`forward`.
            ValueError: As :meth:`forward`.
        """
        self.fields.validate(data, self.strict)
        return self._act(data, ~element)

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={str(rep)!r}" for name, rep in self.fields.items())
        return f"{type(self).__name__}({fields}, {self._describe()})"

    @abstractmethod
    def _describe(self) -> str:
        """Return the group as an argument, for ``repr``."""
