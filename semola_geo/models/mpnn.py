"""An unconstrained message-passing network on raw coordinates: fast, and free of symmetry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from semola_geo.models.edges import edges_of, graph_index, graph_pointer
from semola_geo.models.inputs import NodeInputs, RawInputs, check_level
from semola_geo.models.message_layer import MessageLayer, rooted_degree

__all__ = ["MPNN"]


class MPNN(nn.Module):
    r"""Message passing on raw coordinates, without any built-in symmetry of space.

    Nodes start from a linear map of their raw coordinates and other inputs, plus an embedding of
    their species. Edges carry :math:`f_{ij} = \sigma(W_2 \sigma(W_1 (x_j - x_i)))`: a learned
    function of the raw displacement, shared by all layers; distances, angles and frames are not
    given. The output of a node is affine in its coordinates, :math:`b(h_i) + M(h_i) x_i`, with
    learned M and b, so that a sum of charges times positions is within reach. M and the weights
    of raw coordinates start at zero: far from the origin they matter most, and a network that is
    to predict a scalar of graphs that are moved widely would have to unlearn them before anything
    else. The network is equivariant under permutations of nodes only (Gilmer et al.,
    arXiv:1704.01212, eq. 1 to 3).

    Args:
        representation: Representation of the output; only recorded, it constrains nothing.
        level: `"graph"` (sum over nodes) or `"node"`.
        output_shape: Trailing shape of the output.
        dimension: Dimension d of space.
        node_inputs: Further inputs, name to (representation, trailing shape); graph-level ones
            are repeated for every node.
        species: Whether the data carry an integer `z` per node.
        position: Name of the coordinates `[N, d]`.
        scales: Unit of each input field; values are divided by it.
        center: Constant that is subtracted from coordinates first.
        hidden: Width of node states and messages.
        edge_hidden: Width of the hidden layer of f.
        edge_features: Width of f.
        num_layers: Rounds of messages.
        readout_scale: Factor of the sum over nodes; keeps the output of order 1 at the start.
        max_species: Species are `0 ... max_species - 1`.
        norm: Whether a layer norm stands before each round and before the readout.

    Raises:
        ValueError: For an unknown level; in `forward`, for a missing field.

    >>> model = MPNN(representation="vector", level="graph", output_shape=(3,), species=False)
    >>> model(Data(pos=torch.randn(5, 3))).shape
    torch.Size([1, 3])
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
        hidden: int = 48,
        edge_hidden: int = 32,
        edge_features: int = 16,
        num_layers: int = 3,
        readout_scale: float = 0.25,
        max_species: int = 100,
        norm: bool = False,
    ) -> None:
        super().__init__()
        self.representation = representation
        self.level = check_level(level)
        self.output_shape = tuple(output_shape)
        self.readout_scale = readout_scale
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
        # The displacement is a difference, and so is its linear map: A (x_j - x_i) = A x_j - A x_i.
        self.displacement = nn.Linear(dimension, edge_hidden, bias=False)
        self.displacement_bias = nn.Parameter(torch.empty(edge_hidden))
        self.edge = nn.Sequential(nn.SiLU(), nn.Linear(edge_hidden, edge_features), nn.SiLU())
        self.layers = nn.ModuleList(
            MessageLayer(hidden, edge_features, norm) for _ in range(num_layers)
        )
        self.head = nn.Sequential(
            nn.LayerNorm(hidden) if norm else nn.Identity(), nn.Linear(hidden, hidden), nn.SiLU()
        )
        width = prod(self.output_shape)
        self.constant = nn.Linear(hidden, width)
        self.slope = nn.Linear(hidden, dimension * width)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all weights anew."""
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.LayerNorm | nn.Embedding):
                module.reset_parameters()
        with torch.no_grad():
            self.displacement_bias.uniform_(-1, 1)
            if self.inputs.linear is not None:
                self.inputs.linear.weight[:, : self.displacement.in_features].zero_()
            self.slope.weight.zero_()
            self.slope.bias.zero_()

    def forward(self, data: Data) -> Tensor:
        """Predict in normalised units.

        Returns:
            `[B, *output_shape]` or `[N, *output_shape]`.
        """
        ptr = graph_pointer(data, self.inputs.position)
        graph = graph_index(ptr)
        x, h = self.inputs(data, graph)
        edge_index = edges_of(data, ptr)
        moved = self.displacement(x)
        pair = (moved + self.displacement_bias).index_select(0, edge_index[0])
        features = self.edge(pair.sub_(moved.index_select(0, edge_index[1])))
        scale = rooted_degree(edge_index, x)
        for layer in self.layers:
            h = layer(h, features, edge_index, scale)
        h = self.head(h)
        slope = self.slope(h).view(len(x), -1, x.shape[1])
        out: Tensor = self.constant(h) + (slope * x.unsqueeze(1)).sum(-1)
        if self.level == "graph":
            pooled = out.new_zeros(len(ptr) - 1, out.shape[-1])
            out = self.readout_scale * pooled.index_add(0, graph, out)
        return out.reshape(-1, *self.output_shape)
