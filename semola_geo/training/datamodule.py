"""Training, validation and test graphs as a Lightning data module."""

from __future__ import annotations

from collections.abc import Sequence

import lightning as L
from torch_geometric.data import Data

from semola_geo.training.loader import GraphLoader

__all__ = ["GraphDataModule"]


class GraphDataModule(L.LightningDataModule):
    """Hand three data sets to a ``Trainer`` or to :func:`semola_geo.training.fit`.

    Args:
        train: Training graphs, shuffled in an order that is a pure function of seed and epoch.
        val: Validation graphs.
        test: Test graphs.
        batch_size: Graphs per process and step.
        seed: Seed of the order.
        steps_per_epoch: Length of a training epoch in steps; ``None``: one pass.
        eval_batch_size: Graphs per evaluation batch; ``None``: four times ``batch_size``, since
            no gradient has to be kept.

    >>> import torch
    >>> graphs = [Data(pos=torch.zeros(2, 3)) for _ in range(4)]
    >>> data = GraphDataModule(graphs, graphs[:1], graphs[:1], batch_size=2)
    >>> len(data.train_dataloader()), len(data.val_dataloader())
    (2, 1)
    """

    def __init__(
        self,
        train: Sequence[Data],
        val: Sequence[Data] | None = None,
        test: Sequence[Data] | None = None,
        *,
        batch_size: int,
        seed: int = 0,
        steps_per_epoch: int | None = None,
        eval_batch_size: int | None = None,
    ) -> None:
        super().__init__()
        evaluation = 4 * batch_size if eval_batch_size is None else eval_batch_size
        self._train = GraphLoader(train, batch_size, seed, steps_per_epoch=steps_per_epoch)
        self._val = _in_order(val, evaluation)
        self._test = _in_order(test, evaluation)

    def train_dataloader(self) -> GraphLoader:
        """Return the training batches."""
        return self._train

    def val_dataloader(self) -> GraphLoader | list[GraphLoader]:
        """Return the validation batches, an empty list without validation graphs."""
        return self._val or []

    def test_dataloader(self) -> GraphLoader | list[GraphLoader]:
        """Return the test batches, an empty list without test graphs."""
        return self._test or []


def _in_order(graphs: Sequence[Data] | None, batch_size: int) -> GraphLoader | None:
    return None if graphs is None else GraphLoader(graphs, batch_size, shuffle=False)
