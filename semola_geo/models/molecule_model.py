"""What networks of PyTorch Geometric for molecules have in common."""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from semola_geo.models.edges import graph_index, graph_pointer
from semola_geo.models.inputs import NodeInputs, check_width, read_field, read_species

__all__ = ["MAX_SPECIES", "MoleculeModel"]

MAX_SPECIES = 100
"""Species are below it, as in both classes of PyG."""


class MoleculeModel(nn.Module):
    """A scalar per graph from species and coordinates, by a network `net(z, pos, batch)` of PyG.

    Args:
        representation: `"scalar"`.
        level: `"graph"`.
        output_shape: `()` or ones.
        node_inputs: None may be declared.
        species: Has to be true.
        dimension: Dimension d of space.
        readout_scale: Factor of what the network says.

    Raises:
        ValueError: For anything else.

    >>> MoleculeModel("vector", "graph", (3,), None, True, 3, 1.0)
    Traceback (most recent call last):
    ValueError: MoleculeModel predicts one scalar per graph, got a target declared 'vector' ...
    """

    net: nn.Module

    def __init__(
        self,
        representation: str,
        level: str,
        output_shape: tuple[int, ...],
        node_inputs: NodeInputs | None,
        species: bool,
        dimension: int,
        readout_scale: float,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        self.output_shape = tuple(output_shape)
        self.dimension, self.readout_scale = dimension, readout_scale
        if representation != "scalar" or level != "graph" or prod(self.output_shape) != 1:
            raise ValueError(
                f"{name} predicts one scalar per graph, got a target declared {representation!r} "
                f"per {level} of shape {self.output_shape}; use E3NNModel"
            )
        if not species:
            raise ValueError(f"{name} tells nodes apart by species 'z', which the data lack")
        if node_inputs:
            raise ValueError(
                f"{name} reads species and coordinates only, not {', '.join(node_inputs)}; use "
                "E3NNModel"
            )

    def forward(self, data: Data) -> Tensor:
        """Predict in normalised units, `[B, *output_shape]`.

        Raises:
            ValueError: For a missing field, coordinates of another dimension, an unknown species,
                or no nodes at all.
        """
        ptr = graph_pointer(data)
        pos = check_width("pos", read_field(data, "pos"), self.dimension)
        out = self.net(read_species(data, MAX_SPECIES), pos, graph_index(ptr))
        out = (out if isinstance(out, Tensor) else out[0]).flatten()
        # Graphs without nodes at the end of a batch have no row yet.
        rows: Tensor = torch.cat([out, out.new_zeros(len(ptr) - 1 - len(out))])
        return self.readout_scale * rows.reshape(-1, *self.output_shape)
