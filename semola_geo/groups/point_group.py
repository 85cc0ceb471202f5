"""Finite subgroups of O(3)."""

from __future__ import annotations

import math
from collections import Counter
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from semola_geo.groups.point_group_closure import (
    generate_group,
    multiplication_table,
    nearest_group,
    spanned,
    turn_between,
)
from semola_geo.groups.point_group_names import (
    CRYSTALLOGRAPHIC,
    canonical_name,
    schoenflies_name,
    standard_generators,
)
from semola_geo.groups.point_operation import describe_operation, operation_symbol

__all__ = ["PointGroup"]

_LIMIT = 240
_ORTHOGONALITY = 1e-4
_SAME = 1e-6


class PointGroup:
    """A finite group of rotations and reflections that fix a point.

    Args:
        generators: Orthogonal matrices ``[k, 3, 3]``, exact up to rounding; measured ones go to
            :meth:`nearest`.
        limit: Largest order.

    Raises:
        ValueError: If a matrix is not orthogonal, or the order exceeds ``limit``.

    >>> group = PointGroup.from_name("C_4v")
    >>> group
    PointGroup('C_4v', order=8)
    >>> group.hermann_mauguin, group.contains(-torch.eye(3))
    ('4mm', False)
    """

    def __init__(self, generators: Tensor, limit: int = _LIMIT) -> None:
        self.elements = generate_group(_orthogonal(generators), limit)

    @classmethod
    def from_name(
        cls, name: str, orientation: Tensor | None = None, limit: int = _LIMIT
    ) -> PointGroup:
        """Return the group of a Schoenflies name: ``"C_3"``, ``"C4v"``, ``"T_d"``, ``"S_6"``.

        Args:
            name: With or without the underscore.
            orientation: Rotation ``[3, 3]`` out of the usual setting (principal axis along z; cubic
                axes along x, y, z).
            limit: Largest order.

        Raises:
            ValueError: If the name denotes no point group, the orientation is not orthogonal, or
                the order exceeds ``limit``.

        >>> PointGroup.from_name("Oh").order
        48
        """
        generators = standard_generators(canonical_name(name))
        if orientation is not None:
            frame = _orthogonal(orientation[None])[0]
            generators = frame @ generators @ frame.T
        return cls(generators, limit)

    @classmethod
    def nearest(cls, elements: Tensor, tolerance: float = 10.0) -> PointGroup:
        """Return the exact group next to measured elements, in the same order.

        Args:
            elements: Orthogonal matrices ``[n, 3, 3]``, one for each element of the group.
            tolerance: Largest angle between a product and the nearest element, in degrees.

        Raises:
            ValueError: If the elements are not nearly a group.

        >>> measured = torch.stack([torch.eye(3), torch.diag(torch.tensor([1.0, -1.0, -1.0]))])
        >>> PointGroup.nearest(measured).name
        'C_2'
        """
        return cls._of(nearest_group(_orthogonal(elements), math.radians(tolerance)))

    @classmethod
    def _of(cls, elements: Tensor) -> PointGroup:
        group = cls.__new__(cls)
        group.elements = elements
        return group

    @property
    def order(self) -> int:
        """Number of elements."""
        return len(self.elements)

    @cached_property
    def name(self) -> str:
        """Schoenflies name, such as ``"T_d"``; ``"C_1"`` is the trivial group."""
        return schoenflies_name(self.elements)

    @property
    def hermann_mauguin(self) -> str | None:
        """Hermann-Mauguin symbol of the 32 crystallographic groups; ``None`` for others."""
        return CRYSTALLOGRAPHIC.get(self.name)

    @cached_property
    def table(self) -> Tensor:
        """Multiplication table ``[n, n]``: the index of g h."""
        return multiplication_table(self.elements)[0]

    @cached_property
    def _identity(self) -> int:
        return int(self.elements.diagonal(dim1=1, dim2=2).sum(1).argmax())

    @property
    def moving(self) -> list[int]:
        """Indices of all elements but the identity."""
        return [index for index in range(self.order) if index != self._identity]

    def indices(self, matrices: Tensor, tolerance: float = 1e-3) -> list[int]:
        """Return the indices of elements that lie within some degrees of matrices ``[k, 3, 3]``."""
        angles = turn_between(self.elements, matrices.to(torch.float64).reshape(-1, 3, 3))
        return [i for i, row in enumerate(angles) if bool((row <= math.radians(tolerance)).any())]

    @cached_property
    def operations(self) -> dict[str, int]:
        """How many elements there are of each kind, such as ``{"E": 1, "C_3": 8, …}``.

        >>> PointGroup.from_name("T_d").operations
        {'E': 1, 'C_3': 8, 'C_2': 3, 'S_4': 6, 'σ': 6}
        """
        counts = Counter(operation_symbol(element) for element in self.elements)
        kinds = "ECSiσ"
        ordered = sorted(counts, key=lambda s: (kinds.index(s[0]), -_fold(s), s))
        return {symbol: counts[symbol] for symbol in ordered}

    @cached_property
    def generators(self) -> Tensor:
        """A small set of generators ``[k, 3, 3]``: turns of high order first."""
        chosen: list[int] = []
        reached = {self._identity}
        while len(reached) < self.order:
            rest = [index for index in range(self.order) if index not in reached]
            sizes = {index: len(spanned(self.table, [*chosen, index])) for index in rest}
            best = max(rest, key=lambda index: (sizes[index], -index))
            chosen.append(best)
            reached = set(spanned(self.table, chosen))
        return self.elements[chosen]

    def contains(self, matrix: Tensor, tolerance: float = 1e-3) -> bool:
        """Return whether an element lies within some degrees of a matrix ``[3, 3]``."""
        angles = turn_between(matrix.to(torch.float64)[None], self.elements)
        return float(angles.min()) <= math.radians(tolerance)

    def subgroup(self, indices: list[int]) -> PointGroup:
        """Return the subgroup that elements, given by their index, span."""
        chosen = spanned(self.table, [self._identity, *indices])
        return PointGroup._of(self.elements[sorted(chosen)])

    def turned(self, rotation: Tensor) -> PointGroup:
        """Return the group in another orientation: U g Uᵀ for every element.

        Raises:
            ValueError: If U is not orthogonal.
        """
        frame = _orthogonal(rotation[None])[0]
        return PointGroup._of(frame @ self.elements @ frame.T)

    def sample(self, size: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw elements uniformly, ``[size, 3, 3]`` (float64).

        Args:
            size: Number of elements.
            generator: Source of randomness; torch's default generator when ``None``.
        """
        device = torch.device("cpu") if generator is None else generator.device
        index = torch.randint(self.order, (size,), generator=generator, device=device)
        return self.elements.to(device)[index]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values: names, order, counts of operations, generators and their words."""
        return {
            "name": self.name,
            "hermann_mauguin": self.hermann_mauguin,
            "order": self.order,
            "operations": self.operations,
            "generators": self.generators.tolist(),
            "descriptions": [describe_operation(element) for element in self.generators],
        }

    def __le__(self, other: PointGroup) -> bool:
        """Return whether every element belongs to another group."""
        if not isinstance(other, PointGroup):
            return NotImplemented
        nearest = turn_between(self.elements, other.elements).min(1).values
        return bool((nearest < _SAME).all())

    def __eq__(self, other: object) -> bool:
        """Return whether two groups have the same elements."""
        if not isinstance(other, PointGroup):
            return NotImplemented
        return self.order == other.order and self <= other

    def __hash__(self) -> int:
        return hash((self.name, self.order))

    def __repr__(self) -> str:
        return f"PointGroup({self.name!r}, order={self.order})"


def _fold(symbol: str) -> int:
    digits = symbol[2:].split("^")[0]
    return int(digits) if digits else 0


def _orthogonal(matrices: Tensor) -> Tensor:
    """Return the nearest orthogonal matrices (float64) of nearly orthogonal ones ``[k, 3, 3]``."""
    if matrices.dim() != 3 or matrices.shape[1:] != (3, 3):
        raise ValueError(f"a point group acts by matrices [k, 3, 3], got {list(matrices.shape)}")
    left, sizes, right = torch.linalg.svd(matrices.detach().to("cpu", torch.float64))
    if not bool(((sizes - 1).abs() < _ORTHOGONALITY).all()):
        raise ValueError(
            "a point group holds orthogonal matrices; singular values lie between "
            f"{float(sizes.min()):.4g} and {float(sizes.max()):.4g}"
        )
    nearest: Tensor = left @ right
    return nearest
