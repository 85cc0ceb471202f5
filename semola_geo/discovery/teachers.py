"""Teachers: trained models whose derivatives are the evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import torch
from lightning.pytorch.callbacks import Callback
from torch import Tensor
from torch_geometric.data import Batch, Data

from semola_geo.discovery.clusters import sample_sums, split_graphs
from semola_geo.discovery.networks import NetworkFactory
from semola_geo.training import GraphLoader, Objective, SymmetryRegularizedModule, fit
from semola_geo.training.objective import ObjectiveLike
from semola_geo.transforms import ReplayableTransform

__all__ = [
    "Pair",
    "TeacherSettings",
    "agreement_of",
    "correlation",
    "errors_on",
    "per_graph",
    "r2_on",
    "train_pair",
    "train_teacher",
]

Pair = tuple[SymmetryRegularizedModule, SymmetryRegularizedModule]
"""Two teachers that share no training sample."""

# With some initial weights a network never leaves the mean, a moved one more often than a plain
# one. What it explains of its own labels when it has left.
_STARTED = 0.1
# The end of an epoch costs as much as several steps of a small network: on few data one epoch is
# several passes.
_SHORTEST_EPOCH = 20
# Distance of a second seed from all first ones.
_FAR = 10**8


@dataclass(frozen=True)
class TeacherSettings:
    """How teachers are trained.

    Attributes:
        steps: Optimiser steps of each.
        batch_size: Graphs a step.
        lr: Peak learning rate of the one-cycle schedule.
        weight_decay: Decoupled weight decay.
        warmup: Share of the schedule in which the learning rate rises.
        basis_lr: Peak learning rate of a learnable augmentation.
        progress: Show progress bars.
    """

    steps: int
    batch_size: int
    lr: float = 5e-3
    weight_decay: float = 1e-2
    warmup: float = 0.1
    basis_lr: float = 1e-2
    progress: bool = True


def train_teacher(
    factory: NetworkFactory,
    graphs: Sequence[Data],
    target: str,
    fields: Mapping[str, str],
    settings: TeacherSettings,
    seed: int,
    *,
    transform: ReplayableTransform[Any] | None = None,
    objective: ObjectiveLike | None = None,
    callbacks: Sequence[Callback] = (),
) -> SymmetryRegularizedModule:
    """Train one network; the result predicts in data units.

    On plain data it is a teacher; with a transform, the same training enforces a symmetry, so that
    both differ in nothing else.
    """
    module = SymmetryRegularizedModule(
        factory(seed),
        transform,
        target=target,
        fields=fields,
        objective=objective,
        lr=settings.lr,
        weight_decay=settings.weight_decay,
        warmup=settings.warmup,
        basis_lr=settings.basis_lr,
        max_steps=settings.steps,
        seed=seed,
    )
    size = min(settings.batch_size, len(graphs))
    steps = max(len(graphs) // size, min(_SHORTEST_EPOCH, settings.steps))
    loader = GraphLoader(graphs, size, seed=seed, drop_last=True, steps_per_epoch=steps)
    fit(module, loader, progress=settings.progress, logger=None, callbacks=callbacks)
    return module.eval()


def train_pair(
    factory: NetworkFactory,
    graphs: Sequence[Data],
    target: str,
    fields: Mapping[str, str],
    settings: TeacherSettings,
    split: int,
    seed: int,
    *,
    make_transform: Callable[[], ReplayableTransform[Any]] | None = None,
    objective: Objective | None = None,
    cluster: str | None = None,
) -> Pair:
    """Train two teachers on the disjoint halves of a random split, number ``split``.

    Graphs with the same ``cluster`` are in the same half.

    A teacher that stays at the mean of its own labels is started once more: a moved one always, a
    plain one where the other teacher of the pair has learned something, so that there is something
    to learn. Its own labels, by which it is judged, say nothing about symmetry.
    """
    generator = torch.Generator().manual_seed(1000 * seed + split)
    halves = split_graphs(graphs, len(graphs) // 2, generator, cluster)

    def start(number: int, shift: int = 0) -> SymmetryRegularizedModule:
        return train_teacher(
            factory,
            halves[number],
            target,
            fields,
            settings,
            1000 * seed + 2 * split + number + shift,
            transform=None if make_transform is None else make_transform(),
            objective=objective,
        )

    teachers = [start(0), start(1)]
    learned = [r2_on(t, own)[0] > _STARTED for t, own in zip(teachers, halves, strict=True)]
    if make_transform is not None or any(learned):
        for number in (0, 1):
            if not learned[number]:
                teachers[number] = start(number, _FAR)
    return teachers[0], teachers[1]


def errors_on(
    module: SymmetryRegularizedModule, graphs: Sequence[Data], cluster: str | None = None
) -> tuple[Tensor, Tensor]:
    """Return squared errors and squared deviations per independent sample, in normalised units.

    Args:
        module: Trained network.
        graphs: The graphs.
        cluster: Attribute that graphs of one sample share; ``None``: every graph is a sample.

    Returns:
        Two ``[samples]`` tensors (float64), of those that are labelled: summed over output
        components (and nodes, and graphs) of each; deviations are from the best prediction without
        a look at the graph, the units' ``baseline``.
    """
    errors, deviations = [], []
    for batch in GraphLoader(graphs, 256, shuffle=False):
        with torch.no_grad():
            target = module.units.normalize(batch[module.target], batch).to(torch.float64)
            prediction = module.model(batch).to(torch.float64)
        errors.append(per_graph((prediction - target).square(), batch))
        deviations.append(per_graph((target - module.units.baseline).square(), batch))
    values = torch.stack([torch.cat(errors), torch.cat(deviations)])
    sums = sample_sums(values, graphs, cluster)
    return sums[0], sums[1]


def r2_on(
    module: SymmetryRegularizedModule, graphs: Sequence[Data], cluster: str | None = None
) -> tuple[float, float]:
    """Return R² on held-out graphs and its standard error (delta method over samples)."""
    errors, deviations = errors_on(module, graphs, cluster)
    ratio = errors.mean() / deviations.mean()
    influence = (errors - ratio * deviations) / deviations.mean()
    return float(1 - ratio), float(influence.std() / len(influence) ** 0.5)


@torch.no_grad()
def agreement_of(pairs: Sequence[Pair], loader: GraphLoader) -> float:
    """Return the correlation of the predictions of two teachers: near 0 if they learned only noise.

    Args:
        pairs: Teachers that share no sample.
        loader: Graphs to ask about.
    """

    def answers(teacher: SymmetryRegularizedModule) -> Tensor:
        return torch.cat([teacher(batch).detach().double().cpu() for batch in loader])

    return fmean(correlation(answers(one), answers(two)) for one, two in pairs)


def correlation(one: Tensor, two: Tensor) -> float:
    """Return the correlation of predictions ``[rows, ...]`` over rows and components.

    0 where one of them is constant.

    >>> round(correlation(torch.tensor([1.0, 2.0, 3.0]), torch.tensor([6.0, 4.0, 2.0])), 5)
    -1.0
    """
    left, right = one - one.mean(0), two - two.mean(0)
    size = float(left.norm() * right.norm())
    return float((left * right).sum()) / size if size > 0 else 0.0


def per_graph(values: Tensor, batch: Batch) -> Tensor:
    """Sum values of every row, ``[rows, ...]``, over components and nodes: ``[graphs]``."""
    rows = values.reshape(values.shape[0], -1).sum(1)
    if rows.shape[0] == batch.num_graphs:
        return rows
    return torch.zeros(batch.num_graphs, dtype=rows.dtype).index_add_(0, batch.batch, rows)
