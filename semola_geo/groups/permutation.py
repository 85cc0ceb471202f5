"""Subgroups of the permutations of node slots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import torch
from sympy.combinatorics import Permutation, PermutationGroup
from torch import Tensor

from semola_geo.groups.permutation_images import check_image, cycle_notation
from semola_geo.groups.permutation_sampling import StabilizerChain
from semola_geo.groups.permutation_structure import structure_name

if TYPE_CHECKING:
    from rdkit.Chem import Mol

__all__ = ["PermutationSubgroup"]

_MOST_LISTED = 100_000


class PermutationSubgroup:
    """The subgroup of S(n) that some permutations of n node slots generate.

    A permutation is a 0-based image list: the node in slot i moves to slot ``image[i]``, and
    ``g h`` applies h first.

    Args:
        generators: Image lists; identities and repetitions are dropped.
        num_slots: n; needed where there is no generator.

    Raises:
        TypeError: If an image list holds something else than integers.
        ValueError: If one is no permutation, or the number of slots is unknown.

    >>> ring = PermutationSubgroup([[1, 2, 3, 0], [0, 3, 2, 1]])
    >>> ring
    PermutationSubgroup('D4', order=8, num_slots=4)
    >>> ring.contains([2, 1, 0, 3]), ring.contains([1, 0, 2, 3])
    (True, False)
    """

    def __init__(self, generators: Sequence[Sequence[int]], num_slots: int | None = None) -> None:
        images = list(generators)
        if num_slots is None:
            if not images:
                raise ValueError("num_slots is needed where no generator tells it")
            num_slots = len(images[0])
        if num_slots < 1:
            raise ValueError(f"num_slots must be at least 1, got {num_slots}")
        self.num_slots = num_slots
        checked = (check_image(image, num_slots) for image in images)
        moving = (image for image in checked if image != tuple(range(num_slots)))
        self.generators: tuple[tuple[int, ...], ...] = tuple(dict.fromkeys(moving))

    @classmethod
    def from_orbits(cls, blocks: Sequence[Sequence[int]], num_slots: int) -> PermutationSubgroup:
        """Return the Young subgroup that exchanges the slots of each block freely.

        Raises:
            ValueError: If blocks overlap or hold a slot that does not exist.

        >>> PermutationSubgroup.from_orbits([[0, 1], [2, 3, 4]], 5).name
        'S2 x S3'
        """
        slots = [int(slot) for block in blocks for slot in block]
        if len(set(slots)) != len(slots) or not set(slots) <= set(range(num_slots)):
            raise ValueError(f"blocks must be disjoint sets of slots 0 … {num_slots - 1}: {blocks}")
        generators = []
        for block in blocks:
            ordered = sorted(block)
            for one, two in pairwise(ordered):
                image = list(range(num_slots))
                image[one], image[two] = two, one
                generators.append(image)
        return cls(generators, num_slots)

    @classmethod
    def from_molecule(cls, mol: Mol, chirality: bool = True) -> PermutationSubgroup:
        """Return the automorphisms of a molecular graph, one slot per atom.

        Hydrogens count as far as they are atoms of the molecule (``Chem.AddHs``).

        Args:
            mol: An RDKit molecule.
            chirality: Keep labelled stereocentres and double bonds as they are; otherwise an
                automorphism may turn a molecule into its mirror image.

        Raises:
            TypeError: If ``mol`` is no RDKit molecule.
            ValueError: If it has no atoms.

        >>> from rdkit import Chem
        >>> PermutationSubgroup.from_molecule(Chem.AddHs(Chem.MolFromSmiles("O"))).generators
        ((0, 2, 1),)
        """
        from semola_geo.groups.automorphisms import molecular_automorphisms

        return cls(molecular_automorphisms(mol, chirality), mol.GetNumAtoms())

    @cached_property
    def _group(self) -> PermutationGroup:
        if not self.generators:
            return PermutationGroup([Permutation(list(range(self.num_slots)))])
        return PermutationGroup([Permutation(list(image)) for image in self.generators])

    @cached_property
    def _chain(self) -> StabilizerChain:
        return StabilizerChain(self._group)

    @cached_property
    def order(self) -> int:
        """Number of elements, from the stabiliser chain."""
        return int(self._group.order())

    @cached_property
    def orbits(self) -> list[list[int]]:
        """Sets of slots that are carried into each other, largest first; fixed slots included."""
        orbits = [sorted(orbit) for orbit in self._group.orbits()]
        moved = {slot for orbit in orbits for slot in orbit}
        orbits += [[slot] for slot in range(self.num_slots) if slot not in moved]
        return sorted(orbits, key=lambda orbit: (-len(orbit), orbit))

    @cached_property
    def name(self) -> str:
        """Structure, such as ``"S2 x S3"``, ``"C8"``, ``"D8"`` (order 16) or ``"trivial"``."""
        return structure_name(self._group)

    def contains(self, image: Sequence[int]) -> bool:
        """Return whether a permutation belongs to the group.

        Raises:
            TypeError: As the constructor.
            ValueError: As the constructor.
        """
        return bool(self._group.contains(Permutation(list(check_image(image, self.num_slots)))))

    def elements(self, limit: int = _MOST_LISTED) -> Iterator[tuple[int, ...]]:
        """List the elements, one at a time.

        Raises:
            ValueError: If there are more than ``limit``; use :meth:`sample` then.

        >>> sorted(PermutationSubgroup([[1, 2, 0]]).elements())
        [(0, 1, 2), (1, 2, 0), (2, 0, 1)]
        """
        if self.order > limit:
            raise ValueError(
                f"the group has {self.order} elements, more than limit={limit}; draw from it with "
                "sample(), or raise the limit"
            )
        return (tuple(element.array_form) for element in self._group.generate())

    def sample(self, size: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw elements uniformly: image lists ``[size, n]`` (long).

        Args:
            size: Number of elements.
            generator: Source of randomness; torch's default generator when ``None``.
        """
        return self._chain.sample(size, generator)

    def stabilizer(self, slots: Sequence[int]) -> PermutationSubgroup:
        """Return the subgroup that leaves each of these slots where it is.

        >>> PermutationSubgroup.from_orbits([[0, 1, 2]], 3).stabilizer([0]).generators
        ((0, 2, 1),)
        """
        group = self._group
        for slot in slots:
            group = group.stabilizer(slot)
        return PermutationSubgroup([g.array_form for g in group.generators], self.num_slots)

    def reduced(self) -> PermutationSubgroup:
        """Return the same group with redundant generators left out, the first ones kept.

        >>> PermutationSubgroup([[1, 2, 0], [2, 0, 1]]).reduced().generators
        ((1, 2, 0),)
        """
        kept = PermutationSubgroup([], self.num_slots)
        for image in self.generators:
            if not kept.contains(image):
                kept = PermutationSubgroup([*kept.generators, image], self.num_slots)
        return kept

    def to_dict(self) -> dict[str, Any]:
        """Return plain values: slots, order, name, orbits, generators and their cycles."""
        return {
            "num_slots": self.num_slots,
            "order": self.order,
            "name": self.name,
            "orbits": self.orbits,
            "generators": [list(image) for image in self.generators],
            "cycles": [cycle_notation(image) for image in self.generators],
        }

    def __le__(self, other: PermutationSubgroup) -> bool:
        """Return whether every element belongs to another group."""
        if not isinstance(other, PermutationSubgroup):
            return NotImplemented
        return self.num_slots == other.num_slots and all(map(other.contains, self.generators))

    def __eq__(self, other: object) -> bool:
        """Return whether two groups have the same elements, whatever their generators."""
        if not isinstance(other, PermutationSubgroup):
            return NotImplemented
        return self.order == other.order and self <= other

    def __hash__(self) -> int:
        return hash((self.num_slots, self.order))

    def __repr__(self) -> str:
        return f"PermutationSubgroup({self.name!r}, order={self.order}, num_slots={self.num_slots})"
