"""Support of time reversal: do the data go backwards as well as forwards?"""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric.data import Batch

from semola_geo.discovery.components.mirror_support import pose_features, told_apart
from semola_geo.discovery.support import has_slots
from semola_geo.fields import Fields, num_graphs, row_graphs
from semola_geo.groups import GroupElement, ProductElement, TimeReversal

__all__ = ["in_motion", "motion_features", "reversal_support"]


def reversal_support(batch: Batch, inputs: Fields, isometry: Tensor | None = None) -> float:
    """Return the share of reversed graphs that a classifier tells from the data's own.

    As for reflections, :func:`semola_geo.discovery.components.mirror_support.told_apart`, by
    further features: whether a system expands or turns, and which way its bodies go. Systems that
    all fly apart, or all turn the same way, never look as if time were reversed. Neither do systems
    at rest: nothing can be learned from them, and the share is 1.

    Args:
        batch: All graphs.
        inputs: Input fields.
        isometry: An involution that goes along with the reversal, ``[n, n]`` in the data's units.
    """
    graphs = num_graphs(batch)
    if not bool(in_motion(batch, inputs).any()):
        return 1.0
    matrix = torch.eye(inputs.dimension) if isometry is None else isometry
    affine = matrix.shape[-1] == inputs.dimension + 1
    element = ProductElement(
        GroupElement(matrix.double().expand(graphs, -1, -1), affine),
        reversal=TimeReversal.everywhere(graphs),
    )
    return told_apart(batch, inputs, element, _features)


def in_motion(batch: Batch, inputs: Fields) -> Tensor:
    """Return the graphs ``[graphs]`` that time reversal changes: an odd field is not zero.

    >>> from torch_geometric.data import Data
    >>> graphs = [Data(vel=torch.zeros(2, 2)), Data(vel=torch.eye(2))]
    >>> in_motion(Batch.from_data_list(graphs), Fields({"vel": "vector@odd"}, 2))
    tensor([False,  True])
    """
    moving = torch.zeros(num_graphs(batch), dtype=torch.bool)
    for name, representation in inputs.items():
        if representation.odd:
            rows = batch[name].detach().flatten(1).ne(0).any(1) if len(batch[name]) else None
            if rows is not None:
                moving[row_graphs(batch, name)[rows]] = True
    return moving


def motion_features(batch: Batch, inputs: Fields) -> Tensor:
    r"""Return features ``[graphs, width]`` that tell forwards from backwards.

    Means of odd fields, and their products :math:`\sum_i r_i \otimes v_i` with even vectors on the
    same rows, about the mean: expansion, angular momentum and shear. Where graphs are of one size,
    also odd scalars one by one, and :math:`r_i \cdot v_i` of every row.

    Args:
        batch: All graphs.
        inputs: Input fields.
    """
    graphs, size = num_graphs(batch), inputs.dimension
    fixed = has_slots(batch, inputs)
    parts = [torch.zeros(graphs, 1, dtype=torch.float64)]
    for name, representation in inputs.items():
        if not representation.odd:
            continue
        odd, graph = batch[name].detach().double(), row_graphs(batch, name)
        flat = odd.flatten(1)
        parts.append(_mean(flat, graph, graphs))
        if fixed and representation.is_invariant:
            parts.append(flat.reshape(graphs, -1))
        if odd.shape[1:] != (size,):
            continue
        for other in _partners(batch, inputs, len(odd)):
            local = other - _mean(other, graph, graphs)[graph]
            products = local[:, :, None] * odd[:, None]
            parts.append(_mean(products.flatten(1), graph, graphs))
            if fixed:
                parts.append((local * odd).sum(1).reshape(graphs, -1))
    return torch.cat(parts, 1)


def _features(batch: Batch, inputs: Fields) -> Tensor:
    return torch.cat([pose_features(batch, inputs), motion_features(batch, inputs)], 1)


def _partners(batch: Batch, inputs: Fields, rows: int) -> list[Tensor]:
    """Even vectors and points on the same rows."""
    return [
        batch[name].detach().double()
        for name, representation in inputs.items()
        if not representation.odd
        and batch[name].shape == (rows, inputs.dimension)
        and not representation.is_invariant
    ]


def _mean(values: Tensor, graph: Tensor, graphs: int) -> Tensor:
    total = values.new_zeros(graphs, values.shape[1]).index_add_(0, graph, values)
    counts = torch.bincount(graph, minlength=graphs).clamp_min(1)
    return total / counts[:, None]
