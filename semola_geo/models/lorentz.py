"""Message passing on Minkowski products: strictly invariant under the Lorentz group."""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from semola_geo.models.edges import edges_of, graph_index, graph_pointer, mean_of_graphs
from semola_geo.models.inputs import (
    NodeInputs,
    check_level,
    check_width,
    read_field,
    read_species,
)
from semola_geo.models.message_layer import MessageLayer, rooted_degree
from semola_geo.models.minkowski import minkowski_product, signed_log
from semola_geo.models.running_units import RunningUnits
from semola_geo.representations import parse_representation

__all__ = ["LorentzMPNN"]

# Of four components and their squares, and of the boost that moved them.
_ROUNDINGS = 16.0


class LorentzMPNN(nn.Module):
    r"""Scalars of particles with four-momenta p = (E, **p**), any number of them.

    Nodes know :math:`p_i^2` and :math:`\langle p_i, P \rangle`, with P the sum of all momenta of
    the graph, their species and other scalars; edges know :math:`\langle p_i, p_j \rangle` and
    :math:`(p_i - p_j)^2`. Products are computed in float64, since those of fast particles cancel,
    pass through a signed logarithm and are standardised over the training graphs. Everything else
    is the message passing of `MPNN`, with the mean over particles at the end.

    Invariant under all of O(1,3): products know no handedness of space and no direction of time,
    and what comes in is told from what goes out by species. Momenta have no origin, hence no
    translations. The choice of invariants is that of LorentzNet (Gong et al., arXiv:2201.08187,
    equations 3 to 6), without its update of momenta: products of all pairs already determine all
    invariants of O(1,3).

    Args:
        representation: `"scalar"`.
        level: `"graph"` or `"node"`.
        output_shape: Trailing shape of the output.
        dimension: Must be 4.
        node_inputs: Further scalars of particles, name to (representation, trailing shape).
        species: Whether the data carry an integer `z` per particle.
        position: Name of the momenta `[N, 4]`.
        unit: Momentum below whose square products are taken as they are, and above whose square by
            their logarithm; in the unit of the data.
        hidden: Width of node states and messages.
        edge_features: Width of the features of edges.
        num_layers: Rounds of messages.
        max_species: Species are `0 ... max_species - 1`.

    Raises:
        ValueError: For an output or input that is no scalar, another dimension, an unknown level or
            a unit that is not positive; in `forward`, for a missing field, one of another width,
            an unknown species, or no particles at all.

    >>> model = LorentzMPNN(representation="scalar", level="graph", output_shape=(), dimension=4,
    ...     species=False)
    >>> p = torch.tensor([[5.0, 3, 0, 0], [5.0, 0, 4, 0], [13.0, 0, 0, 5]])
    >>> boost = torch.eye(4)
    >>> boost[:2, :2] = torch.tensor([[1.25, 0.75], [0.75, 1.25]])
    >>> torch.allclose(model.eval()(Data(pos=p @ boost)), model(Data(pos=p)), atol=1e-4)
    True
    """

    def __init__(
        self,
        *,
        representation: str,
        level: str,
        output_shape: tuple[int, ...],
        dimension: int = 4,
        node_inputs: NodeInputs | None = None,
        species: bool = True,
        position: str = "pos",
        unit: float = 1.0,
        hidden: int = 48,
        edge_features: int = 16,
        num_layers: int = 3,
        max_species: int = 100,
    ) -> None:
        super().__init__()
        inputs = node_inputs or {}
        _check(representation, dimension, inputs, unit)
        self.level = check_level(level)
        self.output_shape = tuple(output_shape)
        self.position, self.unit, self.max_species = position, float(unit), max_species
        self.widths = {name: prod(shape) for name, (_, shape) in inputs.items()}
        width = 2 + sum(self.widths.values())
        self.node_units, self.edge_units = RunningUnits(width), RunningUnits(2)
        self.embed = nn.Linear(width, hidden)
        self.species = nn.Embedding(max_species, hidden) if species else None
        self.edge = nn.Sequential(
            nn.Linear(2, hidden), nn.SiLU(), nn.Linear(hidden, edge_features), nn.SiLU()
        )
        self.layers = nn.ModuleList(
            MessageLayer(hidden, edge_features, norm=False) for _ in range(num_layers)
        )
        self.head = nn.Sequential(
            nn.Linear(hidden, hidden), nn.SiLU(), nn.Linear(hidden, prod(self.output_shape))
        )

    def forward(self, data: Data) -> Tensor:
        """Predict in normalised units.

        Returns:
            `[B, *output_shape]` or `[N, *output_shape]`.
        """
        ptr = graph_pointer(data, self.position)
        graph = graph_index(ptr)
        pos = check_width(self.position, read_field(data, self.position), 4)
        edge_index = edges_of(data, ptr)
        h = self._embedded(data, pos, ptr, graph)
        features = self.edge(self.edge_units(self._pairs(pos.double(), edge_index)).to(pos.dtype))
        scale = rooted_degree(edge_index, h)
        for layer in self.layers:
            h = layer(h, features, edge_index, scale)
        if self.level == "graph":
            h = mean_of_graphs(h, ptr, graph)
        out: Tensor = self.head(h)
        return out.reshape(-1, *self.output_shape)

    def _embedded(self, data: Data, pos: Tensor, ptr: Tensor, graph: Tensor) -> Tensor:
        p = pos.double()
        total = p.new_zeros(len(ptr) - 1, 4).index_add(0, graph, p)
        own = torch.stack([_squares(p, pos.dtype), minkowski_product(p, total[graph])], dim=1)
        parts = [self._compressed(own)]
        for name, width in self.widths.items():
            values = read_field(data, name).double()
            parts.append(check_width(name, values.reshape(len(p), -1), width))
        h: Tensor = self.embed(self.node_units(torch.cat(parts, dim=1)).to(pos.dtype))
        if self.species is not None:
            h = h + self.species(read_species(data, self.max_species))
        return h

    def _pairs(self, p: Tensor, edge_index: Tensor) -> Tensor:
        one, two = p.index_select(0, edge_index[0]), p.index_select(0, edge_index[1])
        difference = one - two
        products = [minkowski_product(one, two), minkowski_product(difference, difference)]
        return self._compressed(torch.stack(products, dim=1))

    def _compressed(self, products: Tensor) -> Tensor:
        return signed_log(products / self.unit**2)


def _squares(p: Tensor, given: torch.dtype) -> Tensor:
    """Return p², zero where it is no more than the rounding of momenta in the dtype they came in.

    Massless particles would otherwise show that rounding, in units of itself.
    """
    squares = minkowski_product(p, p)
    rounding = _ROUNDINGS * torch.finfo(given).eps * p[:, 0].square()
    return torch.where(squares.abs() > rounding, squares, 0.0)


def _check(representation: str, dimension: int, inputs: NodeInputs, unit: float) -> None:
    if dimension != 4:
        raise ValueError(f"LorentzMPNN reads four-momenta (E, p), got d = {dimension}; use MPNN")
    declared = {"the target": representation, **{n: text for n, (text, _) in inputs.items()}}
    for name, text in declared.items():
        if parse_representation(text).name != "scalar":
            raise ValueError(
                f"LorentzMPNN reads and predicts Lorentz scalars beside the momenta, but {name} is "
                f"declared {text!r}; leave it out, or use MPNN"
            )
    if not 0 < unit < float("inf"):
        raise ValueError(f"unit must be a positive momentum, got {unit!r}")
