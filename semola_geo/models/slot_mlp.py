"""A network on node slots: for graphs of one size whose nodes have names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from torch import Tensor, nn
from torch_geometric.data import Data

from semola_geo.models.edges import graph_index, graph_pointer
from semola_geo.models.inputs import NodeInputs, RawInputs, check_level
from semola_geo.models.products import Products
from semola_geo.models.slot_sizes import check_sizes

__all__ = ["SlotMLP"]


class SlotMLP(nn.Module):
    """A perceptron on all numbers of a graph, slot after slot.

    For bodies of an n-body system, labelled atoms of one molecule or a ring of sensors. It
    knows no symmetry at all, not even permutations of slots: these can then be discovered. It also
    reads learned products of its inputs (`Products`), out of which invariants are made.

    Args:
        representation: Representation of the output; only recorded, it constrains nothing.
        level: `"graph"` or `"node"`.
        output_shape: Trailing shape of the output.
        num_nodes: Nodes of every graph.
        dimension: Dimension d of space.
        node_inputs: Further inputs, name to (representation, trailing shape).
        position: Name of the coordinates `[N, d]`.
        scales: Unit of each input field; values are divided by it.
        center: Constant that is subtracted from coordinates first.
        hidden: Width of the hidden layers.
        num_layers: Number of hidden layers.
        products: Products of inputs that the first layer reads beside them; 0: none.

    Raises:
        ValueError: For an unknown level, less than one node or a negative number of products; in
            `forward`, for a graph of another size or a missing field.

    >>> import torch
    >>> model = SlotMLP(representation="scalar", level="graph", output_shape=(), num_nodes=4)
    >>> model(Data(pos=torch.randn(4, 3))).shape
    torch.Size([1])
    """

    def __init__(
        self,
        *,
        representation: str,
        level: str,
        output_shape: tuple[int, ...],
        num_nodes: int,
        dimension: int = 3,
        node_inputs: NodeInputs | None = None,
        position: str = "pos",
        scales: Mapping[str, float] | None = None,
        center: Sequence[float] | None = None,
        hidden: int = 128,
        num_layers: int = 3,
        products: int = 64,
    ) -> None:
        super().__init__()
        if num_nodes < 1:
            raise ValueError(f"num_nodes must be at least 1, got {num_nodes}")
        if products < 0:
            raise ValueError(f"products must not be negative, got {products}; 0 for none")
        self.representation = representation
        self.level = check_level(level)
        self.output_shape = tuple(output_shape)
        self.num_nodes = num_nodes
        self.inputs = RawInputs(
            dimension=dimension,
            hidden=None,
            position=position,
            node_inputs=node_inputs,
            species=False,
            scales=scales,
            center=center,
        )
        width = num_nodes * self.inputs.width
        layers: list[nn.Module] = [Products(width, products)] if products else []
        width += products
        for _ in range(num_layers):
            layers += [nn.Linear(width, hidden), nn.SiLU()]
            width = hidden
        copies = num_nodes if level == "node" else 1
        self.network = nn.Sequential(*layers, nn.Linear(width, copies * prod(self.output_shape)))

    def forward(self, data: Data) -> Tensor:
        """Predict in normalised units.

        Returns:
            `[B, *output_shape]` or `[N, *output_shape]`.
        """
        ptr = graph_pointer(data, self.inputs.position)
        check_sizes(ptr.diff(), self.num_nodes, "SlotMLP")
        _, raw = self.inputs.rows(data, graph_index(ptr))
        out: Tensor = self.network(raw.reshape(len(ptr) - 1, -1))
        return out.reshape(-1, *self.output_shape)
