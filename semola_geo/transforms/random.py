"""Augmentation with a known group: Haar where that exists, a given range elsewhere."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch_geometric.data.datapipes import functional_transform

from semola_geo.groups import (
    AmbientGroup,
    GroupElement,
    PointGroup,
    matrix_exponential,
    random_rotations,
)
from semola_geo.groups.distribution import reflect_first_axis
from semola_geo.groups.point_group_names import is_point_group_name
from semola_geo.representations import Representation
from semola_geo.transforms.base import SymmetryTransform

__all__ = ["RandomSymmetryTransform"]


@functional_transform("random_symmetry")
class RandomSymmetryTransform(SymmetryTransform):
    """Move each graph by a random element of a known group.

    Args:
        fields: Name → representation of every field.
        group: ``"SO(3)"``, ``"O(3)"``, ``"SE(3)"``, ``"E(3)"``, ``"T(3)"`` (rotations from the Haar
            measure, reflections with probability ½, translations from a normal law of width
            ``translation``); the non-compact groups need an ``extent``. Finite point groups, drawn
            from uniformly: a Schoenflies name such as ``"T_d"``, or a :class:`PointGroup`, such as
            ``report.point_group``.
        strict: Refuse data with undeclared floating-point fields.
        translation: Standard deviation of translations per axis, in the data's unit; 1 when
            ``None``, where the group has translations that no ``extent`` bounds.
        max_angle: Largest rotation angle in degrees (d ≤ 3); unrestricted when ``None``.
        extent: Sample exp(Σ w E) with w uniform in (−extent, extent) and a Frobenius-orthonormal
            basis E instead; needed for groups that are not compact.
        length_scale: Unit of length of the algebra, in the data's unit.
        center: Point ``[d]`` about which rotations turn; the origin when ``None``.
        orientation: Rotation ``[3, 3]`` out of the usual setting of a point group that is named.

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
        group: str | AmbientGroup | PointGroup = "SO(3)",
        strict: bool = True,
        *,
        translation: float | None = None,
        max_angle: float | None = None,
        extent: float | None = None,
        length_scale: float = 1.0,
        center: Sequence[float] | Tensor | None = None,
        orientation: Tensor | None = None,
    ) -> None:
        point_group, whole = _point_group(group, orientation, centred=center is not None)
        super().__init__(fields, whole, strict=strict, length_scale=length_scale, center=center)
        self.point_group = point_group
        name, dimension = self.ambient.name, self.ambient.dimension
        if extent is None and not self.ambient.orthogonal:
            raise ValueError(
                f"{name} has no Haar probability measure; give extent=, the range of the "
                "coefficients of the generators"
            )
        if point_group is not None and (extent is not None or max_angle is not None):
            raise ValueError(
                f"extent and max_angle do not apply to the finite group {point_group.name}: its "
                "elements are all drawn alike"
            )
        if extent is not None and not 0 < extent < math.inf:
            raise ValueError(f"extent must be positive and finite, got {extent}")
        if max_angle is not None and (
            extent is not None or name.startswith("T(") or dimension not in (2, 3)
        ):
            raise ValueError(
                f"max_angle applies to rotations in d = 2 or 3 sampled without extent=, not to "
                f"group={name!r}, extent={extent}"
            )
        if max_angle is not None and not 0 < max_angle <= 180:
            raise ValueError(f"max_angle must lie in (0, 180] degrees, got {max_angle}")
        shifts = self.ambient.affine and extent is None and point_group is None
        if translation is not None and not shifts:
            raise ValueError(
                f"translation does not apply to group={(point_group or self.ambient).name!r}, "
                f"extent={extent}: it is the spread of the translations of SE(d), E(d) and T(d) "
                "without extent="
            )
        if translation is not None and not 0 <= translation < math.inf:
            raise ValueError(f"translation must be finite and not negative, got {translation}")
        self.translation = 1.0 if translation is None else float(translation)
        self.max_angle = max_angle
        self.extent = extent

    def _sample_normalized(self, size: int, generator: torch.Generator | None) -> GroupElement:
        device = torch.device("cpu") if generator is None else generator.device

        def uniform(*shape: int) -> Tensor:
            return torch.rand(shape, generator=generator, dtype=torch.float64, device=device)

        ambient, dimension = self.ambient, self.ambient.dimension
        if self.point_group is not None:
            matrix = torch.eye(dimension + ambient.affine, dtype=torch.float64, device=device)
            matrix = matrix.repeat(size, 1, 1)
            matrix[:, :dimension, :dimension] = self.point_group.sample(size, generator)
            return GroupElement(matrix, ambient.affine)
        if self.extent is not None:
            coefficients = self.extent * (2 * uniform(size, len(ambient)) - 1)
            matrix = matrix_exponential(ambient.combine(coefficients))
        else:
            matrix = torch.eye(dimension + ambient.affine, dtype=torch.float64, device=device)
            matrix = matrix.repeat(size, 1, 1)
            if not ambient.name.startswith("T("):
                matrix[:, :dimension, :dimension] = random_rotations(
                    size, dimension, generator, self.max_angle
                )
            if ambient.affine:
                shift = torch.randn(
                    size, dimension, generator=generator, dtype=torch.float64, device=device
                )
                matrix[:, :-1, -1] = shift * (self.translation / self.length_scale)
        if ambient.reflections:
            matrix = reflect_first_axis(matrix, uniform(size) < 0.5)
        return GroupElement(matrix, ambient.affine)

    def _describe(self) -> str:
        return f"group={self.point_group.name!r}" if self.point_group else super()._describe()


def _point_group(
    group: str | AmbientGroup | PointGroup, orientation: Tensor | None, *, centred: bool
) -> tuple[PointGroup | None, str | AmbientGroup]:
    """Return the finite group that is meant, if any, and an ambient group to act in."""
    if isinstance(group, str) and is_point_group_name(group):
        group = PointGroup.from_name(group, orientation)
    elif orientation is not None:
        raise ValueError(
            "orientation is that of a point group given by name, such as group='T_d', not of "
            f"group={group!r}; PointGroup.turned() turns a group"
        )
    if isinstance(group, PointGroup):
        return group, "E(3)" if centred else "O(3)"
    return None, group
