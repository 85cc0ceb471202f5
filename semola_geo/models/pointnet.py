"""A point-cloud network without edges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from semola_geo.models.edges import graph_index, graph_pointer
from semola_geo.models.inputs import NodeInputs, RawInputs, check_level
from semola_geo.models.pooling import max_and_mean

__all__ = ["PointNet"]


class PointNet(nn.Module):
    """One network for every point, pooled by maximum and mean; a second one on the pool.

    Cheap (no edges) and unconstrained, on raw coordinates; node-level outputs see the pool beside
    their own point. Source: Qi et al., arXiv:1612.00593, figure 2, without the input transforms.

    Args:
        representation: Representation of the output; only recorded, it constrains nothing.
        level: `"graph"` or `"node"`.
        output_shape: Trailing shape of the output.
        dimension: Dimension d of space.
        node_inputs: Further inputs, name to (representation, trailing shape).
        species: Whether the data carry an integer `z` per node.
        position: Name of the coordinates `[N, d]`.
        scales: Unit of each input field; values are divided by it.
        center: Constant that is subtracted from coordinates first.
        hidden: Width of all layers.
        max_species: Species are `0 ... max_species - 1`.

    Raises:
        ValueError: For an unknown level; in `forward`, for a missing field.

    >>> model = PointNet(representation="scalar", level="node", output_shape=(), species=False)
    >>> model(Data(pos=torch.randn(5, 3))).shape
    torch.Size([5])
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
        hidden: int = 96,
        max_species: int = 100,
    ) -> None:
        super().__init__()
        self.representation = representation
        self.level = check_level(level)
        self.output_shape = tuple(output_shape)
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
        self.point = nn.Sequential(
            nn.SiLU(), nn.Linear(hidden, hidden), nn.SiLU(), nn.Linear(hidden, hidden)
        )
        width = (3 if level == "node" else 2) * hidden
        self.head = nn.Sequential(
            nn.Linear(width, hidden),
            nn.SiLU(),
            nn.Linear(hidden, hidden),
            nn.SiLU(),
            nn.Linear(hidden, prod(self.output_shape)),
        )

    def forward(self, data: Data) -> Tensor:
        """Predict in normalised units.

        Returns:
            `[B, *output_shape]` or `[N, *output_shape]`.
        """
        ptr = graph_pointer(data, self.inputs.position)
        graph = graph_index(ptr)
        _, h = self.inputs(data, graph)
        h = self.point(h)
        pool = max_and_mean(h, ptr, graph)
        if self.level == "node":
            pool = torch.cat([h, pool[graph]], dim=-1)
        out: Tensor = self.head(pool)
        return out.reshape(-1, *self.output_shape)
