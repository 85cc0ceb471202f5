"""Support: do the data move along a direction of the ambient algebra at all?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch_geometric.data import Batch, Data

from semola_geo.discovery.equations import find_equations
from semola_geo.discovery.lie_derivative import displacements
from semola_geo.fields import Fields, row_graphs
from semola_geo.models.slot_sizes import LARGEST_SLOTTED

__all__ = ["Support", "as_batch", "has_slots", "is_fixed_size", "leaving_share", "tangent_support"]

_ENERGY = 0.99
_QUERIES = 400
_IMMOBILE = 1e-9
_COINCIDE = 1e-10
_NORMAL = 1.645  # one-sided 95 %


@dataclass(frozen=True)
class Support:
    r"""Two quadratic forms whose ratio is the share of a displacement that leaves the data.

    :math:`S(v) = v^\top O v / v^\top T v` is near 0 where the data move along v, and near 1
    where they never do: there, models are free, and nothing may be concluded.

    Attributes:
        outside: O ``[m, m]``, float64.
        total: T ``[m, m]``, float64.
        method: How it was measured.
        samples: Contributions ``[q, m, m]`` of single graphs to O and to T, which tell how sure a
            share is; ``None``: taken as exact.
    """

    outside: Tensor
    total: Tensor
    method: str
    samples: tuple[Tensor, Tensor] | None = None

    def share(self, directions: Tensor) -> Tensor:
        """Return S of directions (columns ``[m, k]``): ``[k]``, 1 for what moves nothing."""
        outside = torch.einsum("ak,ab,bk->k", directions, self.outside, directions)
        total = torch.einsum("ak,ab,bk->k", directions, self.total, directions)
        floor = _IMMOBILE * self.total.diagonal().max().clamp_min(1e-300)
        return torch.where(total > floor, outside / total, torch.ones_like(total)).clamp(0.0, 1.0)

    def upper(self, directions: Tensor) -> Tensor:
        """Return upper 95 % bounds of S of directions (delta method over graphs): ``[k]``.

        >>> one = torch.ones(4, 1, 1, dtype=torch.float64)
        >>> half = one * torch.tensor([0.0, 1.0, 0.0, 1.0])[:, None, None]
        >>> support = Support(half.sum(0), one.sum(0), "by hand", (half, one))
        >>> support.share(one[0]).item(), round(support.upper(one[0]).item(), 2)
        (0.5, 0.97)
        """
        share = self.share(directions)
        if self.samples is None:
            return share
        outside, total = (
            torch.einsum("ak,qab,bk->qk", directions, form, directions) for form in self.samples
        )
        influence = (outside - share * total) / total.mean(0).clamp_min(1e-300)
        error = influence.std(0) / len(influence) ** 0.5
        # A single graph says nothing about its own error.
        bound: Tensor = (share + _NORMAL * error).nan_to_num(1.0).clamp(0.0, 1.0)
        return bound

    def restrict(self, frame: Tensor) -> Support:
        """Return the support of combinations of columns ``[m, k]`` of a frame."""
        samples = None
        if self.samples is not None:
            outside, total = self.samples
            samples = (frame.T @ outside @ frame, frame.T @ total @ frame)
        return Support(
            frame.T @ self.outside @ frame, frame.T @ self.total @ frame, self.method, samples
        )

    def split(self, limit: float) -> tuple[Tensor, Tensor]:
        """Return columns that span the supported and the unsupported directions.

        Each column diagonalises the pair of forms. Supported: the upper bound of S is at most
        ``limit``. Support has to be established, like everything that a verdict rests on.
        """
        sizes, frame = torch.linalg.eigh(self.total)
        mobile = sizes > _IMMOBILE * sizes.max().clamp_min(1e-300)
        whitener = frame[:, mobile] / sizes[mobile].sqrt()
        _, vectors = torch.linalg.eigh(whitener.T @ self.outside @ whitener)
        directions = whitener @ vectors
        directions = directions / directions.norm(dim=0, keepdim=True)
        leaving = self.upper(directions) > limit
        unsupported = torch.cat([directions[:, leaving], frame[:, ~mobile]], dim=1)
        return directions[:, ~leaving], unsupported


def is_fixed_size(batch: Batch, fields: Fields) -> bool:
    """Whether every field that moves has as many rows in all graphs: configurations are vectors."""
    counts = [
        torch.bincount(row_graphs(batch, name), minlength=batch.num_graphs)
        for name, representation in fields.items()
        if not representation.is_invariant
    ]
    return all(bool((count == count[0]).all()) for count in counts)


def has_slots(batch: Batch, fields: Fields) -> bool:
    """Whether nodes may be told apart by their place: graphs of one size, of few nodes.

    Clouds of points are of one size, too, where a fixed number was drawn, but the order of their
    points means nothing: configurations that lie close to each other look far apart.
    """
    rows = [len(batch[name]) for name, rule in fields.items() if not rule.is_invariant]
    few = max(rows, default=0) <= LARGEST_SLOTTED * batch.num_graphs
    return few and is_fixed_size(batch, fields)


def tangent_support(
    batch: Batch, fields: Fields, generators: Tensor, generator: torch.Generator
) -> Support:
    r"""Measure the share of each displacement field that leaves the data, for fixed-size graphs.

    Around each of some sampled configurations, the nearest neighbours span the tangent space of
    the data (local principal components that hold 99 % of the variance), within that of all
    equations of degree two that the data satisfy (:func:`find_equations`). The form is
    :math:`S = \langle\xi_\perp\xi_\perp^\top\rangle` in units of :math:`\langle|\xi|^2\rangle`:
    :math:`S(v)` is near 0 where the data move along v, and near 1 where they never do.

    Args:
        batch: All graphs, each with the same number of nodes.
        fields: Input fields.
        generators: ``[m, n, n]`` in the data's units.
        generator: Chooses the sampled configurations.

    Raises:
        ValueError: If the graphs differ in size.
    """
    if not is_fixed_size(batch, fields):
        raise ValueError("tangent_support needs graphs of one size; use pose_support")
    graphs = batch.num_graphs
    points, motions = [], []
    moved = displacements(batch, fields, generators)
    for name, field in moved.items():
        flat = batch[name].detach().to(torch.float64).reshape(graphs, -1)
        spread = (flat - flat.mean(0)).square().mean().sqrt()
        # A field that is the same in all graphs has a spread of rounding errors.
        rounding = _COINCIDE * flat.square().mean().sqrt()
        spread = torch.where(spread > rounding, spread, torch.ones_like(spread))
        points.append(flat / spread)
        per_graph = field.reshape(graphs, -1, field.shape[1], field.shape[2])
        motions.append(per_graph.transpose(1, 2).reshape(graphs, field.shape[1], -1) / spread)
    return leaving_share(
        torch.cat(points, dim=1),
        torch.cat(motions, dim=2),
        generator,
        "tangent space of nearest neighbours",
    )


def leaving_share(
    configuration: Tensor, motion: Tensor, generator: torch.Generator, method: str
) -> Support:
    """Compare displacements with the tangent space of a point cloud.

    It is that of the nearest neighbours within that of the equations that all points satisfy.

    Args:
        configuration: Points ``[n, width]``.
        motion: Displacement of every point along every direction, ``[n, m, width]``.
        generator: Chooses the points to look at.
        method: Name of the method, for the report.
    """
    configuration, motion = configuration.cpu(), motion.cpu()
    count, _, width = motion.shape
    neighbours = min(max(2 * width, 12), count - 1)
    equations = find_equations(configuration)
    outside: list[Tensor] = []
    total: list[Tensor] = []
    for query in torch.randperm(count, generator=generator)[:_QUERIES].tolist():
        offsets = configuration - configuration[query]
        near = offsets.square().sum(1).topk(neighbours + 1, largest=False).indices
        # Neighbours lie beside the tangent space as far as the data are curved; equations do not.
        allowed = equations.tangent(configuration[query])
        local = (configuration[near] - configuration[near].mean(0)) @ allowed
        _, values, frame = torch.linalg.svd(local, full_matrices=False)
        energy = values.square().cumsum(0)
        # Where all neighbours coincide the data have no tangent space.
        moving = len(energy) > 0 and bool(energy[-1] > _COINCIDE**2)
        rank = int((energy < _ENERGY * energy[-1]).sum()) + 1 if moving else 0
        field = motion[query]
        tangent = allowed @ frame[:rank].T
        leaving = field - (field @ tangent) @ tangent.T
        outside.append(leaving @ leaving.T)
        total.append(field @ field.T)
    samples = (torch.stack(outside), torch.stack(total))
    return Support(samples[0].sum(0), samples[1].sum(0), method, samples)


def as_batch(dataset: Sequence[Data]) -> Batch:
    """Collate a data set."""
    return Batch.from_data_list([dataset[i] for i in range(len(dataset))])
