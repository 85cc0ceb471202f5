"""Augmentation with a product: coordinates and node slots are moved together."""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric.data import Data

from semola_geo.algebra import LieAlgebra
from semola_geo.fields import Fields
from semola_geo.groups import (
    GroupElement,
    PermutationSubgroup,
    ProductElement,
    SlotPermutation,
    product_name,
)
from semola_geo.transforms.base import SymmetryTransform, move_fields
from semola_geo.transforms.replay import ReplayableTransform
from semola_geo.transforms.slots import SlotTransform, permute_slots

__all__ = ["ProductTransform", "move_by"]


def move_by(
    data: Data, fields: Fields, element: GroupElement | SlotPermutation | ProductElement
) -> Data:
    """Return a shallow copy of the data, moved by an element of any kind.

    Raises:
        TypeError: As :func:`permute_slots`.
        ValueError: As :func:`permute_slots`.

    >>> element = ProductElement(GroupElement(2 * torch.eye(2)[None]),
    ...                          SlotPermutation(torch.tensor([[1, 0]])))
    >>> move_by(Data(pos=torch.eye(2)), Fields({"pos": "point@slot"}, 2), element).pos
    tensor([[0., 2.],
            [2., 0.]])
    """
    if isinstance(element, ProductElement):
        return permute_slots(
            move_fields(data, fields, element.continuous), fields, element.permutation
        )
    if isinstance(element, GroupElement):
        return move_fields(data, fields, element)
    return permute_slots(data, fields, element)


class ProductTransform(ReplayableTransform[ProductElement]):
    """Move each graph by an element of a continuous group, and its nodes to other slots.

    What the parts learn is learned jointly: gradient flows into the parameters of both, and a
    :class:`~semola_geo.training.SymmetryRegularizedModule` trains them together. With both parts
    of a report of ``ambient="E(3) x S(5)"`` it augments with all that was found.

    Args:
        continuous: A :class:`RandomSymmetryTransform` or :class:`LearnableSymmetryTransform`.
        permutation: A :class:`RandomPermutationTransform` or
            :class:`LearnablePermutationTransform`, with the same fields.

    Raises:
        TypeError: If a part is of another kind.
        ValueError: If the parts declare different fields or dimensions.

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

    def __init__(self, continuous: SymmetryTransform, permutation: SlotTransform) -> None:
        for name, part, kind in (
            ("continuous", continuous, SymmetryTransform),
            ("permutation", permutation, SlotTransform),
        ):
            if not isinstance(part, kind):
                raise TypeError(
                    f"{name} must be a {kind.__name__}, got {type(part).__name__}; the part that "
                    "moves coordinates comes first, the one that permutes slots second"
                )
        _same_fields(continuous.fields, permutation.fields)
        super().__init__(continuous.fields, continuous.strict and permutation.strict)
        self.continuous = continuous
        self.permutation = permutation

    @property
    def name(self) -> str:
        """Name of the ambient group, ``"E(3) x S(5)"``."""
        return product_name(self.continuous.ambient.name, self.permutation.num_slots)

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
        """Unit of length of the algebra, in the data's unit."""
        return self.continuous.length_scale

    @property
    def group(self) -> PermutationSubgroup:
        """The subgroup that the present generators of the permutation part make."""
        return self.permutation.group

    def sample(
        self,
        size: int,
        generator: torch.Generator | None = None,
        dtype: torch.dtype | None = None,
    ) -> ProductElement:
        """Draw one independent pair per graph, with gradient where a part is learned.

        Args:
            size: Number of graphs.
            generator: Source of randomness; torch's default generator when ``None``.
            dtype: As for the parts.
        """
        return ProductElement(
            self.continuous.sample(size, generator, dtype),
            self.permutation.sample(size, generator, dtype),
        )

    def _act(self, data: Data, element: ProductElement) -> Data:
        if not isinstance(element, ProductElement):
            raise TypeError(f"element must be a ProductElement, got {type(element).__name__}")
        moved = self.continuous._act(data, element.continuous)
        return self.permutation._act(moved, element.permutation)

    def _describe(self) -> str:
        return f"{self.continuous._describe()}, {self.permutation._describe()}"


def _same_fields(one: Fields, two: Fields) -> None:
    if one.dimension != two.dimension:
        raise ValueError(
            f"the parts of a product act in one space, but have d = {one.dimension} and "
            f"d = {two.dimension}; say dimension={one.dimension} where slots are permuted"
        )
    first, second = one.declaration(), two.declaration()
    for name in {**first, **second}:
        if first.get(name) != second.get(name):
            raise ValueError(
                f"the parts of a product need the same fields, but {name!r} is "
                f"{first.get(name, 'not declared')!r} in the continuous part and "
                f"{second.get(name, 'not declared')!r} in the permutation part"
            )
