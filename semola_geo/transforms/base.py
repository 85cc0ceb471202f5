"""What learnable and known-group transforms of coordinates share: units, a centre, the action."""

from __future__ import annotations

import copy
import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch_geometric.data import Data

from semola_geo.fields import Fields, num_graphs, row_graphs
from semola_geo.groups import AmbientGroup, GroupElement, parse_ambient
from semola_geo.representations import Representation
from semola_geo.transforms.replay import ReplayableTransform

__all__ = ["SymmetryTransform", "check_irreps", "move_fields"]

# Largest entry of A Aᵀ − 1 that rounding in half precision may leave.
_ORTHOGONALITY = 1e-2


def move_fields(data: Data, fields: Fields, element: GroupElement) -> Data:
    """Return a shallow copy of the data whose fields are moved, one element per graph.

    >>> turned = GroupElement(-torch.eye(2)[None])
    >>> move_fields(Data(pos=torch.ones(1, 2)), Fields({"pos": "point"}, 2), turned).pos
    tensor([[-1., -1.]])
    """
    moved = copy.copy(data)
    for name, representation in fields.items():
        if not representation.is_invariant:
            values, index = data[name], row_graphs(data, name)
            moved[name] = element.to(values.device).act(values, representation, index)
    return moved


def check_irreps(fields: Fields, ambient: AmbientGroup) -> None:
    """Refuse irreps under a group that is not orthogonal.

    Raises:
        ValueError: Naming the field.
    """
    for name, representation in fields.items():
        if representation.orthogonal_only and not ambient.orthogonal:
            raise ValueError(
                f"field {name!r}: irreps {str(representation)!r} are defined for orthogonal "
                f"groups only, but the ambient group is {ambient.name}; use a Cartesian "
                "representation ('vector', 'ij=ji', …) or an ambient such as 'E(3)'"
            )


class SymmetryTransform(ReplayableTransform[GroupElement]):
    """Sample one matrix per graph and move every declared field by it.

    Args:
        fields: Name → representation of every field that the group moves (or leaves).
        group: Name of the group.
        strict: Refuse data with undeclared floating-point fields.
        length_scale: Unit of length ℓ of the algebra, in the data's unit.
        center: Point ``[d]`` about which the group acts; the origin when ``None``.

    Raises:
        ValueError: For an unknown group or representation, irreps under a group that is not
            orthogonal, or a centre that is not finite or for a group that has no translations.
    """

    _center: Tensor
    _length_scale: Tensor

    def __init__(
        self,
        fields: Mapping[str, str | Representation],
        group: str | AmbientGroup,
        *,
        strict: bool = True,
        length_scale: float = 1.0,
        center: Sequence[float] | Tensor | None = None,
    ) -> None:
        ambient = parse_ambient(group)
        super().__init__(Fields(fields, ambient.dimension), strict)
        self.ambient = ambient
        check_irreps(self.fields, ambient)
        if not 0 < length_scale < math.inf:
            raise ValueError(f"length_scale must be positive and finite, got {length_scale}")
        origin = torch.zeros(self.ambient.dimension, dtype=torch.float64)
        middle = origin if center is None else torch.as_tensor(center, dtype=torch.float64)
        if middle.shape != origin.shape:
            raise ValueError(
                f"center must have shape {tuple(origin.shape)}, got {tuple(middle.shape)}"
            )
        if not bool(torch.isfinite(middle).all()):
            raise ValueError(f"center must be finite, got {middle.tolist()}")
        if not self.ambient.affine and bool(middle.any()):
            raise ValueError(
                f"{self.ambient.name} fixes the origin; a center needs an affine group such as "
                f"SE({self.ambient.dimension}) or Aff({self.ambient.dimension})"
            )
        # Buffers, so that the algebra in the data's units can be recovered from a state dict.
        self.register_buffer("_center", middle.clone())
        self.register_buffer("_length_scale", torch.tensor(length_scale, dtype=torch.float64))

    @property
    def length_scale(self) -> float:
        """Unit of length of the algebra, in the data's unit."""
        return float(self._length_scale)

    @property
    def center(self) -> Tensor:
        """Point ``[d]`` about which the group acts, float64 on the CPU."""
        return self._center.detach().to("cpu", torch.float64)

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
        """Conjugate by u ↦ ℓu + c, written so that the last row stays (0, …, 0, 1) exactly."""
        if not element.affine:
            return element
        eye = torch.eye(element.dimension + 1).to(element.matrix)
        frame = eye.clone()
        frame[:-1, -1] = -self._center
        frame[-1, -1] = self._length_scale
        return GroupElement(eye + (element.matrix - eye) @ frame, affine=True)

    def _act(self, data: Data, element: GroupElement) -> Data:
        self._validate_element(element, num_graphs(data))
        return move_fields(data, self.fields, element)

    def _validate_element(self, element: GroupElement, size: int) -> None:
        if not isinstance(element, GroupElement):
            raise TypeError(f"element must be a GroupElement, got {type(element).__name__}")
        if len(element) != size:
            raise ValueError(
                f"element holds {len(element)} group element(s), but the data has {size} graph(s)"
            )
        if element.dimension != self.fields.dimension:
            raise ValueError(
                f"element acts in d = {element.dimension}, but the fields live in "
                f"d = {self.fields.dimension}"
            )
        if any(representation.orthogonal_only for representation in self.fields.values()):
            linear = element.linear.detach()
            defect = linear @ linear.mT - torch.eye(element.dimension).to(linear)
            if not bool((defect.abs() < _ORTHOGONALITY).all()):
                raise ValueError(
                    "fields with irreps need orthogonal elements; the largest entry of A Aᵀ − 1 "
                    f"is {float(defect.abs().max()):.2g}"
                )

    def _describe(self) -> str:
        return f"group={self.ambient.name!r}"
