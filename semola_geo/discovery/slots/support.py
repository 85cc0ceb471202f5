"""Support of a permutation: do the data visit the graphs that it makes?"""

from __future__ import annotations

from itertools import combinations

import torch
from torch import Tensor
from torch_geometric.data import Batch

from semola_geo.fields import Fields

__all__ = ["SlotSupport"]

# Of the mean variance: keeps features that never vary from being infinitely informative.
_RIDGE = 1e-6
_QUERIES, _FITTED = 400, 4000
# Graphs that a search looks at, and rows of features at a time.
_FEW, _CHUNK = 64, 20000


class SlotSupport:
    r"""Compares the likelihood of graphs before and after a permutation of their slots.

    A Gaussian is fitted to some graphs, each a vector of all inputs of all slots (and of
    the distances between points). On others, :math:`S(h) = 2 P(\ell(x) > \ell(hx)) - 1`:
    0 where permuted graphs are as likely as the data's own, 1 where the data never look like that
    (bodies of different mass, atoms in one order), so that nothing may be concluded about h. The
    mean over h and its inverse is taken: where h carries a part of the data that is seen often to
    one that is seen seldom, its inverse does the opposite, and both are as possible as each other.

    Args:
        batch: All graphs, of one size.
        inputs: Input fields; those declared ``@slot`` are looked at.
        num_slots: n.
        generator: Chooses the graphs.
    """

    def __init__(
        self, batch: Batch, inputs: Fields, num_slots: int, generator: torch.Generator
    ) -> None:
        self.num_slots = num_slots
        self.pairs = torch.tensor(list(combinations(range(num_slots), 2))).reshape(-1, 2)
        columns, distances = [], []
        for name, representation in inputs.items():
            if not representation.slot:
                continue
            values = batch[name].detach().double()
            values = values.reshape(-1, num_slots, values[:1].numel())
            spread = (values - values.mean((0, 1))).square().mean().sqrt()
            values = values / torch.where(spread > 0, spread, torch.ones_like(spread))
            columns.append(values)
            if representation.name == "point":
                one, two = self.pairs.unbind(1)
                distances.append((values[:, one] - values[:, two]).norm(dim=-1))
        self._slots = torch.cat(columns, dim=2)
        self._distances = torch.stack(distances, dim=2) if distances else None
        order = torch.randperm(len(self._slots), generator=generator)
        count = min(_QUERIES, len(order) // 2)
        self._queries, fitted = order[:count], order[count : count + _FITTED]
        identity = torch.arange(num_slots)[None]
        features = self._features(fitted, identity)[0]
        self._mean = features.mean(0)
        centred = features - self._mean
        covariance = centred.T @ centred / len(centred)
        ridge = _RIDGE * covariance.diagonal().mean().clamp_min(1e-300)
        covariance = covariance + ridge * torch.eye(len(covariance), dtype=covariance.dtype)
        self._whitener = torch.linalg.inv(torch.linalg.cholesky(covariance)).T
        self._own = self._distance(identity, self._queries)

    def share(self, images: Tensor) -> Tensor:
        """Return S of permutations: image lists ``[elements, n]`` → ``[elements]``."""
        both = self._told(images) + self._told(images.argsort(1))
        return both.clamp_min(0.0) / 2

    def unlikeliness(self, images: Tensor) -> Tensor:
        """Return how far permuted graphs lie from the data: ``[elements, n]`` → ``[elements]``.

        The mean logarithm of their Mahalanobis distance, over a few graphs.
        """
        return self._distance(images, self._queries[:_FEW]).clamp_min(1e-300).log().mean(1)

    def _told(self, images: Tensor) -> Tensor:
        further = self._distance(images, self._queries) - self._own
        return further.sign().mean(1)

    def _distance(self, images: Tensor, graphs: Tensor) -> Tensor:
        """Squared Mahalanobis distances ``[elements, graphs]`` of permuted graphs."""
        parts = torch.split(images, max(1, _CHUNK // max(1, len(graphs))))
        found = []
        for part in parts:
            features = self._features(graphs, part)
            found.append(((features - self._mean) @ self._whitener).square().sum(2))
        return torch.cat(found) if found else self._mean.new_zeros(0, len(graphs))

    def _features(self, graphs: Tensor, images: Tensor) -> Tensor:
        """Features ``[elements, graphs, f]`` of permuted graphs."""
        source = images.argsort(1)
        slots = self._slots[graphs]
        parts = [slots[:, source].transpose(0, 1).flatten(2)]
        if self._distances is not None:
            table = torch.zeros(self.num_slots, self.num_slots, dtype=torch.long)
            one, two = self.pairs.unbind(1)
            table[one, two] = table[two, one] = torch.arange(len(self.pairs))
            place = table[source[:, one], source[:, two]]
            parts.append(self._distances[graphs][:, place].transpose(0, 1).flatten(2))
        return torch.cat(parts, dim=2)
