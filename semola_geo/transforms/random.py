"""Augmentation with a known group: Haar where that exists, a given range elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch_geometric.data.datapipes import functional_transform

from semola_geo.groups import AmbientGroup, GroupElement, matrix_exponential, random_rotations
from semola_geo.groups.distribution import reflect_first_axis
from semola_geo.representations import Representation
from semola_geo.transforms.base import SymmetryTransform

__all__ = ["RandomSymmetryTransform"]

_COMPACT = ("SO", "O", "SE", "E", "T")


@functional_transform("random_symmetry")
class RandomSymmetryTransform(SymmetryTransform):
    """Move each graph by a random element of a known group.

    Args:
        fields: Name → representation of every field.
        group: ``"SO(3)"``, ``"O(3)"``, ``"SE(3)"``, ``"E(3)"``, ``"T(3)"`` (rotations from the Haar
            measure, reflections with probability ½, translations from a normal law of width
            ``translation``); the non-compact groups need an ``extent``.
        strict: Refuse data with undeclared floating-point fields.
        translation: Standard deviation of translations per axis, in the data's unit.
        max_angle: Largest rotation angle in degrees (d ≤ 3); unrestricted when ``None``.
        extent: Range of the coefficients in exp(Σ w E), for non-compact groups.
        length_scale: Unit of length of the algebra, in the data's unit.
        center: Point ``[d]`` about which rotations turn; the origin when ``None``.

    Raises:
        ValueError: If the group has no Haar probability and no extent is given, or an option does
            not apply to the group.

    >>> from torch_geometric.data import Data
    >>> turn = RandomSymmetryTransform({"pos": "point", "dipole": "vector"}, group="SO(3)")
    >>> data = Data(pos=torch.eye(3), dipole=torch.ones(1, 3))
    >>> moved = turn(data, generator=torch.Generator().manual_seed(0))
    >>> bool(torch.allclose(moved.dipole, moved.pos.sum(0), atol=1e-5))
    True
    """

    def __init__(
        self,
        fields: Mapping[str, str | Representation],
        group: str | AmbientGroup = "SO(3)",
        strict: bool = True,
        *,
        translation: float = 1.0,
        max_angle: float | None = None,
        extent: float | None = None,
        length_scale: float = 1.0,
        center: Sequence[float] | Tensor | None = None,
    ) -> None:
        super().__init__(fields, group, strict=strict, length_scale=length_scale, center=center)
        compact = self.ambient.name.split("(")[0] in _COMPACT and self.ambient.orthogonal
        if not compact and extent is None:
            raise ValueError(
                f"{self.ambient.name} has no Haar probability measure; give extent=, the range of "
                "the coefficients of the generators"
            )
        if not compact and max_angle is not None:
            raise ValueError(f"max_angle does not apply to {self.ambient.name}; use extent=")
        if max_angle is not None and not 0 < max_angle <= 180:
            raise ValueError(f"max_angle must lie in (0, 180] degrees, got {max_angle}")
        if translation < 0:
            raise ValueError(f"translation must not be negative, got {translation}")
        self.translation = float(translation)
        self.max_angle = max_angle
        self.extent = extent

    def _sample_normalized(self, size: int, generator: torch.Generator | None) -> GroupElement:
        ambient, dimension = self.ambient, self.fields.dimension
        source = torch.device("cpu") if generator is None else generator.device
        if self.extent is not None:
            uniform = torch.rand(
                size, len(ambient), generator=generator, dtype=torch.float64, device=source
            )
            matrix = matrix_exponential(ambient.combine(self.extent * (2 * uniform - 1)))
            return GroupElement(matrix, ambient.affine)
        if ambient.name.startswith("T("):
            linear = torch.eye(dimension, dtype=torch.float64).repeat(size, 1, 1).to(source)
        else:
            linear = random_rotations(size, dimension, generator, self.max_angle)
        if ambient.reflections:
            uniform = torch.rand(size, generator=generator, dtype=torch.float64, device=source)
            linear = reflect_first_axis(linear, uniform < 0.5)
        if not ambient.affine:
            return GroupElement(linear)
        shift = torch.randn(
            size, dimension, generator=generator, dtype=torch.float64, device=source
        )
        matrix = torch.zeros(size, dimension + 1, dimension + 1, dtype=torch.float64, device=source)
        matrix[:, :-1, :-1] = linear
        matrix[:, :-1, -1] = shift * (self.translation / self.length_scale)
        matrix[:, -1, -1] = 1.0
        return GroupElement(matrix, affine=True)
