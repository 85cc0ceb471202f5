"""Augmentation with a product: coordinates, node slots and the direction of time together."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Data

from semola_geo.algebra import LieAlgebra
from semola_geo.fields import Fields
from semola_geo.groups import PermutationSubgroup, ProductElement, product_name
from semola_geo.transforms.base import SymmetryTransform
from semola_geo.transforms.replay import ReplayableTransform
from semola_geo.transforms.slots import SlotTransform
from semola_geo.transforms.time_reversal import TimeReversalTransform

__all__ = ["ProductTransform"]

_KINDS: dict[str, type[Any]] = {
    "continuous": SymmetryTransform,
    "permutation": SlotTransform,
    "reversal": TimeReversalTransform,
}


class ProductTransform(ReplayableTransform[ProductElement]):
    """Move each graph by an element of a continuous group, its nodes to other slots, reverse time.

    What the parts learn is learned jointly: gradient flows into the parameters of all, and a
    :class:`~semola_geo.training.SymmetryRegularizedModule` trains them together. With all parts
    of a report of ``ambient="E(3) x S(5)"`` it augments with all that was found.

    Args:
        continuous: A :class:`RandomSymmetryTransform` or :class:`LearnableSymmetryTransform`;
            ``None``: coordinates stay.
        permutation: A :class:`RandomPermutationTransform` or
            :class:`LearnablePermutationTransform`, with the same fields; ``None``: nodes stay.
        reversal: A :class:`TimeReversalTransform`, with the same fields; ``None``: time goes on.

    Raises:
        TypeError: If a part is of another kind.
        ValueError: If there are fewer than two parts, or they declare different fields or
            dimensions.

    >>> from semola_geo.transforms import LearnableSymmetryTransform, RandomPermutationTransform
    >>> fields = {"pos": "point@slot", "energy": "scalar"}
    >>> product = ProductTransform(LearnableSymmetryTransform(fields, "SE(3)"),
    ...                            RandomPermutationTransform(fields, "S(4)"))
    >>> data = Data(pos=torch.randn(4, 3), energy=torch.zeros(1))
    >>> moved, g = product(data, return_element=True)
    >>> bool(torch.allclose(product.inverse(moved, g).pos, data.pos, atol=1e-5))
    True
    >>> product.name, product.algebra.name, product.group.order
    ('SE(3) x S(4)', 'se(3)', 24)
    """

    def __init__(
        self,
        continuous: SymmetryTransform | None = None,
        permutation: SlotTransform | None = None,
        reversal: TimeReversalTransform | None = None,
    ) -> None:
        given = {"continuous": continuous, "permutation": permutation, "reversal": reversal}
        for name, part in given.items():
            if part is not None and not isinstance(part, _KINDS[name]):
                raise TypeError(
                    f"{name} must be a {_KINDS[name].__name__}, got {type(part).__name__}; the "
                    "part that moves coordinates comes first, the one that permutes slots second, "
                    "the one that reverses time third"
                )
        parts = {name: part for name, part in given.items() if part is not None}
        if len(parts) < 2:
            raise ValueError(
                f"a product has at least two parts among {', '.join(given)}, got "
                f"{', '.join(parts) or 'none'}"
            )
        for one, two in pairwise(parts):
            _same_fields(one, parts[one].fields, two, parts[two].fields)
        fields = next(iter(parts.values())).fields
        super().__init__(fields, all(part.strict for part in parts.values()))
        self.continuous = continuous
        self.permutation = permutation
        self.reversal = reversal

    @property
    def _parts(self) -> dict[str, ReplayableTransform[Any]]:
        """The parts that there are, in the order in which they act."""
        return {name: part for name in _KINDS if (part := getattr(self, name)) is not None}

    @property
    def name(self) -> str:
        """Name of the ambient group, ``"E(3) x S(5)"``."""
        group, slots = self.continuous, self.permutation
        return product_name(
            None if group is None else group.ambient.name,
            None if slots is None else slots.num_slots,
            self.reversal is not None,
        )

    @property
    def algebra(self) -> LieAlgebra | None:
        """The current algebra of the continuous part; ``None`` where it is not learnable."""
        algebra: LieAlgebra | None = getattr(self.continuous, "algebra", None)
        return algebra

    @property
    def extents(self) -> Tensor | None:
        """Extents of its generators; ``None`` where it is not learnable."""
        extents: Tensor | None = getattr(self.continuous, "extents", None)
        return extents

    @property
    def basis(self) -> Tensor | None:
        """Coefficient rows of its generators; ``None`` where it is not learnable."""
        basis: Tensor | None = getattr(self.continuous, "basis", None)
        return basis

    @property
    def length_scale(self) -> float:
        """Unit of length of the algebra, in the data's unit; 1 where coordinates stay."""
        return 1.0 if self.continuous is None else self.continuous.length_scale

    @property
    def group(self) -> PermutationSubgroup | None:
        """The subgroup that the permutation part's generators make; ``None`` if there is none."""
        return None if self.permutation is None else self.permutation.group

    def sample(
        self,
        size: int,
        generator: torch.Generator | None = None,
        dtype: torch.dtype | None = None,
    ) -> ProductElement:
        """Draw one independent element per graph, with gradient where a part is learned.

        Args:
            size: Number of graphs.
            generator: Source of randomness; torch's default generator when ``None``.
            dtype: As for the parts.
        """
        drawn = {name: part.sample(size, generator, dtype) for name, part in self._parts.items()}
        return ProductElement(**drawn)

    def _act(self, data: Data, element: ProductElement) -> Data:
        if not isinstance(element, ProductElement):
            raise TypeError(f"element must be a ProductElement, got {type(element).__name__}")
        for name, part in self._parts.items():
            own = getattr(element, name)
            if own is None:
                raise TypeError(f"element has no part {name!r}, which the transform has")
            data = part._act(data, own)
        surplus = [n for n in _KINDS if n not in self._parts and getattr(element, n) is not None]
        if surplus:
            raise TypeError(f"element has a part {surplus[0]!r}, which the transform has not")
        return data

    def _describe(self) -> str:
        return ", ".join(part._describe() for part in self._parts.values())


def _same_fields(first: str, one: Fields, second: str, two: Fields) -> None:
    if one.dimension != two.dimension:
        raise ValueError(
            f"the parts of a product act in one space, but have d = {one.dimension} and "
            f"d = {two.dimension}; say dimension={one.dimension} in the {second} part"
        )
    here, there = one.declaration(), two.declaration()
    for name in {**here, **there}:
        if here.get(name) != there.get(name):
            raise ValueError(
                f"the parts of a product need the same fields, but {name!r} is "
                f"{here.get(name, 'not declared')!r} in the {first} part and "
                f"{there.get(name, 'not declared')!r} in the {second} part"
            )
