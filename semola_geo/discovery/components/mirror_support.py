"""Support of an involution, such as a reflection: do the data visit the graphs that it makes?"""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial
from itertools import combinations

import torch
from torch import Tensor
from torch_geometric.data import Batch

from semola_geo.discovery.pose import pose_statistics
from semola_geo.discovery.support import has_slots
from semola_geo.fields import Fields, num_graphs, row_graphs
from semola_geo.groups import GroupElement
from semola_geo.models.edges import mean_of_graphs
from semola_geo.transforms import Element, move_by

__all__ = ["pose_features", "reflection_support", "told_apart"]

Features = Callable[[Batch, Fields], Tensor]

_RIDGE = 1e-3
# Vectors of which triple products are taken; eight give 56 in three dimensions.
_MOST_VECTORS = 8


def reflection_support(batch: Batch, inputs: Fields, reflection: Tensor) -> float:
    """Return the share of reflected graphs that a classifier tells from the data's own.

    Features are all coordinates where graphs are of one size, else pose statistics; and in both
    cases triple products, which tell a left hand from a right one in any pose.

    Args:
        batch: All graphs.
        inputs: Input fields.
        reflection: h, ``[n, n]`` in the data's units.
    """
    affine = reflection.shape[-1] == inputs.dimension + 1
    element = GroupElement(reflection.double().expand(num_graphs(batch), -1, -1), affine)
    return told_apart(batch, inputs, element, pose_features)


def told_apart(batch: Batch, inputs: Fields, element: Element, features: Features) -> float:
    r"""Return the share of moved graphs that a classifier tells from the data's own.

    An involution h is its own inverse, so that :math:`o(x) = \phi(x) - \phi(hx)` changes sign
    between a graph and its image, whatever the features φ. Fisher's linear discriminant
    :math:`w \cdot o(x)` is fitted to one half of the graphs and tested on the other, and
    :math:`S = 2 P(w \cdot o > 0) - 1` bounds the total variation distance between data and
    moved data from below: 0 where each looks like the other, 1 where the data hold one hand, one
    pose or one direction of time only, so that nothing may be concluded about h.

    Args:
        batch: All graphs.
        inputs: Input fields.
        element: h, for every graph.
        features: φ, ``[graphs, width]``.
    """
    plain = copy.copy(batch)
    for name, representation in inputs.items():
        if representation.odd or not representation.is_invariant:
            plain[name] = batch[name].detach().double()
    odd = features(plain, inputs) - features(move_by(plain, inputs, element), inputs)
    odd = odd / odd.square().mean(0).sqrt().clamp_min(1e-12)
    first, second = odd[0::2], odd[1::2]
    correct = torch.cat([_told(first, second), _told(second, first)])
    return float((2 * correct.mean() - 1).clamp_min(0.0))


def _told(fitted: Tensor, tested: Tensor) -> Tensor:
    """Return 1 for every tested graph that the discriminant tells, 1/2 where it abstains."""
    mean = fitted.mean(0)
    covariance = (fitted - mean).T @ (fitted - mean) / len(fitted)
    ridge = _RIDGE * torch.eye(len(mean), dtype=mean.dtype)
    score = tested @ torch.linalg.solve(covariance + ridge, mean)
    told: Tensor = (score > 0).double() + (score == 0).double() / 2
    return told


def pose_features(batch: Batch, inputs: Fields) -> Tensor:
    """Return features ``[graphs, width]`` of poses and of handedness.

    Args:
        batch: All graphs.
        inputs: Input fields.
    """
    graphs, size = num_graphs(batch), inputs.dimension
    if has_slots(batch, inputs):
        columns = [
            batch[name].reshape(graphs, -1, *representation.shape(size))
            for name, representation in inputs.items()
            if not representation.is_invariant
        ]
        vectors = [_about_mean(c) for c in columns if c.dim() == 3 and c.shape[2] == size]
        flat = [column.flatten(1) for column in columns]
        return torch.cat([*flat, _products(torch.cat(vectors, 1))] if vectors else flat, 1)
    parts = []
    for name, representation in inputs.items():
        values = batch[name]
        if representation.is_invariant or values.dim() != 2 or values.shape[1] != size:
            continue
        graph = row_graphs(batch, name)
        weight = _species(batch, len(values))
        parts.append(pose_statistics(values, graph, graphs, weight))
        parts.append(_products(_moments(values, graph, graphs, weight)))
    return torch.cat(parts, 1) if parts else torch.zeros(graphs, 1, dtype=torch.float64)


def _about_mean(vectors: Tensor) -> Tensor:
    return vectors - vectors.mean(1, keepdim=True)


def _species(batch: Batch, rows: int) -> Tensor:
    species = batch.get("z")
    ones = torch.ones(rows, dtype=torch.float64)
    return species.double() if species is not None and species.shape == ones.shape else ones


def _moments(points: Tensor, graph: Tensor, graphs: int, weight: Tensor) -> Tensor:
    """Vectors ``[graphs, count, d]``: means of points, weighted by species and distance."""
    sizes = torch.bincount(graph, minlength=graphs)
    ptr = torch.cat([sizes.new_zeros(1), sizes.cumsum(0)])
    mean = partial(mean_of_graphs, ptr=ptr, graph=graph)
    local = points - mean(points)[graph]
    reach = local.norm(dim=1, keepdim=True)
    scale = mean(reach)[graph].clamp_min(1e-12)
    powers = [(reach / scale) ** power for power in (1, 2, 3)]
    heavy = weight[:, None]
    factors = [*powers, heavy, *(heavy * power for power in powers)]
    return torch.stack([mean(factor * local) for factor in factors], dim=1)


def _products(vectors: Tensor) -> Tensor:
    """Signed d-th roots of all determinants of d vectors, ``[graphs, count]``."""
    vectors, size = vectors[:, :_MOST_VECTORS], vectors.shape[2]
    chosen = list(combinations(range(vectors.shape[1]), size))
    if not chosen:
        return vectors.new_zeros(len(vectors), 0)
    volume = torch.linalg.det(vectors[:, torch.tensor(chosen)])
    root: Tensor = volume.sign() * volume.abs() ** (1 / size)
    return root
