"""A point-cloud network that reads the Fourier transform of a weighted set of points."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from semola_geo.models.edges import graph_index, graph_pointer
from semola_geo.models.inputs import NodeInputs, RawInputs, check_level

__all__ = ["FourierSet"]


class FourierSet(nn.Module):
    r"""Learned waves, weighted by what the points carry, summed over each graph; then a perceptron.

    The sums are :math:`n^{-1/2} \sum_i a(v_i) \sin(k \cdot x_i + \varphi)` with learned wave
    vectors k and phases φ, and weights a linear in all numbers v of a point: what
    crystallographers call structure factors, and a smooth picture of the point set, as a raster
    is. It learns shapes from far fewer samples than a perceptron that is shared by points.
    Unconstrained, on raw coordinates: the first wave vectors are drawn from a normal
    distribution, but finitely many of them prefer no group. Source: random features of Rahimi
    and Recht (NeurIPS 2007) in the deep sets of Zaheer et al., arXiv:1703.06114, theorem 2.

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
        waves: Number of waves.
        frequency: Standard deviation of the first wave vectors, in radians per unit of the
            coordinates: the inverse of the finest detail that is seen at once.
        hidden: Width of the perceptron.
        num_layers: Its hidden layers.
        dropout: Share of its hidden numbers that a training step leaves out.
        max_species: Species are `0 ... max_species - 1`.

    Raises:
        ValueError: For an unknown level, a size below one, a frequency that is not positive and
            finite, or a dropout outside of [0, 1]; in `forward`, for a missing field, or one of
            another width.

    >>> model = FourierSet(representation="scalar", level="graph", output_shape=(10,), dimension=2,
    ...     species=False, node_inputs={"intensity": ("scalar", ())})
    >>> model(Data(pos=torch.randn(30, 2), intensity=torch.ones(30))).shape
    torch.Size([1, 10])
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
        waves: int = 128,
        frequency: float = 1.5,
        hidden: int = 256,
        num_layers: int = 3,
        dropout: float = 0.2,
        max_species: int = 100,
    ) -> None:
        super().__init__()
        if min(waves, hidden, num_layers) < 1 or not 0 < frequency < math.inf:
            raise ValueError(
                "waves, hidden and num_layers must be at least 1, and frequency positive and "
                f"finite, got {waves}, {hidden}, {num_layers} and {frequency}"
            )
        self.representation = representation
        self.level = check_level(level)
        self.output_shape = tuple(output_shape)
        self.frequency = frequency
        self.inputs = RawInputs(
            dimension=dimension,
            hidden=waves,
            position=position,
            node_inputs=node_inputs,
            species=species,
            scales=scales,
            center=center,
            max_species=max_species,
        )
        self.vectors = nn.Parameter(torch.empty(dimension, waves))
        self.phases = nn.Parameter(torch.empty(waves))
        width = (2 if level == "node" else 1) * waves
        layers: list[nn.Module] = []
        for _ in range(num_layers):
            layers += [nn.Linear(width, hidden), nn.SiLU(), nn.Dropout(dropout)]
            width = hidden
        self.head = nn.Sequential(*layers, nn.Linear(hidden, math.prod(self.output_shape)))
        self._draw_waves()

    def reset_parameters(self) -> None:
        """Draw all weights anew."""
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                module.reset_parameters()
        self._draw_waves()

    def _draw_waves(self) -> None:
        nn.init.normal_(self.vectors, std=self.frequency)
        nn.init.uniform_(self.phases, 0.0, 2 * math.pi)

    def forward(self, data: Data) -> Tensor:
        """Predict in normalised units.

        Returns:
            `[B, *output_shape]` or `[N, *output_shape]`.
        """
        ptr = graph_pointer(data, self.inputs.position)
        graph = graph_index(ptr)
        x, weight = self.inputs(data, graph)
        h = weight * torch.sin(x @ self.vectors + self.phases)
        sums = h.new_zeros(len(ptr) - 1, h.shape[1]).index_add_(0, graph, h)
        sums = sums / ptr.diff().clamp_min(1).to(h.dtype).sqrt().unsqueeze(-1)
        if self.level == "node":
            sums = torch.cat([h, sums[graph]], dim=-1)
        out: Tensor = self.head(sums)
        return out.reshape(-1, *self.output_shape)
