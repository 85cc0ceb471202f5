"""Which components may extend a connected group of isometries, and what the whole is called."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch_geometric.data import Batch

from semola_geo.discovery.verdict import Verdict
from semola_geo.fields import Fields
from semola_geo.groups import fixed_point
from semola_geo.groups.reflection import isometry_about
from semola_geo.transforms import LearnableSymmetryTransform

__all__ = ["about_axis", "group_name", "representatives", "resting_point"]

# Names by the verdicts on the inversion, mirror planes through the axis, and half-turns across it.
_AXIAL = {
    (False, False, False): "C_∞",
    (True, False, False): "C_∞h",
    (False, True, False): "C_∞v",
    (False, False, True): "D_∞",
    (True, True, True): "D_∞h",
}


def about_axis(axis: Tensor, point: Tensor, affine: bool) -> list[list[tuple[str, Tensor]]]:
    """Return further cosets of the rotations about an axis, each with one representative.

    Args:
        axis: Its direction, ``[3]``.
        point: A point on it, in the data's units.
        affine: Whether matrices are ``[4, 4]``.
    """
    eye = torch.eye(3, dtype=torch.float64)
    # Any direction across the axis will do; the rotations carry it to all others.
    across = torch.linalg.cross(axis, eye[axis.abs().argmin()])
    across = across / across.norm()
    mirror, half_turn = eye - 2 * torch.outer(across, across), 2 * torch.outer(across, across) - eye
    return [
        [("mirror plane through the axis", isometry_about(mirror, point, affine))],
        [("half-turn across the axis", isometry_about(half_turn, point, affine))],
    ]


def resting_point(transform: LearnableSymmetryTransform) -> Tensor:
    """Return a point ``[d]``, in the data's units, that rotations of the group fix.

    Args:
        transform: Samples the group.
    """
    point: Tensor = transform.center + transform.length_scale * fixed_point(
        transform.normalized_algebra
    )
    return point


def representatives(
    batch: Batch, inputs: Fields, point: Tensor, affine: bool, whole: bool
) -> list[tuple[str, Tensor]]:
    """Return reflections to choose from, which stand for one coset.

    The inversion in odd dimension; where the group holds all rotations, also mirrors across the
    main axes of the data.

    Args:
        batch: All graphs.
        inputs: Input fields.
        point: Point that they fix, in the data's units.
        affine: Whether matrices are ``[d + 1, d + 1]``.
        whole: Whether the group holds all rotations.
    """
    size = len(point)
    eye = torch.eye(size, dtype=torch.float64)
    found = [("inversion", isometry_about(-eye, point, affine))] if size % 2 else []
    if whole:
        names = [n for n, r in inputs.items() if r.shape(size) == (size,)]
        axes = eye
        if names:
            values = batch[names[0]].detach().double().reshape(-1, size)
            axes = torch.linalg.eigh(torch.cov(values.T)).eigenvectors
        for axis in axes.T:
            found.append(
                ("mirror", isometry_about(eye - 2 * torch.outer(axis, axis), point, affine))
            )
    return found


def group_name(algebra: str, size: int, verdicts: Sequence[Verdict | None]) -> str:
    """Name a group with its components, where all verdicts are clear and make up a group.

    Args:
        algebra: Name of the algebra.
        size: Dimension d of space.
        verdicts: One for each coset.

    >>> group_name("se(3)", 3, [Verdict.NONE]), group_name("se(3)", 3, [Verdict.UNTESTED])
    ('SE(3)', '')
    """
    if any(verdict not in (Verdict.SYMMETRY, Verdict.NONE) for verdict in verdicts):
        return ""
    passed = tuple(verdict is Verdict.SYMMETRY for verdict in verdicts)
    if algebra == "so(2)" and len(passed) == 3:
        return _AXIAL.get(passed, "")
    names = {f"so({size})": ("SO", "O"), f"se({size})": ("SE", "E")}
    return f"{names[algebra][passed[0]]}({size})" if algebra in names else ""
