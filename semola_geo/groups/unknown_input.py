"""Hypothesis spaces in which it is open how an input transforms."""

from __future__ import annotations

import torch

from semola_geo.groups.ambient import AmbientGroup, parse_ambient

__all__ = ["with_unknown_input"]


def with_unknown_input(ambient: str | AmbientGroup, width: int) -> AmbientGroup:
    r"""Return an ambient group that acts on coordinates, and on q further numbers by any matrix.

    Stack both in one field, :math:`[x, h]` of width d + q per node, declared ``"vector"``, or
    ``"point"`` where the group has translations. Along :math:`(A, R)` it moves by :math:`[A x,
    R h]`, so that the Lie derivative :math:`\partial_x f A x + \partial_h f R h - d\rho(A) f` is
    linear in the unknown R as it is in A, and discovery finds both: the lower right block of a
    generator is how the input transforms along it. Directions A = 0 are motions of the input
    alone; if one of them is a symmetry, R is known up to it.

    What is not linear is left out: that R is a representation of the algebra (it is quadratic; the
    span that was found is moved to the nearest closed one afterwards), and equivariant targets
    beside it, whose action would need A without R: the target must be a scalar.

    Args:
        ambient: Group that moves the coordinates.
        width: Numbers q of the input, at least 1.

    Raises:
        ValueError: If the width is smaller than 1, or the ambient group is unknown.

    >>> group = with_unknown_input("SE(3)", 2)
    >>> group, group.dimension, group.basis.shape
    (AmbientGroup('SE(3) + gl(2)', dim=10), 5, torch.Size([10, 6, 6]))
    """
    if width < 1:
        raise ValueError(f"an unknown input has at least one number per node, got width={width}")
    group = parse_ambient(ambient)
    dimension = group.dimension
    size = dimension + width + group.affine
    known = torch.zeros(len(group), size, size, dtype=torch.float64)
    known[:, :dimension, :dimension] = group.basis[:, :dimension, :dimension]
    if group.affine:
        known[:, :dimension, -1] = group.basis[:, :dimension, -1]
    unknown = torch.zeros(width * width, size, size, dtype=torch.float64)
    rows, columns = torch.meshgrid(torch.arange(width), torch.arange(width), indexing="ij")
    entries = torch.arange(width * width)
    unknown[entries, dimension + rows.flatten(), dimension + columns.flatten()] = 1.0
    return AmbientGroup(
        name=f"{group.name} + gl({width})",
        dimension=dimension + width,
        affine=group.affine,
        orthogonal=False,
        reflections=False,
        basis=torch.cat([known, unknown]),
    )
