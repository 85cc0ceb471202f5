"""A network on the distances between node slots: it knows space, and no permutation."""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from semola_geo.models.edges import graph_pointer
from semola_geo.models.gradient import minus_gradient
from semola_geo.models.inputs import read_field
from semola_geo.models.moments import moments
from semola_geo.models.slot_sizes import check_sizes
from semola_geo.processes import process_share
from semola_geo.representations import parse_representation

__all__ = ["SlotDistances"]

_SERVED = (("scalar", "graph"), ("vector", "node"), ("covector", "node"))


class SlotDistances(nn.Module):
    """A perceptron on the inverse distances of all pairs of node slots.

    Invariant under E(d) by construction, reflections included, and under no permutation of slots:
    for the atoms of one molecule, whose exchanges can then be discovered. Each pair is
    standardised over the training graphs, as bonds vary far less than other distances.

    Of nodes it predicts vectors, as the negative gradient of one number per graph: forces of
    a potential. Their labels say far more about a potential than its values do.

    Args:
        representation: Representation of the output: a scalar of every graph, or a vector or
            covector of every node.
        level: `"graph"` or `"node"`.
        output_shape: Trailing shape of the output; of nodes, that of the coordinates.
        num_nodes: Nodes of every graph, at least 2.
        position: Name of the coordinates `[N, d]`.
        hidden: Width of the hidden layers.
        num_layers: Number of hidden layers.

    Raises:
        ValueError: For another output, or less than two nodes; in `forward`, for a graph of
            another size, missing coordinates, or vectors of another space than theirs.

    Inverse distances as molecular descriptor, and forces as a gradient: Chmiela et al.,
    Sci. Adv. 3, e1603015 (2017).

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
        if (parse_representation(representation).name, level) not in _SERVED:
            raise ValueError(
                "distances predict scalars of whole graphs, or vectors of nodes as a gradient; got "
                f"a target declared {representation!r} per {level}; use SlotMLP"
            )
        if num_nodes < 2:
            raise ValueError(f"num_nodes must be at least 2 to have a distance, got {num_nodes}")
        self.level = level
        self.output_shape = tuple(output_shape)
        self.num_nodes = num_nodes
        self.position = position
        self.register_buffer("pairs", torch.triu_indices(num_nodes, num_nodes, 1), persistent=False)
        width = num_nodes * (num_nodes - 1) // 2
        # momentum=None: plain averages over training, not over its last steps.
        self.statistics = nn.BatchNorm1d(width, affine=False, momentum=None)
        layers: list[nn.Module] = []
        for _ in range(num_layers):
            layers += [nn.Linear(width, hidden), nn.SiLU()]
            width = hidden
        outputs = prod(self.output_shape) if level == "graph" else 1
        self.network = nn.Sequential(*layers, nn.Linear(width, outputs))

    def forward(self, data: Data) -> Tensor:
        """Predict in normalised units, `[B, *output_shape]` or `[N, d]`."""
        pos = read_field(data, self.position)
        sizes = graph_pointer(data, self.position).diff()
        check_sizes(sizes, self.num_nodes, "SlotDistances")
        if self.level == "graph":
            return self._potential(pos).reshape(-1, *self.output_shape)
        if pos.shape[1:] != self.output_shape:
            raise ValueError(
                f"SlotDistances was built for vectors of shape {self.output_shape}, but "
                f"{self.position!r} has {tuple(pos.shape[1:])}"
            )
        return minus_gradient(self._potential, pos)

    def _potential(self, pos: Tensor) -> Tensor:
        slots = pos.reshape(-1, self.num_nodes, pos.shape[-1])
        one, two = self.get_buffer("pairs")
        nearness = 1 / (slots[:, one] - slots[:, two]).norm(dim=-1)
        if self.training:
            with torch.no_grad():
                self._observe(nearness.detach())
        # Constants: the gradient at one graph must not depend on the others of the batch.
        mean, variance = self.statistics.running_mean, self.statistics.running_var
        assert mean is not None and variance is not None
        scaled = (nearness - mean.clone()) / (variance + self.statistics.eps).sqrt()
        out: Tensor = self.network(scaled)
        return out

    def _observe(self, nearness: Tensor) -> None:
        norm = self.statistics
        if process_share()[1] == 1:
            norm(nearness)
            return
        # What the norm does, on the rows of all processes: statistics would drift apart otherwise.
        mean, variance, batches = norm.running_mean, norm.running_var, norm.num_batches_tracked
        assert mean is not None and variance is not None and batches is not None
        rows, now, squares = moments(nearness.double())
        batches += 1
        mean.lerp_(now.to(mean.dtype), 1 / float(batches))
        variance.lerp_((squares / max(rows - 1, 1)).to(variance.dtype), 1 / float(batches))
