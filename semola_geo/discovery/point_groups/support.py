"""Support of elements of O(3): do the data visit the graphs that these make?"""

from __future__ import annotations

import copy

import torch
from torch import Tensor
from torch_geometric.data import Batch

from semola_geo.discovery.components.mirror_support import pose_features, reflection_support
from semola_geo.discovery.support import has_slots
from semola_geo.fields import Fields, num_graphs
from semola_geo.groups import GroupElement
from semola_geo.transforms import move_fields

__all__ = ["NeighbourSupport"]

_QUERIES, _NEIGHBOURS, _QUANTILE = 300, 5, 0.95
_INVOLUTION = 1e-6


class NeighbourSupport:
    r"""Compares how far moved graphs and the data's own lie from their nearest neighbours.

    With r(x) the distance to the fifth nearest graph of the data, other than x itself, and q its
    95 % quantile, :math:`S(g) = (P(r(gx) > q) - 0.05) / 0.95`: 0 where moved graphs lie among the
    data, 1 where the data never look like that (canonical poses, half-spaces), so that nothing may
    be concluded about g. Graphs are vectors of all coordinates where they are of one size, else of
    pose statistics and handedness. For an element that is its own inverse, the share that a
    classifier tells apart (:func:`reflection_support`) counts where it is larger.

    Args:
        batch: All graphs.
        inputs: Input fields.
        generator: Chooses the graphs that are moved.
    """

    def __init__(self, batch: Batch, inputs: Fields, generator: torch.Generator) -> None:
        self.inputs, self.batch = inputs, batch
        plain = copy.copy(batch)
        for name, representation in inputs.items():
            if not representation.is_invariant:
                plain[name] = batch[name].detach().double()
        self._plain = plain
        own = self._features(plain)
        self._unit = torch.ones(own.shape[1], dtype=own.dtype)
        if not has_slots(batch, inputs):
            self._unit = own.std(0).clamp_min(1e-12)
        self._own = own / self._unit
        order = torch.randperm(len(own), generator=generator)
        self._queries = order[:_QUERIES]
        reach = self._reach(self._own[self._queries])
        self._limit = float(reach.quantile(_QUANTILE))

    def share(self, elements: Tensor) -> Tensor:
        """Return S of elements ``[K, 3, 3]``: ``[K]``."""
        shares = [self._share(element) for element in elements.to(torch.float64)]
        return torch.tensor(shares, dtype=torch.float64)

    def _share(self, element: Tensor) -> float:
        count = num_graphs(self.batch)
        moved = move_fields(self._plain, self.inputs, GroupElement(element.expand(count, -1, -1)))
        features = self._features(moved)[self._queries] / self._unit
        outside = float((self._reach(features) > self._limit).double().mean())
        share = max((outside - (1 - _QUANTILE)) / _QUANTILE, 0.0)
        if bool(((element @ element - torch.eye(3)).abs() < _INVOLUTION).all()):
            share = max(share, reflection_support(self.batch, self.inputs, element))
        return share

    def _reach(self, features: Tensor) -> Tensor:
        """Distance to the fifth nearest graph of the data, but the one that was moved."""
        distance = torch.cdist(features, self._own)
        distance[torch.arange(len(features)), self._queries] = torch.inf
        nearest: Tensor = distance.topk(_NEIGHBOURS, dim=1, largest=False).values[:, -1]
        return nearest

    def _features(self, batch: Batch) -> Tensor:
        if not has_slots(batch, self.inputs):
            return pose_features(batch, self.inputs)
        graphs = num_graphs(batch)
        parts = []
        for name, representation in self.inputs.items():
            if not representation.is_invariant:
                values = batch[name].reshape(graphs, -1)
                spread = self._plain[name].square().mean().sqrt().clamp_min(1e-12)
                parts.append(values / spread)
        return torch.cat(parts, 1) if parts else torch.zeros(graphs, 1, dtype=torch.float64)
