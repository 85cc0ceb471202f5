"""One round of messages, for networks whose edges carry features."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["MessageLayer", "rooted_degree"]


class MessageLayer(nn.Module):
    r"""One round of messages: :math:`h_i + U(h_i, s_i \sum_j B h_j \odot C f_{ij})`.

    A filter times the sender's state, as in SchNet (arXiv:1706.08566), but of a raw displacement:
    where species and geometry have to be combined, as in energies, products need a fraction of
    the samples that :math:`\sigma(B h_j + C f_{ij})` needs. Linear maps of node states run once
    per node, before the gather and after the sum; what runs once per edge is cheap. The
    receiver's state enters in U only: letting it into every message costs a gather per edge and
    generalised worse.

    Args:
        hidden: Width of node states.
        edge_features: Width of f.
        norm: Whether a layer norm stands before.

    >>> layer = MessageLayer(hidden=8, edge_features=4, norm=False)
    >>> edges = torch.tensor([[1, 0], [0, 1]])
    >>> layer(torch.zeros(2, 8), torch.zeros(2, 4), edges, torch.ones(2, 1)).shape
    torch.Size([2, 8])
    """

    def __init__(self, hidden: int, edge_features: int, norm: bool) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(hidden) if norm else nn.Identity()
        self.source = nn.Linear(hidden, hidden, bias=False)
        self.edge = nn.Linear(edge_features, hidden)
        self.update = nn.Sequential(
            nn.Linear(2 * hidden, hidden), nn.SiLU(), nn.Linear(hidden, hidden)
        )

    def forward(self, h: Tensor, features: Tensor, edge_index: Tensor, scale: Tensor) -> Tensor:
        """Update the states `[N, hidden]` from features of edges `[E, edge_features]`.

        Args:
            h: States.
            features: f.
            edge_index: `[2, E]`, sources then targets.
            scale: s, `[N, 1]`, as from `rooted_degree`.
        """
        source, target = edge_index
        state = self.norm(h)
        pair = self.edge(features) * self.source(state).index_select(0, source)
        gathered = torch.zeros_like(state).index_add(0, target, pair) * scale
        change: Tensor = self.update(torch.cat([state, gathered], dim=-1))
        return h + change


def rooted_degree(edge_index: Tensor, like: Tensor) -> Tensor:
    """Return 1/√degree of every node, `[N, 1]`, which keeps sums over neighbours of order 1.

    >>> rooted_degree(torch.tensor([[1, 2, 3, 0], [0, 0, 0, 1]]), torch.zeros(4, 3))[:2].tolist()
    [[0.5773502588272095], [1.0]]
    """
    degree = torch.bincount(edge_index[1], minlength=len(like)).clamp(min=1)
    return degree.to(like.dtype).rsqrt().unsqueeze(-1)
