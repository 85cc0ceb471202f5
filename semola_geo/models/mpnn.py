"""An unconstrained message-passing network on raw coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

import torch
from torch import Tensor, nn
from torch.nn.functional import silu
from torch_geometric.data import Data

from semola_geo.models.edges import edges_of, graph_index, graph_pointer

__all__ = ["MPNN"]

NodeInputs = Mapping[str, tuple[str, tuple[int, ...]]]


class _Layer(nn.Module):
    """h_i + MLP(h_i, Σ_j silu(A h_i + B h_j + C (x_j - x_i))).

    A linear layer on a pair is a sum of linear layers on its ends, so the matrix products run
    once per node and only a gather, an addition and the activation run once per edge.
    """

    def __init__(self, hidden: int, dimension: int) -> None:
        super().__init__()
        self.target = nn.Linear(hidden, hidden)
        self.source = nn.Linear(hidden, hidden, bias=False)
        self.displacement = nn.Linear(dimension, hidden, bias=False)
        self.update = nn.Sequential(
            nn.Linear(2 * hidden, hidden), nn.SiLU(), nn.Linear(hidden, hidden)
        )

    def forward(self, h: Tensor, x: Tensor, edge_index: Tensor, weight: Tensor) -> Tensor:
        shift = self.displacement(x)
        source = (self.source(h) + shift).index_select(0, edge_index[0])
        target = (self.target(h) - shift).index_select(0, edge_index[1])
        gathered = torch.zeros_like(h).index_add(0, edge_index[1], silu(source + target))
        return h + self.update(torch.cat([h, gathered * weight], dim=-1))


class MPNN(nn.Module):
    """Message passing over `data.edge_index` or the complete graph, free of built-in symmetry."""

    def __init__(
        self,
        *,
        representation: str,
        level: str,
        output_shape: tuple[int, ...],
        dimension: int = 3,
        node_inputs: NodeInputs | None = None,
        species: bool = True,
        hidden: int = 48,
        num_layers: int = 3,
        max_species: int = 100,
    ) -> None:
        super().__init__()
        self.representation, self.level, self.output_shape = representation, level, output_shape
        self.node_inputs = dict(node_inputs or {})
        self.species = nn.Embedding(max_species, hidden) if species else None
        width = dimension + sum(prod(shape) for _, shape in self.node_inputs.values())
        self.embed = nn.Linear(width, hidden)
        self.layers = nn.ModuleList(_Layer(hidden, dimension) for _ in range(num_layers))
        self.head = nn.Sequential(
            nn.Linear(hidden, hidden), nn.SiLU(), nn.Linear(hidden, prod(output_shape))
        )

    def forward(self, data: Data) -> Tensor:
        """`[B, *output_shape]` or `[N, *output_shape]` in normalised units."""
        x = data.pos
        flat = [x] + [data[name].reshape(len(x), -1).to(x.dtype) for name in self.node_inputs]
        h = self.embed(torch.cat(flat, dim=-1))
        if self.species is not None:
            h = h + self.species(data.z)
        ptr = graph_pointer(data, len(x))
        edge_index = edges_of(data, ptr)
        degree = torch.bincount(edge_index[1], minlength=len(x)).clamp(min=1)
        weight = degree.to(x.dtype).rsqrt().unsqueeze(-1)
        for layer in self.layers:
            h = layer(h, x, edge_index, weight)
        out = self.head(h)
        if self.level == "graph":
            pooled = out.new_zeros(len(ptr) - 1, out.shape[-1])
            out = 0.25 * pooled.index_add(0, graph_index(ptr), out)
        return out.reshape(-1, *self.output_shape)
