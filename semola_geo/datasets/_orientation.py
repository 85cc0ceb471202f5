"""Rotations that put many molecules into random, canonical or nearly canonical poses at once.

Atoms of all molecules lie in one flat tensor; ``owner`` [A] says which molecule an atom belongs to.
All matrices are proper rotations in float64: no pose ever turns a molecule into its mirror image.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

__all__ = ["canonical_rotations", "centroids", "haar_rotations", "restricted_rotations"]

_ANGLE_GRID = 20_001  # inverse distribution function of the angle, tabulated


def centroids(pos: Tensor, owner: Tensor, count: int) -> Tensor:
    """Unweighted mean position of each molecule, [count, 3].

    Example:
        >>> centroids(torch.tensor([[0.0, 0, 0], [2, 0, 0]]), torch.tensor([0, 0]), 1)
        tensor([[1., 0., 0.]])
    """
    total = pos.new_zeros(count, pos.shape[-1]).index_add_(0, owner, pos)
    return total / torch.bincount(owner, minlength=count).unsqueeze(-1)


def canonical_rotations(centred: Tensor, z: Tensor, owner: Tensor, count: int) -> Tensor:
    """Rotations into the frame of the principal axes, [count, 3, 3] float64.

    Axes are those of the inertia tensor of *unit* masses, so that both the centroid and the second
    moments of the point cloud are standard: x has the smallest moment of inertia (the longest
    extent), z the largest. x and y point to the side where the third moment Σ z·x³, weighted by
    atomic number, is positive; the z axis makes the frame right-handed. Where moments coincide
    (methane, linear molecules) or a third moment vanishes, the choice is arbitrary but repeatable.

    Args:
        centred: positions about each molecule's centroid, [A, 3].
        z: atomic numbers, [A].
        owner: molecule of each atom, [A].
        count: number of molecules.

    Example:
        >>> pos = torch.tensor([[0.0, -1.0, 0.0], [0.0, 1.0, 0.0]])
        >>> R = canonical_rotations(pos, torch.tensor([1, 9]), torch.tensor([0, 0]), 1)[0]
        >>> (pos.double() @ R.T)[1].round().abs()
        tensor([1., 0., 0.], dtype=torch.float64)
    """
    centred = centred.double()
    outer = centred.unsqueeze(-1) * centred.unsqueeze(-2)
    second = outer.new_zeros(count, 3, 3).index_add_(0, owner, outer)
    # Ascending second moments are descending moments of inertia about the same axes.
    axes = torch.linalg.eigh(second).eigenvectors.flip(-1)
    along = torch.einsum("ai,aij->aj", centred, axes[owner])
    third = along.new_zeros(count, 3).index_add_(0, owner, z.double().unsqueeze(-1) * along**3)
    signs = torch.where(third < 0, -1.0, 1.0).double()
    x, y, _ = (axes * signs.unsqueeze(-2)).unbind(-1)
    return torch.stack([x, y, torch.linalg.cross(x, y)], dim=-2)


def haar_rotations(count: int, generator: torch.Generator) -> Tensor:
    """Uniformly distributed rotations, [count, 3, 3] float64.

    A normalised Gaussian quaternion is uniform on the 3-sphere, the double cover of SO(3)
    (Shoemake, Graphics Gems III, 1992).

    Example:
        >>> haar_rotations(2, torch.Generator().manual_seed(0)).shape
        torch.Size([2, 3, 3])
    """
    return quaternion_rotations(torch.randn(count, 4, generator=generator, dtype=torch.float64))


def quaternion_rotations(quaternion: Tensor) -> Tensor:
    """Rotations [count, 3, 3] of quaternions (w, x, y, z) of any length but zero, [count, 4].

    Example:
        >>> quaternion_rotations(torch.tensor([[2.0, 0.0, 0.0, 0.0]])).equal(torch.eye(3)[None])
        True
    """
    w, x, y, z = torch.nn.functional.normalize(quaternion, dim=-1).unbind(-1)
    rows = [
        torch.stack([1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)], dim=-1),
        torch.stack([2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)], dim=-1),
        torch.stack([2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)], dim=-1),
    ]
    return torch.stack(rows, dim=-2)


def restricted_rotations(count: int, max_angle: float, generator: torch.Generator) -> Tensor:
    """Rotations by at most ``max_angle`` degrees, uniform (Haar) on that ball, [count, 3, 3].

    The angle has density (1 − cos θ) on [0, max_angle]; at 180° this is the whole of SO(3).

    Example:
        >>> R = restricted_rotations(5, 10.0, torch.Generator().manual_seed(0))
        >>> bool((R.diagonal(dim1=1, dim2=2).sum(-1) >= 1 + 2 * math.cos(math.radians(10))).all())
        True
    """
    limit = math.radians(max_angle)
    axis = torch.randn(count, 3, generator=generator, dtype=torch.float64)
    share = torch.rand(count, generator=generator, dtype=torch.float64)
    grid = limit * torch.linspace(0, 1, _ANGLE_GRID, dtype=torch.float64)
    cumulative = grid - grid.sin()
    right = torch.searchsorted(cumulative, share * cumulative[-1]).clamp(1, _ANGLE_GRID - 1)
    low, high = cumulative[right - 1], cumulative[right]
    step = (share * cumulative[-1] - low) / (high - low).clamp(min=1e-300)
    angle = grid[right - 1] + step.clamp(0, 1) * (grid[right] - grid[right - 1])
    x, y, z = (torch.nn.functional.normalize(axis, dim=-1) * angle.unsqueeze(-1)).unbind(-1)
    zero = torch.zeros_like(x)
    generator_matrix = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], dim=-1)
    rotation: Tensor = torch.linalg.matrix_exp(generator_matrix.view(count, 3, 3))
    return rotation
