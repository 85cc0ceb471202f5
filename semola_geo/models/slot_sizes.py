"""Node slots need graphs of one size, and not a large one."""

from __future__ import annotations

from torch import Tensor

__all__ = ["LARGEST_SLOTTED", "check_sizes"]

LARGEST_SLOTTED = 32
"""Most nodes of graphs whose nodes are taken to have a place of their own, unless told."""


def check_sizes(sizes: Tensor, num_nodes: int, model: str) -> None:
    """Refuse graphs of another size than a model was built for.

    Args:
        sizes: Nodes of every graph, ``[B]``.
        num_nodes: What the model was built for.
        model: Its name, for the message.

    Raises:
        ValueError: If a graph has another number of nodes.

    >>> import torch
    >>> check_sizes(torch.tensor([4, 4]), 4, "SlotMLP")
    """
    wrong = (sizes != num_nodes).nonzero().flatten().tolist()
    if wrong:
        raise ValueError(
            f"{model} was built for graphs of {num_nodes} nodes, but graph {wrong[0]} of the batch "
            f"has {int(sizes[wrong[0]])}; use MPNN for graphs of several sizes"
        )
