"""Points on the surface of a mesh."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["sample_surface"]


def sample_surface(
    vertices: Tensor, faces: Tensor, count: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Draw points uniformly from the surface of a mesh of triangles.

    A triangle is drawn by its area, a point in it by folding the unit square (Osada et al., Shape
    Distributions, ACM Trans. Graph. 21, 807 (2002), 4.2).

    Args:
        vertices: ``[V, 3]``.
        faces: Corners of each triangle ``[3, F]``, as PyTorch Geometric has them.
        count: Number of points.
        generator: Source of randomness.

    Returns:
        Points and unit normals ``[count, 3]``, float64. Normals follow the order of the corners.

    Raises:
        ValueError: If the mesh has no area.

    >>> corners = torch.tensor([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]])
    >>> face = torch.tensor([[0], [1], [2]])
    >>> sample_surface(corners, face, 1, torch.Generator().manual_seed(0))[1].tolist()
    [[0.0, 0.0, 1.0]]
    """
    first, second, third = vertices.double()[faces]
    normals = torch.linalg.cross(second - first, third - first)
    areas = normals.norm(dim=1)
    if not (faces.numel() and areas.sum() > 0 and bool(areas.isfinite().all())):
        raise ValueError("the mesh has no area to draw points from")
    chosen = torch.multinomial(areas, count, replacement=True, generator=generator)
    along = torch.rand(count, 2, generator=generator, dtype=torch.float64)
    along = torch.where(along.sum(1, keepdim=True) > 1, 1 - along, along)
    a, b, c = first[chosen], second[chosen], third[chosen]
    points = a + along[:, :1] * (b - a) + along[:, 1:] * (c - a)
    return points, normals[chosen] / areas[chosen, None]
