"""What learnable and known-group transforms share: sample an element, act, invert, replay."""

from __future__ import annotations

import copy
from abc import abstractmethod
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.utils.data import get_worker_info
from torch_geometric.data import Data
from torch_geometric.transforms import BaseTransform

from semola_geo.fields import Fields, num_graphs, row_graphs
from semola_geo.groups import AmbientGroup, GroupElement, parse_ambient
from semola_geo.representations import Representation

__all__ = ["SymmetryTransform"]


class SymmetryTransform(nn.Module, BaseTransform):  # type: ignore[misc]
    """Sample one group element per graph and move every declared field by it.

    ``nn.Module`` comes first, so that hooks, ``parameters()`` and ``state_dict()`` work;
    :meth:`forward` copies, because PyG's own copying ``__call__`` is then not reached.

    Args:
        fields: Name → representation of every field that the group moves (or leaves).
        group: Name of the group.
        strict: Refuse data with undeclared floating-point fields.
        length_scale: Unit of length ℓ of the algebra, in the data's unit.
        center: Point ``[d]`` about which the group acts; the origin when ``None``.

    Raises:
        ValueError: For an unknown group or representation, irreps under a group that is not
            orthogonal, or a centre for a group that has no translations.
    """

    _center: Tensor

    def __init__(
        self,
        fields: Mapping[str, str | Representation],
        group: str | AmbientGroup,
        *,
        strict: bool = True,
        length_scale: float = 1.0,
        center: Sequence[float] | Tensor | None = None,
    ) -> None:
        super().__init__()
        self.ambient = parse_ambient(group)
        self.fields = Fields(fields, self.ambient.dimension)
        for name, representation in self.fields.items():
            if representation.orthogonal_only and not self.ambient.orthogonal:
                raise ValueError(
                    f"field {name!r}: irreps {str(representation)!r} are defined for orthogonal "
                    f"groups only, but the ambient group is {self.ambient.name}; use a Cartesian "
                    "representation ('vector', 'ij=ji', …) or an ambient such as 'E(3)'"
                )
        if not length_scale > 0:
            raise ValueError(f"length_scale must be positive, got {length_scale}")
        self.strict = strict
        self.length_scale = float(length_scale)
        origin = torch.zeros(self.ambient.dimension, dtype=torch.float64)
        middle = origin if center is None else torch.as_tensor(center, dtype=torch.float64)
        if middle.shape != origin.shape:
            raise ValueError(
                f"center must have shape {tuple(origin.shape)}, got {tuple(middle.shape)}"
            )
        if not self.ambient.affine and bool(middle.any()):
            raise ValueError(
                f"{self.ambient.name} fixes the origin; a center needs an affine group such as "
                f"SE({self.ambient.dimension}) or Aff({self.ambient.dimension})"
            )
        self.register_buffer("_center", middle.clone())

    @abstractmethod
    def _sample_normalized(self, size: int, generator: torch.Generator | None) -> GroupElement:
        """Draw elements in normalised units."""

    def sample(
        self,
        size: int,
        generator: torch.Generator | None = None,
        dtype: torch.dtype | None = None,
    ) -> GroupElement:
        """Draw one independent element per graph, in the data's units, with gradient.

        Args:
            size: Number of graphs.
            generator: Source of randomness; torch's default generator when ``None``.
            dtype: Of the matrices; that of the parameters (float64) when ``None``.
        """
        element = self._to_data_units(self._sample_normalized(size, generator))
        return element if dtype is None else element.to(dtype)

    def _to_data_units(self, element: GroupElement) -> GroupElement:
        if not element.affine:
            return element
        linear = element.linear
        center = self._center.to(linear)
        shift = self.length_scale * element.translation + center - linear @ center
        top = torch.cat([linear, shift[..., None]], dim=-1)
        return GroupElement(torch.cat([top, element.matrix[:, -1:, :]], dim=1), affine=True)

    def forward(
        self,
        data: Data,
        element: GroupElement | None = None,
        generator: torch.Generator | None = None,
        return_element: bool = False,
    ) -> Data | tuple[Data, GroupElement]:
        """Return a shallow copy of the data, moved by one independent element per graph.

        Args:
            data: A ``Data`` or ``Batch``; it is not changed.
            element: Replay this element instead of sampling.
            generator: Source of randomness; torch's default generator when ``None``.
            return_element: Also return the element.

        Raises:
            TypeError: For ``HeteroData`` or integer coordinates.
            ValueError: For invalid fields (see :meth:`semola_geo.fields.Fields.validate`) or an
                element of another batch size or dimension.
        """
        self.fields.validate(data, self.strict)
        size = num_graphs(data)
        if element is None:
            if get_worker_info() is None:
                element = self.sample(size, generator)
            else:
                # Tensors that carry gradient cannot cross the border of a worker process.
                with torch.no_grad():
                    element = self.sample(size, generator)
        elif len(element) != size:
            raise ValueError(
                f"element holds {len(element)} group element(s), but the data has {size} graph(s)"
            )
        elif element.dimension != self.fields.dimension:
            raise ValueError(
                f"element acts in d = {element.dimension}, but the fields live in "
                f"d = {self.fields.dimension}"
            )
        moved = self._act(data, element)
        return (moved, element) if return_element else moved

    def inverse(self, data: Data, element: GroupElement) -> Data:
        """Undo ``self(data, element=element)``.

        Raises:
            ValueError: As :meth:`forward`.
        """
        moved = self.forward(data, element=~element)
        assert isinstance(moved, Data)  # noqa: S101 (no element was asked for)
        return moved

    def _act(self, data: Data, element: GroupElement) -> Data:
        moved = copy.copy(data)
        for name, representation in self.fields.items():
            if representation.is_invariant:
                continue
            values = data[name]
            local = element.to(values.device)
            if values.dtype == torch.float64 or local.matrix.dtype != torch.float64:
                local = local.to(values.dtype)
            index = row_graphs(data, name)
            moved[name] = local.act(values, representation, index)
        return moved

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={str(rep)!r}" for name, rep in self.fields.items())
        return f"{type(self).__name__}({fields}, {self._describe()})"

    def _describe(self) -> str:
        return f"group={self.ambient.name!r}"
