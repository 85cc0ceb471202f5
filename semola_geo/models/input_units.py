"""Units of inputs, measured on training data before a network is built."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch_geometric.data import Data

from semola_geo.models.inputs import read_field

__all__ = ["input_units", "sample_graphs"]

_STATISTICS = 256  # Graphs that decide.


def sample_graphs(graphs: Sequence[Data]) -> list[Data]:
    """Return graphs evenly from the whole of a data set, a few hundred at most."""
    return [graphs[k] for k in range(0, len(graphs), max(1, len(graphs) // _STATISTICS))]


def input_units(
    graphs: Sequence[Data], names: Sequence[str], position: str
) -> tuple[list[float], dict[str, float]]:
    """Return the centre of the coordinates and the unit of every field.

    Networks want numbers of order one. One unit for a whole field, so that no direction of space is
    preferred; a field that is zero throughout has unit 1.

    Args:
        graphs: Graphs to measure on.
        names: Fields to measure, the coordinates among them.
        position: Name of the coordinates `[N, d]`.

    Returns:
        Mean of the coordinates (d numbers), and name to root mean square, of the coordinates about
        their mean.

    Raises:
        ValueError: If a graph lacks a field.

    >>> input_units([Data(pos=torch.tensor([[1.0, 1.0], [3.0, -1.0]]))], ["pos"], "pos")
    ([2.0, 0.0], {'pos': 1.0})
    """
    values = {
        name: torch.cat([read_field(graph, name).detach().double() for graph in graphs])
        for name in names
    }
    points = values[position].reshape(len(values[position]), -1)
    center = points.mean(0)
    values[position] = points - center
    scales = {name: float(rows.square().mean().sqrt()) or 1.0 for name, rows in values.items()}
    return center.tolist(), scales
