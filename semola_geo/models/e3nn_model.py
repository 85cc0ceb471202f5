"""A strictly E(3)-equivariant network on e3nn: the baseline that knows the symmetry."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from e3nn import o3
from torch import Tensor, nn
from torch_geometric.data import Data

from semola_geo.models.cartesian_irreps import CartesianIrreps
from semola_geo.models.convolution import EquivariantConvolution
from semola_geo.models.edges import edges_of, graph_index, graph_pointer, mean_of_graphs
from semola_geo.models.gated_product import GatedProduct, couplings
from semola_geo.models.radial import RadialBasis

__all__ = ["E3NNModel"]


class _Layer(nn.Module):
    def __init__(
        self, irreps: o3.Irreps, edge_irreps: o3.Irreps, lmax: int, num_basis: int
    ) -> None:
        super().__init__()
        self.down = o3.Linear(irreps, edge_irreps)
        self.convolution = EquivariantConvolution(edge_irreps, lmax, num_basis)
        self.update = GatedProduct(irreps + edge_irreps, irreps, irreps)

    def forward(self, h: Tensor, basis: Tensor, direction: Tensor, edge_index: Tensor) -> Tensor:
        gathered = self.convolution(self.down(h), basis, direction, edge_index)
        return h + self.update(torch.cat([h, gathered], dim=-1))


class E3NNModel(nn.Module):
    def __init__(
        self,
        *,
        representation: str,
        level: str,
        output_shape: tuple[int, ...],
        dimension: int = 3,
        node_inputs: Mapping[str, tuple[str, tuple[int, ...]]] | None = None,
        species: bool = True,
        hidden: int = 32,
        edge_channels: int = 24,
        num_layers: int = 2,
        num_basis: int = 8,
        cutoff: float = 5.0,
        num_neighbours: float = 12.0,
        lmax: int = 1,
        max_species: int = 100,
    ) -> None:
        super().__init__()
        self.level, self.cutoff = level, cutoff
        self.output = CartesianIrreps(representation, tuple(output_shape))
        self.inputs = nn.ModuleDict(
            {name: CartesianIrreps(*spec) for name, spec in (node_inputs or {}).items()}
        )
        self.points = {n for n, (r, _) in (node_inputs or {}).items() if r.startswith("point")}
        input_irreps = o3.Irreps([b for m in self.inputs.values() for b in m.irreps])
        lmax, irreps = _hidden_irreps(lmax, input_irreps, self.output.irreps)
        wide = o3.Irreps([(hidden, ir) for _, ir in irreps])
        narrow = o3.Irreps([(edge_channels, ir) for _, ir in irreps])
        self.species = nn.Embedding(max_species, hidden) if species else None
        self.embed = o3.Linear(o3.Irreps("0e") + input_irreps, wide)
        self.radial = RadialBasis(cutoff, num_basis)
        self.layers = nn.ModuleList(
            _Layer(wide, narrow, lmax, num_basis) for _ in range(num_layers)
        )
        kinds = sorted({ir for _, ir in self.output.irreps})
        pooled = o3.Irreps([(hidden, ir) for ir in kinds])
        self.readout = GatedProduct(
            wide + o3.Irreps("1o") if level == "graph" else wide, wide, pooled
        )
        self.last = o3.Linear(pooled, self.output.irreps)
        self.register_buffer("per_edge", torch.tensor(num_neighbours**-0.5), persistent=False)

    def forward(self, data: Data) -> Tensor:
        x = data.pos
        ptr = graph_pointer(data)
        graph = graph_index(ptr)
        edge_index = edges_of(data, ptr)
        vector = x.index_select(0, edge_index[0]) - x.index_select(0, edge_index[1])
        near = (vector.square().sum(-1) < self.cutoff**2).nonzero().squeeze(-1)
        edge_index, vector = edge_index[:, near], vector[near]
        distance = (vector.square().sum(-1) + 1e-12).sqrt()
        basis = self.radial(distance) * self.per_edge
        direction = vector / distance.unsqueeze(-1)
        parts = [x.new_ones(len(x), 1)]
        for name, change in self.inputs.items():
            values = data[name].to(x.dtype)
            parts.append(change.from_field(values - x if name in self.points else values))
        h = self.embed(torch.cat(parts, dim=-1))
        if self.species is not None:
            scalars = self.species(data.z)
            h = torch.cat([h[:, : scalars.shape[1]] + scalars, h[:, scalars.shape[1] :]], dim=-1)
        for layer in self.layers:
            h = layer(h, basis, direction, edge_index)
        if self.level == "graph":
            centred = x - mean_of_graphs(x, ptr, graph)[graph]
            h = torch.cat([h, centred], dim=-1)
        out = self.last(self.readout(h))
        if self.level == "graph":
            out = 0.25 * out.new_zeros(len(ptr) - 1, out.shape[1]).index_add(0, graph, out)
        return self.output.to_field(out)


def _hidden_irreps(lmax: int, inputs: o3.Irreps, output: o3.Irreps) -> tuple[int, o3.Irreps]:
    """Return the smallest set of irreps that holds the inputs and couples to the output.

    >>> _hidden_irreps(1, o3.Irreps("0e"), o3.Irreps("0e+2e"))
    (1, 1x0e+1x1o)
    >>> _hidden_irreps(1, o3.Irreps(""), o3.Irreps("0o"))
    (1, 1x0e+1x0o+1x1o+1x1e)
    """
    while True:
        natural = [o3.Irrep(degree, (-1) ** degree) for degree in range(lmax + 1)]
        both = [o3.Irrep(ir.l, p) for ir in natural for p in (ir.p, -ir.p)]
        for kinds in (natural, both):
            irreps = o3.Irreps([(1, ir) for ir in kinds])
            reached = {ir for _, _, ir in couplings(irreps, output)} | set(kinds)
            if {ir for _, ir in inputs} <= set(kinds) and {ir for _, ir in output} <= reached:
                return lmax, irreps
        lmax += 1
