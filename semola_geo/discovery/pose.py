"""Support from pose statistics, for graphs of any size."""

from __future__ import annotations

import copy

import torch
from torch import Tensor
from torch_geometric.data import Batch

from semola_geo.discovery.lie_derivative import displacements
from semola_geo.discovery.support import Support, leaving_share
from semola_geo.fields import Fields, num_graphs, row_graphs

__all__ = ["pose_statistics", "pose_support"]

_STEP = 1e-3


def pose_statistics(points: Tensor, graph: Tensor, graphs: int, weights: Tensor) -> Tensor:
    """Return centroid, second moments and a weighted dipole of every graph.

    Args:
        points: ``[rows, d]``, float64.
        graph: Graph of every row.
        graphs: Number of graphs.
        weights: ``[rows]``, such as atomic numbers.

    Returns:
        ``[graphs, d + d (d + 1) / 2 + d]``: a molecule in a canonical pose has a constant centroid
        and diagonal second moments, whatever its size.

    >>> square = torch.tensor([[1.0, 0.0], [-1.0, 0.0]], dtype=torch.float64)
    >>> pose_statistics(square, torch.zeros(2, dtype=torch.long), 1, torch.ones(2)).tolist()
    [[0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]]
    """
    size = points.shape[1]

    def mean(values: Tensor) -> Tensor:
        total = torch.zeros(graphs, values.shape[1], dtype=values.dtype)
        return total.index_add_(0, graph, values) / count

    count = torch.zeros(graphs, 1, dtype=points.dtype).index_add_(
        0, graph, torch.ones(len(points), 1, dtype=points.dtype)
    )
    centroid = mean(points)
    local = points - centroid[graph]
    row, column = torch.triu_indices(size, size)
    second = mean(local[:, row] * local[:, column])
    weight = weights.to(points.dtype)[:, None]
    total = mean(weight)[graph]
    # Species may be numbered from zero: where none has a weight, all count alike.
    relative = torch.where(total > 0, weight / total.clamp_min(1e-300), torch.ones_like(weight))
    return torch.cat([centroid, second, mean(relative * local)], dim=1)


def pose_support(
    batch: Batch, fields: Fields, generators: Tensor, generator: torch.Generator
) -> Support | None:
    """Measure the share of a displacement that leaves the cloud of pose statistics.

    Args:
        batch: All graphs.
        fields: Input fields; the first one declared as points is looked at.
        generators: ``[m, n, n]`` in the data's units.
        generator: Chooses the graphs to look at.

    Returns:
        ``None`` where no field holds points.
    """
    names = [name for name, representation in fields.items() if representation.name == "point"]
    names = [name for name in names if batch[name].dim() == 2]
    if not names:
        return None
    name = names[0]
    graph, graphs = row_graphs(batch, name), num_graphs(batch)
    points = batch[name].detach().to(torch.float64)
    center = points.mean(0)
    scale = (points - center).square().mean().sqrt()
    species = batch.get("z")
    weights = torch.ones(len(points)) if species is None else species.flatten()
    if len(weights) != len(points):
        weights = torch.ones(len(points))
    units = copy.copy(batch)
    only = Fields({name: fields[name]}, fields.dimension)
    field = displacements(units, only, generators)[name] / scale
    normal = (points - center) / scale

    def statistics(moved: Tensor) -> Tensor:
        return pose_statistics(moved, graph, graphs, weights)

    # Statistics are quadratic in the points, so that central differences are exact.
    motion = torch.stack(
        [
            (statistics(normal + _STEP * along) - statistics(normal - _STEP * along)) / (2 * _STEP)
            for along in field.unbind(1)
        ],
        dim=1,
    )
    return leaving_share(statistics(normal), motion, generator, "pose statistics")
