"""Augmentation with permutations of node slots: a known subgroup, or a learnable one."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch_geometric.data.datapipes import functional_transform

from semola_geo.groups import (
    PermutationLaw,
    PermutationSubgroup,
    SlotPermutation,
    cycle_notation,
    parse_slots,
)
from semola_geo.representations import Representation
from semola_geo.transforms.slots import SlotTransform

__all__ = ["LearnablePermutationTransform", "RandomPermutationTransform"]


@functional_transform("random_permutation")
class RandomPermutationTransform(SlotTransform):
    """Permute the node slots of each graph by a uniformly random element of a known group.

    Args:
        fields: Name → representation of every field; ``"point@slot"`` moves with its nodes.
        group: The subgroup, or ``"S(n)"`` for all permutations.
        strict: Refuse data with undeclared floating-point fields.
        dimension: Dimension d of space, by which shapes are checked.

    Raises:
        TypeError: If ``group`` is neither.
        ValueError: As :class:`~semola_geo.transforms.slots.SlotTransform`, or for another name.

    >>> from torch_geometric.data import Data
    >>> swap = PermutationSubgroup.from_orbits([[0, 1]], num_slots=3)
    >>> shuffle = RandomPermutationTransform({"pos": "point@slot"}, swap)
    >>> moved, g = shuffle(Data(pos=torch.eye(3)), return_element=True)
    >>> torch.equal(shuffle.inverse(moved, g).pos, torch.eye(3))
    True
    >>> shuffle
    RandomPermutationTransform(pos='point@slot', group='S2', num_slots=3)
    """

    def __init__(
        self,
        fields: Mapping[str, str | Representation],
        group: PermutationSubgroup | str,
        strict: bool = True,
        *,
        dimension: int = 3,
    ) -> None:
        if isinstance(group, str):
            slots = parse_slots(group)
            if slots is None:
                raise ValueError(
                    f"group {group!r} does not permute node slots; give a PermutationSubgroup or "
                    "'S(n)'"
                )
            group = PermutationSubgroup.from_orbits([range(slots)], slots)
        if not isinstance(group, PermutationSubgroup):
            raise TypeError(
                f"group must be a PermutationSubgroup or 'S(n)', got {type(group).__name__}"
            )
        super().__init__(fields, group.num_slots, strict, dimension=dimension)
        self._group = group
        # As text, for the fingerprint of a run: groups that differ may share a name.
        self.cycles = " ".join(map(cycle_notation, group.generators))

    @property
    def group(self) -> PermutationSubgroup:
        """The subgroup."""
        return self._group

    def _draw(self, size: int, generator: torch.Generator | None) -> SlotPermutation:
        return SlotPermutation(self.group.sample(size, generator))

    def _describe(self) -> str:
        return f"group={self.group.name!r}, num_slots={self.num_slots}"


@functional_transform("learnable_permutation")
class LearnablePermutationTransform(SlotTransform):
    """Permute node slots by random words in learnable generators.

    Generators are the permutations of greatest score; gradient flows from the moved fields into
    the scores as if the Sinkhorn relaxation had been applied (Mena et al., arXiv 1802.08665).

    Args:
        fields: Name → representation of every field; ``"point@slot"`` moves with its nodes.
        num_slots: Number n of nodes of every graph.
        num_generators: Number of generators.
        strict: Refuse data with undeclared floating-point fields.
        dimension: Dimension d of space, by which shapes are checked.
        word_length: Letters of a random word; one more than generators when ``None``.
        temperature: Of the relaxation.
        generator: Source of the random start.

    Raises:
        ValueError: As :class:`~semola_geo.transforms.slots.SlotTransform`, or for a number out of
            range.

    >>> from torch_geometric.data import Data
    >>> transform = LearnablePermutationTransform({"pos": "point@slot"}, num_slots=4)
    >>> moved = transform(Data(pos=torch.randn(4, 3)))
    >>> moved.pos.requires_grad, transform.group.num_slots
    (True, 4)
    """

    def __init__(
        self,
        fields: Mapping[str, str | Representation],
        num_slots: int,
        num_generators: int = 1,
        strict: bool = True,
        *,
        dimension: int = 3,
        word_length: int | None = None,
        temperature: float = 1.0,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(fields, num_slots, strict, dimension=dimension)
        self.law = PermutationLaw(
            num_slots,
            num_generators,
            word_length=word_length,
            temperature=temperature,
            generator=generator,
        )

    @classmethod
    def from_group(
        cls,
        group: PermutationSubgroup,
        fields: Mapping[str, str | Representation],
        strict: bool = True,
        *,
        dimension: int = 3,
        word_length: int | None = None,
        temperature: float = 1.0,
    ) -> LearnablePermutationTransform:
        """Start from the generators of a known or discovered group.

        Raises:
            ValueError: If the group is trivial, or as the constructor.

        >>> ring = PermutationSubgroup([[1, 2, 3, 0]])
        >>> LearnablePermutationTransform.from_group(ring, {"pos": "point@slot"}).group == ring
        True
        """
        if not group.generators:
            raise ValueError("the trivial group has no generator to learn from")
        transform = cls(
            fields,
            group.num_slots,
            len(group.generators),
            strict,
            dimension=dimension,
            word_length=word_length,
            temperature=temperature,
        )
        transform.law.set_generators(group.generators)
        return transform

    @property
    def group(self) -> PermutationSubgroup:
        """The subgroup that the present generators make."""
        return self.law.group

    def _draw(self, size: int, generator: torch.Generator | None) -> SlotPermutation:
        return self.law.sample(size, generator)

    def _describe(self) -> str:
        return f"num_slots={self.num_slots}, num_generators={len(self.law.scores)}"
