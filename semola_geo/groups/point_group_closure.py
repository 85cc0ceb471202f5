"""Closing finite sets of orthogonal matrices, and rounding nearly closed ones."""

from __future__ import annotations

import math

import torch
from torch import Tensor

__all__ = [
    "generate_group",
    "multiplication_table",
    "nearest_group",
    "nearly_generated",
    "spanned",
    "turn_between",
]

_SAME = 1e-3
_ROUNDS = 60
_EXACT = 1e-13


def turn_between(first: Tensor, second: Tensor) -> Tensor:
    """Return the angle in radians ``[n, m]`` of the rotation between orthogonal matrices.

    It is infinite between a rotation and a reflection.

    Args:
        first: ``[n, 3, 3]``.
        second: ``[m, 3, 3]``.

    >>> turn_between(torch.eye(3)[None], torch.stack([torch.eye(3), -torch.eye(3)])).tolist()
    [[0.0, inf]]
    """
    first, second = first.to(torch.float64), second.to(torch.float64)
    # ‖A − B‖ = 2√2 |sin(θ/2)|: unlike the trace it resolves the smallest angles.
    distance = (first[:, None] - second[None]).flatten(2).norm(dim=2)
    angle = 2 * (distance / math.sqrt(8)).clamp(max=1.0).asin()
    apart = torch.linalg.det(first).sign()[:, None] != torch.linalg.det(second).sign()
    filled: Tensor = angle.masked_fill(apart, math.inf)
    return filled


def generate_group(generators: Tensor, limit: int) -> Tensor:
    """Return all elements ``[n, 3, 3]`` of the group that exact generators span, identity first.

    Raises:
        ValueError: If there are more than ``limit``.

    >>> len(generate_group(-torch.eye(3, dtype=torch.float64)[None], limit=10))
    2
    """
    elements = torch.eye(3, dtype=torch.float64)[None]
    fresh = elements
    while len(fresh):
        products = torch.einsum("aij,bjk->abik", fresh, generators.to(torch.float64)).flatten(0, 1)
        far = torch.cdist(products.flatten(1), elements.flatten(1)) > _SAME
        fresh = _distinct(products[far.all(1)])
        elements = torch.cat([elements, fresh])
        if len(elements) > limit:
            raise ValueError(
                f"the generators span more than limit={limit} elements: they are no part of a "
                "finite group of that size; round measured ones with PointGroup.nearest"
            )
    return elements


def nearly_generated(generators: Tensor, known: Tensor, tolerance: float, limit: int) -> Tensor:
    """Return what measured generators span up to a tolerance, ``[n, 3, 3]``, identity first.

    Of elements that lie within the tolerance one is kept. A product within half of it of a known
    element is replaced by that, so that errors do not add up along words.

    Args:
        generators: Orthogonal matrices ``[k, 3, 3]``.
        known: Elements measured by themselves, ``[m, 3, 3]``.
        tolerance: Angle in radians.
        limit: Largest number of elements.

    Raises:
        ValueError: If there are more.

    >>> flip = torch.diag(torch.tensor([1.0, 1.0, -1.0]))[None]
    >>> len(nearly_generated(flip, flip, tolerance=0.2, limit=10))
    2
    """
    generators, known = generators.double(), known.double()
    elements = torch.eye(3, dtype=torch.float64)[None]
    fresh = elements
    while len(fresh):
        products = torch.einsum("aij,bjk->abik", fresh, generators).flatten(0, 1)
        angles, nearest = turn_between(products, known).min(1)
        products = torch.where((angles < tolerance / 2)[:, None, None], known[nearest], products)
        fresh = _apart(products, elements, tolerance)
        elements = torch.cat([elements, fresh])
        if len(elements) > limit:
            raise ValueError(f"the generators span more than limit={limit} elements")
    return elements


def multiplication_table(elements: Tensor) -> tuple[Tensor, float]:
    """Return the index ``[n, n]`` of the element nearest to every product, and the worst angle.

    Args:
        elements: Orthogonal matrices ``[n, 3, 3]``.

    >>> table, worst = multiplication_table(torch.stack([torch.eye(3), -torch.eye(3)]))
    >>> table.tolist(), worst
    ([[0, 1], [1, 0]], 0.0)
    """
    rows, worst = [], 0.0
    for element in elements:
        angles, nearest = turn_between(element @ elements, elements).min(1)
        rows.append(nearest)
        worst = max(worst, float(angles.max()))
    return torch.stack(rows), worst


def nearest_group(elements: Tensor, tolerance: float) -> Tensor:
    r"""Return the exact group ``[n, 3, 3]`` next to a nearly closed set, element by element.

    The products tell which abstract group the set is; the map from it to O(3), which is only
    nearly a representation, is averaged,
    :math:`\rho(g) \leftarrow \mathrm{polar}(\langle\rho(gh)\rho(h)^{-1}\rangle_h)`, and converges
    quadratically to a representation (Grove, Karcher and Ruh, *Math. Ann.* 211, 7 (1974)). That
    uses every element, and so averages their errors.

    Args:
        elements: Orthogonal matrices ``[n, 3, 3]``, the identity among them.
        tolerance: Largest angle, in radians, between a product and the nearest element.

    Raises:
        ValueError: If a product is further away than that, or the products form no group table.
    """
    table, worst = multiplication_table(elements)
    everyone = torch.arange(len(elements)).expand_as(table)
    latin = all(torch.equal(part.sort(1).values, everyone) for part in (table, table.T))
    if worst > tolerance or not latin:
        raise ValueError(
            f"the {len(elements)} elements are not nearly a group: a product is "
            f"{math.degrees(worst):.3g}° from the nearest element (tolerance "
            f"{math.degrees(tolerance):.3g}°)"
        )
    exact = elements.to(torch.float64)
    for _ in range(_ROUNDS):
        # Entry (g, h) is ρ(gh) ρ(h)⁻¹.
        mean = torch.einsum("ghij,hkj->gik", exact[table], exact) / len(exact)
        left, _, right = torch.linalg.svd(mean)
        change = (left @ right - exact).abs().max()
        exact = left @ right
        if float(change) < _EXACT:
            break
    return exact


def spanned(table: Tensor, indices: list[int]) -> frozenset[int]:
    """Return the subgroup that elements span, as indices into a multiplication table.

    >>> sorted(spanned(torch.tensor([[0, 1], [1, 0]]), [1]))
    [0, 1]
    """
    generators = torch.tensor(indices, dtype=torch.long)
    found = torch.zeros(len(table), dtype=torch.bool)
    # In a finite group powers reach the inverse, and a power of any element is the identity.
    found[generators] = True
    fresh = generators
    while len(fresh):
        reached = torch.zeros_like(found)
        reached[table[fresh][:, generators].flatten()] = True
        fresh = (reached & ~found).nonzero().flatten()
        found |= reached
    return frozenset(found.nonzero().flatten().tolist())


def _distinct(elements: Tensor) -> Tensor:
    """Drop repetitions of earlier elements."""
    same = torch.cdist(elements.flatten(1), elements.flatten(1)) <= _SAME
    return elements[~same.tril(-1).any(1)]


def _apart(candidates: Tensor, elements: Tensor, tolerance: float) -> Tensor:
    """Return the candidates that lie further than a tolerance from elements and earlier ones."""
    candidates = candidates[turn_between(candidates, elements).min(1).values > tolerance]
    near = turn_between(candidates, candidates) <= tolerance
    kept: list[int] = []
    free = torch.ones(len(candidates), dtype=torch.bool)
    for index in range(len(candidates)):
        if free[index]:
            kept.append(index)
            free &= ~near[index]
    return candidates[kept]
