"""What a permutation must do, and how one is improved by exchanges of two images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import torch
from torch import Tensor

from semola_geo.groups import PermutationSubgroup

__all__ = ["FORBIDDEN", "Anchor", "improve", "useful_swaps"]

FORBIDDEN = -1e4
"""Score of an image that a slot may not have."""


@dataclass(frozen=True)
class Anchor:
    """What a permutation must do: hold some slots, and carry one slot to another.

    >>> Anchor(0, 1).mask(torch.ones(2, 2, dtype=torch.bool)).int().tolist()
    [[0, 1], [1, 0]]
    """

    source: int
    image: int
    held: tuple[int, ...] = ()

    def mask(self, allowed: Tensor) -> Tensor:
        """Narrow the images that slots may have, a boolean ``[n, n]``, to those that obey."""
        mask = allowed.clone()
        for source, image in [(self.source, self.image), *((slot, slot) for slot in self.held)]:
            mask[source] = mask[:, image] = False
            mask[source, image] = True
        return mask


def useful_swaps(known: PermutationSubgroup) -> Tensor:
    """Return pairs of slots ``[pairs, 2]`` whose exchange is no known element."""
    pairs = []
    for one, two in combinations(range(known.num_slots), 2):
        image = list(range(known.num_slots))
        image[one], image[two] = two, one
        if not known.contains(image):
            pairs.append((one, two))
    return torch.tensor(pairs).reshape(-1, 2)


def improve(
    rank: Callable[[Tensor], Tensor], pool: Tensor, mask: Tensor, swaps: Tensor
) -> tuple[Tensor, float]:
    """Exchange two images of the best permutation of a pool as long as that lowers its rank.

    Args:
        rank: Of image lists ``[elements, n]``: numbers ``[elements]``.
        pool: Image lists to begin with.
        mask: Images that a slot may have, ``[n, n]``.
        swaps: Pairs of slots ``[pairs, 2]`` whose images are exchanged.

    Returns:
        An image list ``[n]`` and its rank.
    """
    values = rank(pool)
    image, value = pool[values.argmin()], float(values.min())
    slots = torch.arange(len(image))
    rows = torch.arange(len(swaps))[:, None]
    while True:
        swapped = image.repeat(len(swaps), 1)
        swapped[rows, swaps] = image[swaps.flip(1)]
        swapped = swapped[mask[slots, swapped].all(1)]
        if not len(swapped):
            return image, value
        values = rank(swapped)
        if not float(values.min()) < value:
            return image, value
        image, value = swapped[values.argmin()], float(values.min())
