"""Uniform sampling from a permutation group of any order."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from sympy.combinatorics import PermutationGroup
from torch import Tensor

__all__ = ["StabilizerChain"]


class StabilizerChain:
    r"""Transversals :math:`U_1, U_2, \ldots` of the chain of point stabilisers of a group.

    Every element is :math:`u_1 u_2 \cdots u_m` (the last acts first) for exactly one choice of
    :math:`u_k \in U_k`, so that independent uniform choices are uniform on the group, whose
    elements are never listed (Seress, *Permutation Group Algorithms*, 2003, §4.1).

    Args:
        group: A sympy group; its chain comes from the Schreier-Sims algorithm.

    >>> from sympy.combinatorics.named_groups import SymmetricGroup
    >>> chain = StabilizerChain(SymmetricGroup(32))
    >>> chain.sample(3, torch.Generator().manual_seed(0)).shape
    torch.Size([3, 32])
    """

    def __init__(self, group: PermutationGroup) -> None:
        self.degree = int(group.degree)
        self.levels: list[Tensor] = [
            _as_table([element.array_form for element in level.values()])
            for level in group.basic_transversals
            if len(level) > 1
        ]

    def sample(self, size: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw image lists ``[size, n]`` (long), on the device of the generator.

        Args:
            size: Number of elements.
            generator: Source of randomness; torch's default generator when ``None``.
        """
        device = torch.device("cpu") if generator is None else generator.device
        images = torch.arange(self.degree, device=device).expand(size, -1)
        if not self.levels:
            return images.clone()
        counts = torch.tensor([len(level) for level in self.levels], device=device)
        share = torch.rand(
            size, len(counts), generator=generator, dtype=torch.float64, device=device
        )
        chosen = (share * counts).long().clamp(max=counts - 1)
        for number in range(len(self.levels) - 1, -1, -1):
            coset = self.levels[number].to(device)[chosen[:, number]]
            images = coset.gather(1, images)
        return images


def _as_table(images: Sequence[Sequence[int]]) -> Tensor:
    return torch.tensor(sorted(images), dtype=torch.long)
