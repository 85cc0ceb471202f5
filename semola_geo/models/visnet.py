"""ViSNet of PyTorch Geometric, on neighbours that need no compiled extras."""

from __future__ import annotations

from torch import Tensor, nn
from torch_geometric.nn.models import ViSNet

from semola_geo.graphs import radius_graph
from semola_geo.graphs.radius import check_radius
from semola_geo.models.inputs import NodeInputs
from semola_geo.models.molecule_model import MAX_SPECIES, MoleculeModel

__all__ = ["ViSNetModel"]


class _Displacements(nn.Module):
    """Edges within a cutoff, loops among them, in the form of the `Distance` of `ViSNet`."""

    def __init__(self, cutoff: float) -> None:
        super().__init__()
        self.cutoff = cutoff

    def forward(self, pos: Tensor, batch: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        edge_index = radius_graph(pos, self.cutoff, batch, loop=True)
        vector = pos[edge_index[0]] - pos[edge_index[1]]
        others = edge_index[0] != edge_index[1]
        length = vector.new_zeros(len(vector))
        length[others] = vector[others].norm(dim=-1)
        if not bool((length[others] > 0).all()):
            raise ValueError(
                "field 'pos' has two nodes of one graph at the same place, which leaves ViSNet "
                "without a direction; remove one of them"
            )
        return edge_index, length, vector


class ViSNetModel(MoleculeModel):
    """ViSNet of PyTorch Geometric: scalars invariant under E(3), through vectors and tensors.

    Neighbours are all nodes within the cutoff, whatever `edge_index` says. PyG's class returns
    scalars only; for forces, `ConservativeForces(energy=ViSNetModel, ...)`. Source: Wang et al.,
    arXiv:2210.16518.

    Args:
        representation: `"scalar"`.
        level: `"graph"`.
        output_shape: `()` or ones.
        dimension: Must be 3.
        node_inputs: None may be declared.
        species: Whether the data carry an integer `z` per node, below 100; they have to.
        hidden: Width of node states, a multiple of `num_heads`.
        num_layers: Rounds of messages.
        num_heads: Attention heads.
        num_basis: Radial basis functions.
        lmax: Highest degree of the spherical harmonics, 1 or 2.
        cutoff: Radius in the unit of the coordinates; the default suits molecules in Å.
        readout_scale: Factor of the sum over nodes; keeps the output of order 1 at the start.

    Raises:
        ValueError: For another target than one scalar per graph, another dimension, further inputs,
            no species, or an option out of range; in `forward`, for a missing field, coordinates
            of another dimension, an unknown species, nodes at the same place, or no nodes at all.

    >>> import torch
    >>> from torch_geometric.data import Data
    >>> model = ViSNetModel(representation="scalar", level="graph", output_shape=())
    >>> model(Data(pos=torch.randn(5, 3), z=torch.ones(5, dtype=torch.long))).shape
    torch.Size([1])
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
        num_layers: int = 3,
        num_heads: int = 4,
        num_basis: int = 16,
        lmax: int = 1,
        cutoff: float = 5.0,
        readout_scale: float = 0.25,
    ) -> None:
        super().__init__(
            representation, level, output_shape, node_inputs, species, dimension, readout_scale
        )
        if dimension != 3:
            raise ValueError(f"ViSNetModel exists for d = 3 only, got d = {dimension}; use MPNN")
        if hidden % num_heads:
            raise ValueError(f"hidden = {hidden} must be a multiple of num_heads = {num_heads}")
        if lmax not in (1, 2):
            raise ValueError(f"lmax must be 1 or 2, got {lmax}")
        radius = check_radius(cutoff)
        net = ViSNet(
            lmax=lmax,
            num_heads=num_heads,
            num_layers=num_layers,
            hidden_channels=hidden,
            num_rbf=num_basis,
            max_z=MAX_SPECIES,
            cutoff=radius,
        )
        # PyG's own needs torch-cluster, and is asked for nothing but its output.
        net.representation_model.distance = _Displacements(radius)
        self.net = net
