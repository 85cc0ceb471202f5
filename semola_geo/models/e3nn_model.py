"""A strictly E(3)-equivariant network on e3nn: the baseline that knows the symmetry."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from e3nn import o3
from torch import Tensor, nn
from torch_geometric.data import Data

from semola_geo.models.cartesian_irreps import CartesianIrreps
from semola_geo.models.convolution import EquivariantConvolution
from semola_geo.models.coupling import IrrepsLinear, soften
from semola_geo.models.edges import edges_of, graph_index, graph_pointer, mean_of_graphs
from semola_geo.models.gated_product import GatedProduct
from semola_geo.models.hidden_irreps import hidden_irreps
from semola_geo.models.inputs import NodeInputs, check_level, read_field
from semola_geo.models.radial import RadialBasis

__all__ = ["E3NNModel"]


class _Layer(nn.Module):
    """Fewer channels on edges than on nodes: h + U(h, convolution(L h))."""

    def __init__(
        self, irreps: list[o3.Irrep], lmax: int, hidden: int, edge_channels: int, num_basis: int
    ) -> None:
        super().__init__()
        self.dims = [irrep.dim for irrep in irreps]
        self.reduce = IrrepsLinear(irreps, [hidden] * len(irreps), edge_channels)
        self.convolution = EquivariantConvolution(
            irreps, lmax, channels=edge_channels, num_basis=num_basis
        )
        self.update = GatedProduct(irreps, [hidden + edge_channels] * len(irreps), irreps, hidden)

    def forward(
        self, h: list[Tensor], basis: Tensor, harmonics: Tensor, edge_index: Tensor
    ) -> list[Tensor]:
        reduced = torch.cat(self.reduce(h), dim=1)
        gathered = self.convolution(reduced, basis, harmonics, edge_index)
        parts = [
            torch.cat([soften(one) for one in pair], dim=-1)
            for pair in zip(h, gathered.split(self.dims, dim=1), strict=True)
        ]
        return [old + new for old, new in zip(h, self.update(parts), strict=True)]


class E3NNModel(nn.Module):
    r"""Message passing that is exactly equivariant under rotations, reflections and translations.

    Features are irreps of O(3), by default scalars and vectors; edges carry a radial basis and
    spherical harmonics of relative positions; nodes multiply their features and gate them by
    invariants. Edges fade out smoothly towards `cutoff`; longer ones are dropped. For graph-level
    targets the position relative to the centroid enters the readout, so that a dipole can be a sum
    of charges times positions. Irreps, coupling coefficients, harmonics and changes of basis are
    those of e3nn (Geiger and Smidt, arXiv:2207.09453); only the memory layout is its own, see
    `ChannelProduct`.

    Args:
        representation: Representation of the output.
        level: `"graph"` (sum over nodes) or `"node"`.
        output_shape: Trailing shape of the output, channels first.
        dimension: Must be 3.
        node_inputs: Further inputs, name to (representation, trailing shape).
        species: Whether the data carry an integer `z` per node.
        hidden: Channels of every irrep on nodes.
        edge_channels: Channels of every irrep on edges.
        num_layers: Rounds of messages.
        num_basis: Size of the radial basis.
        cutoff: Radius in the unit of the coordinates; the default suits molecules in Å.
        num_neighbours: Typical number of neighbours; keeps sums of order 1 at the start.
        lmax: Highest degree of features; raised where the output or an input needs more.
        readout_scale: Factor of the sum over nodes; keeps the output of order 1 at the start.
        unit: Spread of the target in its own unit; for targets that are points only, whose
            normalised value is a position divided by it.
        max_species: Species are `0 ... max_species - 1`.

    Raises:
        ValueError: If d is not 3, for an unknown level, or a shape that does not fit its
            representation; in `forward`, for a missing field.

    >>> model = E3NNModel(representation="vector", level="graph", output_shape=(3,), species=False)
    >>> data = Data(pos=torch.randn(5, 3))
    >>> turned = Data(pos=-data.pos + 1.0)
    >>> torch.allclose(model(turned), -model(data), atol=1e-4)
    True
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
        hidden: int = 32,
        edge_channels: int = 16,
        num_layers: int = 2,
        num_basis: int = 8,
        cutoff: float = 4.0,
        num_neighbours: float = 12.0,
        lmax: int = 1,
        readout_scale: float = 0.25,
        unit: float = 1.0,
        max_species: int = 100,
    ) -> None:
        super().__init__()
        if dimension != 3:
            raise ValueError(f"E3NNModel exists for d = 3 only, got d = {dimension}; use MPNN")
        self.level, self.cutoff = check_level(level), cutoff
        self.per_edge, self.readout_scale = num_neighbours**-0.5, readout_scale
        self.origin_scale = 1 / unit if representation.startswith("point") else None
        specs: Mapping[str, tuple[str, tuple[int, ...]]] = node_inputs or {}
        self.output = CartesianIrreps(representation, tuple(output_shape))
        inputs = {n: CartesianIrreps(*s) for n, s in specs.items()}
        self.inputs = nn.ModuleDict(inputs)
        self.points = frozenset(n for n, (text, _) in specs.items() if text.startswith("point"))
        given = o3.Irreps("0e") + o3.Irreps([b for m in inputs.values() for b in m.irreps])
        self.lmax, self.irreps = hidden_irreps(lmax, given, self.output.irreps)
        self.hidden = hidden
        self.embed = o3.Linear(given, o3.Irreps([(hidden, irrep) for irrep in self.irreps]))
        self.species = nn.Embedding(max_species, hidden) if species else None
        self.radial = RadialBasis(cutoff, num_basis)
        self.layers = nn.ModuleList(
            _Layer(self.irreps, self.lmax, hidden, edge_channels, num_basis)
            for _ in range(num_layers)
        )
        widths = [hidden] * len(self.irreps)
        if level == "graph":
            widths[self.irreps.index(o3.Irrep("1o"))] += 1
        kinds = sorted({irrep for _, irrep in self.output.irreps})
        self.readout = GatedProduct(self.irreps, widths, kinds, hidden)
        self.last = o3.Linear(o3.Irreps([(hidden, kind) for kind in kinds]), self.output.irreps)

    def forward(self, data: Data) -> Tensor:
        """Predict in normalised units.

        Returns:
            `[B, *output_shape]` or `[N, *output_shape]`.
        """
        x = read_field(data, "pos")
        ptr = graph_pointer(data)
        graph = graph_index(ptr)
        edge_index, basis, harmonics = self._edges(x, edges_of(data, ptr))
        h = self._embed(data, x)
        for layer in self.layers:
            h = layer(h, basis, harmonics, edge_index)
        h = [soften(part) for part in h]
        centroid = mean_of_graphs(x, ptr, graph)
        if self.level == "graph":
            relative = (x - centroid[graph]) / self.cutoff
            vectors = self.irreps.index(o3.Irrep("1o"))
            h[vectors] = torch.cat([h[vectors], relative.unsqueeze(-1)], dim=-1)
        out = torch.cat([part.mT.flatten(1) for part in self.readout(h)], dim=-1)
        out = self.last(out)
        if self.level == "graph":
            pooled = out.new_zeros(len(ptr) - 1, out.shape[-1])
            out = self.readout_scale * pooled.index_add(0, graph, out)
        values = self.output.to_field(out)
        if self.origin_scale is not None:
            values = values + self.origin_scale * (centroid if self.level == "graph" else x)
        return values

    def _edges(self, x: Tensor, edge_index: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        vector = x.index_select(0, edge_index[0]) - x.index_select(0, edge_index[1])
        near = (vector.square().sum(-1) < self.cutoff**2).nonzero().squeeze(-1)
        edge_index, vector = edge_index[:, near], vector[near]
        # The offset keeps gradients finite for nodes at the same place.
        distance = (vector.square().sum(-1) + 1e-12).sqrt()
        harmonics = o3.spherical_harmonics(
            list(range(self.lmax + 1)),
            vector / distance.unsqueeze(-1),
            normalize=False,
            normalization="component",
        )
        return edge_index, self.per_edge * self.radial(distance), harmonics.unsqueeze(-1)

    def _embed(self, data: Data, x: Tensor) -> list[Tensor]:
        parts = [x.new_ones(len(x), 1)]
        for name, change in self.inputs.items():
            values = read_field(data, name).to(x.dtype)
            parts.append(change(values - x if name in self.points else values))
        flat = self.embed(torch.cat(parts, dim=-1))
        blocks = flat.split([self.hidden * irrep.dim for irrep in self.irreps], dim=-1)
        h = [
            block.view(len(x), self.hidden, irrep.dim).mT
            for block, irrep in zip(blocks, self.irreps, strict=True)
        ]
        if self.species is not None:
            h[0] = h[0] + self.species(read_field(data, "z").flatten()).unsqueeze(1)
        return h
