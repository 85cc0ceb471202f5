"""Hand every graph the targets of another one: the control that holds no answer."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["derangement"]


def derangement(count: int, generator: torch.Generator) -> Tensor:
    """One random cycle through all of ``range(count)``: nobody keeps what they had.

    Raises:
        ValueError: For less than two graphs.

    >>> image = derangement(5, torch.Generator().manual_seed(0))
    >>> bool((image != torch.arange(5)).all()), sorted(image.tolist())
    (True, [0, 1, 2, 3, 4])
    """
    if count < 2:
        raise ValueError(f"shuffle_targets=True needs at least 2 graphs, got {count}")
    cycle = torch.randperm(count, generator=generator)
    image = torch.empty_like(cycle)
    image[cycle] = cycle.roll(1)
    return image
