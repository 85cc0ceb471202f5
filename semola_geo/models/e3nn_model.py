"""A strictly E(3)-equivariant network on e3nn: the baseline that knows the symmetry."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

import torch
from e3nn import o3
from torch import Tensor, nn
from torch.nn.functional import pad
from torch_geometric.data import Data

from semola_geo.models.convolution import EquivariantConvolution
from semola_geo.models.coupling import IrrepsLinear, soften
from semola_geo.models.edge_geometry import EdgeGeometry
from semola_geo.models.edges import graph_index, graph_pointer, mean_of_graphs
from semola_geo.models.gated_product import GatedProduct
from semola_geo.models.hidden_irreps import hidden_irreps
from semola_geo.models.inputs import NodeInputs, check_level, check_width, read_field
from semola_geo.models.neighbours import nodes_within
from semola_geo.models.planar_irreps import field_irreps

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

    The plane (d = 2) is taken for z = 0 in space, and the network is equivariant under E(2). It
    cannot tell a shape from its mirror image then, nor can it in space where shapes have no
    handedness of their own. `reflections=False` gives every node a constant that reflections turn
    over, the normal of the plane as a pseudovector or in space a pseudoscalar: the network is
    equivariant under SE(d) alone, at about twice the cost.

    Args:
        representation: Representation of the output.
        level: `"graph"` or `"node"`.
        output_shape: Trailing shape of the output, channels first.
        dimension: 2 or 3.
        node_inputs: Further inputs, name to (representation, trailing shape).
        species: Whether the data carry an integer `z` per node.
        hidden: Channels of every irrep on nodes.
        edge_channels: Channels of every irrep on edges.
        num_layers: Rounds of messages.
        num_basis: Size of the radial basis.
        cutoff: Radius in the unit of the coordinates; the default suits molecules in Å.
        num_neighbours: Typical number of neighbours; keeps sums of order 1 at the start.
        lmax: Highest degree of features; raised where the output or an input needs more.
        pool: `"sum"` over nodes, for what grows with a graph, or `"mean"`, for shapes and classes.
        readout_scale: Factor of the sum over nodes; keeps the output of order 1 at the start.
        unit: Spread of the target in its own unit, the same for all channels; for targets that are
            points only, whose normalised value is a position divided by it.
        max_species: Species are `0 ... max_species - 1`.
        reflections: Whether reflections are symmetries, too.

    Raises:
        ValueError: If d is not 2 or 3, for an unknown level or pool, or a shape that does not fit
            its representation; in `forward`, for a missing field, one of another width, or no
            nodes at all.

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
        pool: str = "sum",
        readout_scale: float = 0.25,
        unit: float = 1.0,
        max_species: int = 100,
        reflections: bool = True,
    ) -> None:
        super().__init__()
        if dimension not in (2, 3):
            raise ValueError(f"E3NNModel exists for d = 2 and 3, got d = {dimension}; use MPNN")
        if pool not in ("sum", "mean"):
            raise ValueError(f"pool must be 'sum' or 'mean', got {pool!r}")
        self.dimension, self.pool = dimension, pool
        self.level, self.cutoff = check_level(level), cutoff
        self.readout_scale = readout_scale
        self.origin_scale = 1 / unit if representation.startswith("point") else None
        specs: Mapping[str, tuple[str, tuple[int, ...]]] = node_inputs or {}
        self.output = field_irreps(representation, output_shape, dimension)
        inputs = {n: field_irreps(*s, dimension) for n, s in specs.items()}
        self.inputs = nn.ModuleDict(inputs)
        self.widths = {name: prod(shape) for name, (_, shape) in specs.items()}
        self.points = frozenset(n for n, (text, _) in specs.items() if text.startswith("point"))
        constants = o3.Irreps("0e" if reflections else "0e+1e" if dimension == 2 else "0e+0o")
        # 1, then the pseudoscalar 1 or the normal of the plane.
        self.constant: tuple[float, ...] = (1.0,)
        if not reflections:
            self.constant = (1.0, *(0.0,) * (constants.dim - 2), 1.0)
        given = constants + o3.Irreps([b for m in inputs.values() for b in m.irreps])
        self.lmax, self.irreps = hidden_irreps(lmax, given, self.output.irreps)
        self.hidden = hidden
        self.embed = o3.Linear(given, o3.Irreps([(hidden, irrep) for irrep in self.irreps]))
        self.species = nn.Embedding(max_species, hidden) if species else None
        self.geometry = EdgeGeometry(cutoff, num_basis, self.lmax, num_neighbours**-0.5)
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
        ptr = graph_pointer(data)
        pos = read_field(data, "pos")
        x = pad(check_width("pos", pos, self.dimension), (0, 3 - self.dimension))
        graph = graph_index(ptr)
        edges = nodes_within(data, x, self.cutoff, ptr)
        edge_index, basis, harmonics = self.geometry(x, edges)
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
            out = self._pooled(out, ptr, graph)
        values: Tensor = self.output.to_field(out)
        if self.origin_scale is not None:
            origin = centroid if self.level == "graph" else x
            own = _for_channels(origin[:, : self.dimension], values)
            values = values + self.origin_scale * own
        return values

    def _pooled(self, out: Tensor, ptr: Tensor, graph: Tensor) -> Tensor:
        if self.pool == "mean":
            return mean_of_graphs(out, ptr, graph)
        pooled = out.new_zeros(len(ptr) - 1, out.shape[-1])
        return self.readout_scale * pooled.index_add(0, graph, out)

    def _embed(self, data: Data, x: Tensor) -> list[Tensor]:
        parts = [x.new_tensor(self.constant).expand(len(x), -1)]
        for name, change in self.inputs.items():
            values = read_field(data, name).to(x.dtype)
            check_width(name, values.reshape(len(x), -1), self.widths[name])
            if name in self.points:
                values = values - _for_channels(x[:, : self.dimension], values)
            parts.append(change(values))
        flat = self.embed(torch.cat(parts, dim=-1))
        blocks = flat.split([self.hidden * irrep.dim for irrep in self.irreps], dim=-1)
        h = [
            block.view(len(x), self.hidden, irrep.dim).mT
            for block, irrep in zip(blocks, self.irreps, strict=True)
        ]
        if self.species is not None:
            h[0] = h[0] + self.species(read_field(data, "z").flatten()).unsqueeze(1)
        return h


def _for_channels(origin: Tensor, points: Tensor) -> Tensor:
    """Return origins `[rows, d]` so that they broadcast over channels of `[rows, ..., d]`."""
    return origin.view(len(origin), *(1,) * (points.dim() - 2), origin.shape[1])
