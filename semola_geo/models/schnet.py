"""SchNet of PyTorch Geometric, on neighbours that need no compiled extras."""

from __future__ import annotations

from torch import Tensor, nn
from torch_geometric.nn.models import SchNet

from semola_geo.graphs import radius_graph
from semola_geo.graphs.radius import check_radius
from semola_geo.models.inputs import NodeInputs
from semola_geo.models.molecule_model import MoleculeModel

__all__ = ["SchNetModel"]


class _Distances(nn.Module):
    """Edges within a cutoff and their lengths, in the form that `SchNet` asks for."""

    def __init__(self, cutoff: float) -> None:
        super().__init__()
        self.cutoff = cutoff

    def forward(self, pos: Tensor, batch: Tensor) -> tuple[Tensor, Tensor]:
        edge_index = radius_graph(pos, self.cutoff, batch)
        vector = pos[edge_index[0]] - pos[edge_index[1]]
        # The offset keeps gradients finite for nodes at the same place.
        return edge_index, (vector.square().sum(-1) + 1e-12).sqrt()


class SchNetModel(MoleculeModel):
    """SchNet of PyTorch Geometric: invariant under E(d), as it sees distances only.

    Neighbours are all nodes within the cutoff, whatever `edge_index` says. Of a dipole PyG's class
    predicts the magnitude only, which is a scalar; for vectors see `E3NNModel`. Species 0 is PyG's
    padding: its embedding stays zero. Source: Schütt et al., arXiv:1706.08566.

    Args:
        representation: `"scalar"`.
        level: `"graph"`.
        output_shape: `()` or ones.
        dimension: Dimension d of space.
        node_inputs: None may be declared.
        species: Whether the data carry an integer `z` per node, below 100; they have to.
        hidden: Width of node states and filters.
        num_layers: Interaction blocks.
        num_basis: Gaussians of a distance.
        cutoff: Radius in the unit of the coordinates; the default suits molecules in Å.
        readout_scale: Factor of the sum over nodes; keeps the output of order 1 at the start.

    Raises:
        ValueError: For another target than one scalar per graph, further inputs, no species, or a
            cutoff that is not positive; in `forward`, for a missing field, coordinates of another
            dimension, an unknown species, or no nodes at all.

    >>> import torch
    >>> from torch_geometric.data import Data
    >>> model = SchNetModel(representation="scalar", level="graph", output_shape=())
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
        hidden: int = 64,
        num_layers: int = 3,
        num_basis: int = 32,
        cutoff: float = 5.0,
        readout_scale: float = 0.25,
    ) -> None:
        super().__init__(
            representation, level, output_shape, node_inputs, species, dimension, readout_scale
        )
        radius = check_radius(cutoff)
        self.net = SchNet(
            hidden_channels=hidden,
            num_filters=hidden,
            num_interactions=num_layers,
            num_gaussians=num_basis,
            cutoff=radius,
            # PyG's own graph needs torch-cluster.
            interaction_graph=_Distances(radius),
        )
