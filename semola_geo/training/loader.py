"""An in-memory loader of graphs, exact in its order and fast on small graphs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch_geometric.data import Batch, Data
from torch_geometric.loader import DataLoader

from semola_geo.training.collated import CollatedGraphs, UncollatableError
from semola_geo.training.order import EpochOrder

__all__ = ["GraphLoader"]


class GraphLoader:
    """Mini-batches of a data set that is collated once and cut by index arithmetic.

    The order of epoch e is a pure function of ``(seed, e)``, see :class:`EpochOrder`. A
    :class:`SymmetryRegularizedModule` calls :meth:`set_epoch` itself; a plain loop moves on by
    itself. Batches are genuine PyG ``Batch`` objects.

    A data set with an on-the-fly ``transform`` cannot be collated once, nor can ``HeteroData``,
    sparse tensors and nested fields: these go through PyG's ``DataLoader``, in the same order.
    Only the order is then reproducible, a transform that draws from the global generator is not;
    apply deterministic transforms beforehand (``pre_transform``) to keep the fast path.

    Args:
        dataset: Any sequence of ``Data``.
        batch_size: Graphs per process and step.
        seed: Seed of the order.
        shuffle: Shuffle every pass.
        steps_per_epoch: Length of an epoch in steps; ``None``: one pass over the data.
        rank: Number of this process; ``None``: ask ``torch.distributed``.
        world_size: Number of processes; ``None``: ask ``torch.distributed``.
        drop_last: Leave out a last, smaller batch.
        num_workers: Worker processes of the PyG ``DataLoader``, where that one is needed.

    Raises:
        ValueError: If the data set is empty, or a number is out of range.

    >>> graphs = [Data(pos=torch.full((n, 3), float(n))) for n in (1, 2, 3)]
    >>> [batch.num_graphs for batch in GraphLoader(graphs, batch_size=2)]
    [2, 1]
    """

    def __init__(
        self,
        dataset: Sequence[Data],
        batch_size: int,
        seed: int = 0,
        *,
        shuffle: bool = True,
        steps_per_epoch: int | None = None,
        rank: int | None = None,
        world_size: int | None = None,
        drop_last: bool = False,
        num_workers: int = 0,
    ) -> None:
        if len(dataset) == 0:
            raise ValueError("dataset is empty: a loader needs at least one graph")
        self.dataset = dataset
        self.order = EpochOrder(
            len(dataset),
            batch_size,
            seed,
            shuffle=shuffle,
            steps_per_epoch=steps_per_epoch,
            rank=rank,
            world_size=world_size,
            drop_last=drop_last,
        )
        self._num_workers = num_workers
        self._collated = _collate_once(dataset)

    @property
    def batch_size(self) -> int:
        """Graphs per process and step."""
        return self.order.batch_size

    @property
    def in_memory(self) -> bool:
        """Whether batches are cut by index arithmetic, rather than by PyG's ``DataLoader``."""
        return self._collated is not None

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch that the next iteration yields."""
        self.order.set_epoch(epoch)

    def full_batch(self) -> Batch:
        """Return the whole data set as one ``Batch``, in its own order."""
        if self._collated is not None:
            return self._collated.batch(torch.arange(len(self._collated)))
        return Batch.from_data_list([self.dataset[i] for i in range(len(self.dataset))])

    def configuration(self) -> dict[str, Any]:
        """Return what decides the batches, as plain values: part of a run's fingerprint."""
        order = self.order
        return {
            "graphs": order.num_graphs,
            "global_batch_size": order.global_batch_size,
            "loader_seed": order.seed,
            "shuffle": order.shuffle,
            "steps_per_epoch": len(order),
            "drop_last": order.drop_last,
        }

    def __len__(self) -> int:
        return len(self.order)

    def __iter__(self) -> Iterator[Batch]:
        if self._collated is not None:
            for index in self.order:
                yield self._collated.batch(index)
        else:
            yield from DataLoader(
                self.dataset,
                batch_sampler=_AsLists(self.order),
                num_workers=self._num_workers,
            )


class _AsLists:
    """The order as lists of Python integers, which any data set understands as an index."""

    def __init__(self, order: EpochOrder) -> None:
        self._order = order

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[list[int]]:
        for index in self._order:
            yield index.tolist()


def _collate_once(dataset: Sequence[Data]) -> CollatedGraphs | None:
    if _has_transform(dataset):
        return None
    try:
        return CollatedGraphs([dataset[i] for i in range(len(dataset))])
    except UncollatableError:
        return None


def _has_transform(dataset: Any) -> bool:
    """Look for an on-the-fly transform, also behind ``torch.utils.data.Subset``."""
    while dataset is not None:
        if getattr(dataset, "transform", None) is not None:
            return True
        dataset = getattr(dataset, "dataset", None)
    return False
