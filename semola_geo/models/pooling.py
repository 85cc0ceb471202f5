"""From the nodes of each graph to one row."""

from __future__ import annotations

import torch
from torch import Tensor

from semola_geo.models.edges import mean_of_graphs

__all__ = ["max_and_mean"]


def max_and_mean(h: Tensor, ptr: Tensor, graph: Tensor) -> Tensor:
    """Pool by the largest entry and by the mean: `[N, C]` to `[B, 2 C]`; zero for no nodes.

    >>> max_and_mean(torch.tensor([[1.0], [3.0]]), torch.tensor([0, 2]), torch.tensor([0, 0]))
    tensor([[3., 2.]])
    """
    zeros = h.new_zeros(len(ptr) - 1, h.shape[1])
    rows = graph.unsqueeze(-1).expand_as(h)
    largest = zeros.scatter_reduce(0, rows, h, "amax", include_self=False)
    return torch.cat([largest, mean_of_graphs(h, ptr, graph)], dim=-1)
