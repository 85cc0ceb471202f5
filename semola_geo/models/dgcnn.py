"""Edge convolution on graphs of nearest neighbours that follow the features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from semola_geo.graphs.knn import check_neighbours
from semola_geo.models.edges import graph_index, graph_pointer
from semola_geo.models.inputs import NodeInputs, RawInputs, check_level
from semola_geo.models.neighbours import nearest_nodes
from semola_geo.models.pooling import max_and_mean

__all__ = ["DGCNN"]


class _EdgeConvolution(nn.Module):
    r""":math:`h_i \mapsto \max_j \sigma(\Theta (h_j - h_i) + \Phi h_i)`.

    σ increases, so that it may be taken behind the maximum, and both maps run once per node.
    """

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.edge = nn.Linear(width, hidden, bias=False)
        self.node = nn.Linear(width, hidden)
        self.activation = nn.ELU()

    def forward(self, h: Tensor, neighbours: Tensor) -> Tensor:
        mapped = self.edge(h)
        theirs = mapped.index_select(0, neighbours.flatten()).view(*neighbours.shape, -1)
        out: Tensor = self.activation(theirs.max(1).values - mapped + self.node(h))
        return out


class DGCNN(nn.Module):
    """A point-cloud network that looks at neighbours, in space first and among features later.

    Every layer connects each point with its k nearest points, itself included beside them; the
    first layer by coordinates, every other by the features that the layer before it made. All
    layers together are pooled by maximum and mean. Unconstrained, on raw coordinates. Source:
    Wang et al., arXiv:1801.07829, equations 7 and 8 and figure 3; ELU takes the place of leaky
    ReLU, so that derivatives have no jumps there, and there is no batch norm.

    Args:
        representation: Representation of the output; only recorded, it constrains nothing.
        level: `"graph"` or `"node"`.
        output_shape: Trailing shape of the output.
        dimension: Dimension d of space.
        node_inputs: Further inputs, name to (representation, trailing shape).
        species: Whether the data carry an integer `z` per node.
        position: Name of the coordinates `[N, d]`.
        scales: Unit of each input field; values are divided by it.
        center: Constant that is subtracted from coordinates first.
        hidden: Width of all layers.
        num_layers: Edge convolutions.
        k: Neighbours; smaller graphs are complete.
        max_species: Species are `0 ... max_species - 1`.

    Raises:
        ValueError: For an unknown level, less than one layer or neighbour; in `forward`, for a
            missing field, one of another width, or no nodes at all.
        TypeError: If k is no integer.

    >>> model = DGCNN(representation="scalar", level="graph", output_shape=(10,), dimension=2,
    ...     species=False, node_inputs={"intensity": ("scalar", ())})
    >>> model(Data(pos=torch.randn(30, 2), intensity=torch.ones(30))).shape
    torch.Size([1, 10])
    """

    def __init__(
        self,
        *,
        representation: str,
        level: str,
        output_shape: tuple[int, ...],
        dimension: int = 3,
        node_inputs: NodeInputs | None = None,
        species: bool = True,
        position: str = "pos",
        scales: Mapping[str, float] | None = None,
        center: Sequence[float] | None = None,
        hidden: int = 64,
        num_layers: int = 3,
        k: int = 10,
        max_species: int = 100,
    ) -> None:
        super().__init__()
        if num_layers < 1:
            raise ValueError(f"num_layers must be at least 1, got {num_layers}")
        self.representation = representation
        self.level = check_level(level)
        self.output_shape = tuple(output_shape)
        self.k = check_neighbours(k)
        self.inputs = RawInputs(
            dimension=dimension,
            hidden=hidden,
            position=position,
            node_inputs=node_inputs,
            species=species,
            scales=scales,
            center=center,
            max_species=max_species,
        )
        self.layers = nn.ModuleList(_EdgeConvolution(hidden, hidden) for _ in range(num_layers))
        width = num_layers * hidden
        self.embed = nn.Sequential(nn.Linear(width, width), nn.ELU())
        self.head = nn.Sequential(
            nn.Linear((3 if level == "node" else 2) * width, hidden),
            nn.ELU(),
            nn.Linear(hidden, prod(self.output_shape)),
        )

    def forward(self, data: Data) -> Tensor:
        """Predict in normalised units.

        Returns:
            `[B, *output_shape]` or `[N, *output_shape]`.
        """
        ptr = graph_pointer(data, self.inputs.position)
        graph = graph_index(ptr)
        x, h = self.inputs(data, graph)
        features: list[Tensor] = []
        for layer in self.layers:
            h = layer(h, nearest_nodes(features[-1] if features else x, self.k, ptr))
            features.append(h)
        h = self.embed(torch.cat(features, dim=-1))
        pool = max_and_mean(h, ptr, graph)
        if self.level == "node":
            pool = torch.cat([h, pool[graph]], dim=-1)
        out: Tensor = self.head(pool)
        return out.reshape(-1, *self.output_shape)
