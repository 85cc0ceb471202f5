"""Equations of degree two that all configurations satisfy: mass shells, fixed lengths, spheres."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["Equations", "find_equations"]

# Root mean square of a polynomial on the data, of those whose root mean square is one on typical
# data of the same spread: zero up to the rounding of float32, which monomials double.
_ZERO = 1e-5
_FEWEST = 4
_MOST_MONOMIALS = 800
# Relative size of gradients that count as a direction of their own.
_INDEPENDENT = 1e-3


@dataclass(frozen=True)
class Equations:
    r"""Affine and quadratic functions that vanish on the data.

    With coordinates y = frameᵀ(x - mean) / scale of the affine hull of the data, quadrics are
    :math:`q_k(y) = y^\top A_k y + b_k^\top y + c_k`.

    Attributes:
        mean: Of the configurations, ``[width]``.
        frame: Orthonormal columns that span the affine hull, ``[width, r]``.
        scale: Deviations along them, ``[r]``.
        quadratic: A, ``[k, r, r]``, symmetric.
        linear: b, ``[k, r]``.
    """

    mean: Tensor
    frame: Tensor
    scale: Tensor
    quadratic: Tensor
    linear: Tensor

    def tangent(self, configuration: Tensor) -> Tensor:
        """Return orthonormal columns ``[width, t]`` along which all equations keep to hold.

        Args:
            configuration: One configuration ``[width]`` that satisfies the equations.
        """
        if len(self.linear) == 0:
            return self.frame
        y = (configuration - self.mean) @ self.frame / self.scale
        gradients = (2 * self.quadratic @ y + self.linear) / self.scale
        _, sizes, rows = torch.linalg.svd(gradients)
        rank = int((sizes > _INDEPENDENT * sizes[0].clamp_min(1e-300)).sum())
        columns: Tensor = self.frame @ rows[rank:].T
        return columns


def find_equations(configuration: Tensor) -> Equations:
    """Find all affine and quadratic equations that hold for every configuration.

    Quadrics are the null space of the second moments of all monomials up to degree two, in
    coordinates of equal spread. They are looked for where there are four configurations for each
    monomial, and at most 800 monomials.

    Args:
        configuration: ``[n, width]``, float64.

    >>> circle = torch.linspace(0, 6, 50, dtype=torch.float64)
    >>> equations = find_equations(torch.stack([circle.cos(), circle.sin()], dim=1))
    >>> equations.tangent(torch.tensor([1.0, 0.0], dtype=torch.float64)).abs().round().tolist()
    [[0.0], [1.0]]
    """
    mean = configuration.mean(0)
    _, sizes, rows = torch.linalg.svd(configuration - mean, full_matrices=False)
    spread = sizes / len(configuration) ** 0.5
    kept = spread > _ZERO * spread[:1].clamp_min(1e-300)
    frame, scale = rows[kept].T, spread[kept]
    width = len(scale)
    monomials = (width + 1) * (width + 2) // 2
    none = configuration.new_zeros(0, width, width), configuration.new_zeros(0, width)
    if width == 0 or monomials > min(_MOST_MONOMIALS, len(configuration) // _FEWEST):
        return Equations(mean, frame, scale, *none)
    y = (configuration - mean) @ frame / scale
    one, two = torch.triu_indices(width, width)
    values = torch.cat([y.new_ones(len(y), 1), y, y[:, one] * y[:, two]], dim=1)
    moments = values.T @ values / len(values)
    sizes, vectors = torch.linalg.eigh(moments)
    found = vectors[:, sizes < _ZERO**2].T
    quadratic = y.new_zeros(len(found), width, width)
    quadratic[:, one, two] = found[:, 1 + width :] / 2
    quadratic = quadratic + quadratic.mT
    return Equations(mean, frame, scale, quadratic, found[:, 1 : 1 + width])
