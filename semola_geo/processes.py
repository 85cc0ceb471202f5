"""Which of the processes of data-parallel training this one is."""

from __future__ import annotations

import torch.distributed as distributed

__all__ = ["process_share"]


def process_share() -> tuple[int, int]:
    """Return the number of this process, and of all; 0 and 1 without ``torch.distributed``.

    >>> process_share()
    (0, 1)
    """
    if distributed.is_available() and distributed.is_initialized():
        return distributed.get_rank(), distributed.get_world_size()
    return 0, 1
