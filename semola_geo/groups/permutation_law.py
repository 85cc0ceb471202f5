"""A learnable distribution over permutations of node slots."""

from __future__ import annotations

from collections.abc import Sequence
from math import lcm

import torch
from sympy.combinatorics import Permutation
from torch import nn

from semola_geo.groups.permutation import PermutationSubgroup
from semola_geo.groups.sinkhorn import best_assignment, straight_through
from semola_geo.groups.slot_element import SlotPermutation

__all__ = ["PermutationLaw"]

_SHARPNESS = 5.0
# A random start is kept off the identity, which no gradient leaves.
_OFF_DIAGONAL = 3.0


class PermutationLaw(nn.Module):
    r"""Random words in learnable generators: :math:`g = h_{i_1}^{e_1} \cdots h_{i_L}^{e_L}`.

    Letters are uniform over the generators, powers uniform over those of a letter's cyclic group
    (up to n − 1). Each generator is the permutation of greatest score; gradients are those of the
    Sinkhorn relaxation (straight-through).

    Args:
        num_slots: n.
        num_generators: Number k of generators.
        word_length: L; k + 1 when ``None``.
        temperature: Of the relaxation: scores are divided by it.
        generator: Source of the random start.

    Raises:
        ValueError: If a number is out of range.

    >>> law = PermutationLaw(4, 2, generator=torch.Generator().manual_seed(0))
    >>> law.sample(5).images.shape
    torch.Size([5, 4])
    """

    def __init__(
        self,
        num_slots: int,
        num_generators: int = 1,
        *,
        word_length: int | None = None,
        temperature: float = 1.0,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        if num_slots < 2:
            raise ValueError(f"num_slots must be at least 2, got {num_slots}")
        if num_generators < 1:
            raise ValueError(f"num_generators must be at least 1, got {num_generators}")
        self.word_length = num_generators + 1 if word_length is None else word_length
        if self.word_length < 1:
            raise ValueError(f"word_length must be at least 1, got {word_length}")
        if not 0 < temperature < float("inf"):
            raise ValueError(f"temperature must be positive and finite, got {temperature}")
        self.temperature = float(temperature)
        start = torch.randn(num_generators, num_slots, num_slots, generator=generator)
        self.scores = nn.Parameter(start - _OFF_DIAGONAL * torch.eye(num_slots))

    @property
    def num_slots(self) -> int:
        """Number n of slots."""
        return self.scores.shape[-1]

    @property
    def group(self) -> PermutationSubgroup:
        """The subgroup that the present generators make."""
        return PermutationSubgroup(best_assignment(self.scores).tolist(), self.num_slots)

    def set_generators(self, images: Sequence[Sequence[int]]) -> None:
        """Set the generators.

        Raises:
            ValueError: If their number differs.
        """
        if len(images) != len(self.scores):
            raise ValueError(f"the law has {len(self.scores)} generators, got {len(images)}")
        target = torch.tensor([list(image) for image in images])
        with torch.no_grad():
            self.scores.copy_(
                _SHARPNESS * torch.nn.functional.one_hot(target, self.num_slots).to(self.scores)
            )

    def sample(self, size: int, generator: torch.Generator | None = None) -> SlotPermutation:
        """Draw elements; they carry gradient where gradients are recorded.

        Args:
            size: Number of elements.
            generator: Source of randomness; torch's default generator when ``None``.
        """
        device = self.scores.device if generator is None else generator.device
        differentiable = torch.is_grad_enabled() and self.scores.requires_grad
        if differentiable:
            images, matrices = straight_through(self.scores / self.temperature, iterations=5)
        else:
            images, matrices = best_assignment(self.scores), None
        # The identity keeps a power of its own: without it no gradient would ever move it.
        cyclic = [max(2, min(_order(image), self.num_slots)) for image in images.tolist()]
        every = _powers(SlotPermutation(images, matrices), max(cyclic))
        share = torch.rand(2, size, self.word_length, generator=generator, device=device)
        share = share.to(images.device)
        letter = (share[0] * len(images)).long().clamp(max=len(images) - 1)
        sizes = torch.tensor(cyclic, device=images.device)[letter]
        power = (share[1] * sizes).long().clamp(max=sizes - 1)
        place = power * len(images) + letter
        word = every[place[:, 0]]
        for position in range(1, self.word_length):
            word = word @ every[place[:, position]]
        return word


def _order(image: Sequence[int]) -> int:
    return lcm(*(len(cycle) for cycle in Permutation(list(image)).cyclic_form), 1)


def _powers(table: SlotPermutation, count: int) -> SlotPermutation:
    """Return powers 0, 1, … of all k generators, power after power, by doubling."""
    every = SlotPermutation.identity(len(table), table.num_slots).to(table.images.device)
    if table.matrix is not None:
        every = SlotPermutation(every.images, every.as_matrix().to(table.matrix))
    step = table
    while len(every) < count * len(table):
        copies = torch.arange(len(every), device=table.images.device) % len(table)
        every = _join(every, step[copies] @ every)
        step = step @ step
    return every


def _join(one: SlotPermutation, two: SlotPermutation) -> SlotPermutation:
    images = torch.cat([one.images, two.images])
    if one.matrix is None or two.matrix is None:
        return SlotPermutation(images)
    return SlotPermutation(images, torch.cat([one.matrix, two.matrix]))
