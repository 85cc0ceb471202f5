"""A network on the distances between node slots: it knows space, and no permutation."""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from semola_geo.models.edges import graph_pointer
from semola_geo.models.inputs import read_field

__all__ = ["SlotDistances"]


class SlotDistances(nn.Module):
    """A perceptron on the inverse distances of all pairs of node slots.

    Invariant under E(d) by construction, reflections included, and under no permutation of slots:
    for the atoms of one molecule, whose exchanges can then be discovered. Each pair is
    standardised over the training graphs, as bonds vary far less than other distances.

    Args:
        representation: Representation of the output: a scalar, as distances know no direction.
        level: `"graph"`.
        output_shape: Trailing shape of the output.
        num_nodes: Nodes of every graph, at least 2.
        position: Name of the coordinates `[N, d]`.
        hidden: Width of the hidden layers.
        num_layers: Number of hidden layers.

    Raises:
        ValueError: For an output that is no scalar per graph, or less than two nodes; in
            `forward`, for a graph of another size or missing coordinates.

    Inverse distances as molecular descriptor: Chmiela et al., Sci. Adv. 3, e1603015 (2017).

    >>> model = SlotDistances(representation="scalar", level="graph", output_shape=(), num_nodes=4)
    >>> model.eval()(Data(pos=torch.randn(4, 3))).shape
    torch.Size([1])
    """

    def __init__(
        self,
        *,
        representation: str,
        level: str,
        output_shape: tuple[int, ...],
        num_nodes: int,
        position: str = "pos",
        hidden: int = 128,
        num_layers: int = 2,
    ) -> None:
        super().__init__()
        if representation != "scalar" or level != "graph":
            raise ValueError(
                "distances predict scalars of whole graphs only, got a target declared "
                f"{representation!r} per {level}; use SlotMLP"
            )
        if num_nodes < 2:
            raise ValueError(f"num_nodes must be at least 2 to have a distance, got {num_nodes}")
        self.output_shape = tuple(output_shape)
        self.num_nodes = num_nodes
        self.position = position
        self.register_buffer("pairs", torch.triu_indices(num_nodes, num_nodes, 1), persistent=False)
        width = num_nodes * (num_nodes - 1) // 2
        # momentum=None: plain averages over training, not over its last steps.
        layers: list[nn.Module] = [nn.BatchNorm1d(width, affine=False, momentum=None)]
        for _ in range(num_layers):
            layers += [nn.Linear(width, hidden), nn.SiLU()]
            width = hidden
        self.network = nn.Sequential(*layers, nn.Linear(width, prod(self.output_shape)))

    def forward(self, data: Data) -> Tensor:
        """Predict in normalised units, `[B, *output_shape]`."""
        pos = read_field(data, self.position)
        sizes = graph_pointer(data, self.position).diff()
        wrong = (sizes != self.num_nodes).nonzero().flatten().tolist()
        if wrong:
            raise ValueError(
                f"SlotDistances was built for graphs of {self.num_nodes} nodes, but graph "
                f"{wrong[0]} of the batch has {int(sizes[wrong[0]])}; use MPNN for graphs of "
                "several sizes"
            )
        slots = pos.reshape(len(sizes), self.num_nodes, -1)
        one, two = self.get_buffer("pairs")
        nearness = 1 / (slots[:, one] - slots[:, two]).norm(dim=-1)
        out: Tensor = self.network(nearness)
        return out.reshape(-1, *self.output_shape)
