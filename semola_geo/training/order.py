"""Which graphs make up step s: a pure function of a seed and the step."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.utils.data import Sampler

from semola_geo.processes import process_share
from semola_geo.training.seeding import seeded_generator

__all__ = ["EpochOrder"]


class EpochOrder(Sampler[list[int]]):
    """Batches of graph numbers for one epoch, ready to be a ``batch_sampler``.

    An endless stream of passes over the data set, each shuffled by its own generator, is cut into
    epochs; epoch e is a pure function of ``(seed, e)``. Of every *global* batch of
    ``batch_size × world_size`` graphs, rank r takes the graphs r, r + world, r + 2·world, …, so
    that W processes at batch size b see together what one process sees at W·b.

    Args:
        num_graphs: Size of the data set.
        batch_size: Graphs per process and step.
        seed: Seed of the order.
        shuffle: Shuffle every pass. Without, graphs come in order and nothing is left out.
        steps_per_epoch: Length of an epoch in steps; ``None``: one pass.
        rank: Number of this process; ``None``: as ``torch.distributed`` says, else 0.
        world_size: Number of processes; ``None``: as ``torch.distributed`` says, else 1.
        drop_last: Leave out a last, smaller batch of a pass.

    Raises:
        ValueError: If a number is out of range, or ``drop_last`` leaves no batch.

    >>> order = EpochOrder(5, batch_size=2, seed=0)
    >>> order.set_epoch(3)
    >>> sorted(sum((batch.tolist() for batch in order), []))
    [0, 1, 2, 3, 4]
    """

    def __init__(
        self,
        num_graphs: int,
        batch_size: int,
        seed: int = 0,
        *,
        shuffle: bool = True,
        steps_per_epoch: int | None = None,
        rank: int | None = None,
        world_size: int | None = None,
        drop_last: bool = False,
    ) -> None:
        for name, value in [
            ("batch_size", batch_size),
            ("steps_per_epoch", steps_per_epoch),
            ("world_size", world_size),
        ]:
            if value is not None and value < 1:
                raise ValueError(f"{name} must be at least 1, got {value}")
        if rank is not None and not 0 <= rank < (world_size or 1):
            raise ValueError(f"rank must be in 0..{(world_size or 1) - 1}, got {rank}")
        self.num_graphs = num_graphs
        self.batch_size = batch_size
        self.seed = seed
        self.shuffle = shuffle
        self.drop_last = drop_last
        self.epoch = 0
        self._steps_per_epoch = steps_per_epoch
        self._rank = rank
        self._world_size = world_size
        if self.steps_per_pass == 0:
            raise ValueError(
                f"the data set has {num_graphs} graph(s), which gives no batch of "
                f"{self.global_batch_size}; lower batch_size or pass drop_last=False"
            )

    @property
    def world_size(self) -> int:
        """Number of processes that share the global batch."""
        if self._world_size is not None:
            return self._world_size
        return process_share()[1]

    @property
    def rank(self) -> int:
        """Number of this process."""
        if self._rank is not None:
            return self._rank
        return process_share()[0] if self._world_size is None else 0

    @property
    def global_batch_size(self) -> int:
        """Graphs per step over all processes."""
        return self.batch_size * self.world_size

    @property
    def steps_per_pass(self) -> int:
        """Steps until every graph was seen once."""
        count, size = self.num_graphs, self.global_batch_size
        if self.shuffle:
            # In training all ranks must take the same number of graphs: the gradient is a mean
            # of means, and a rank without a batch would leave the others waiting.
            count -= (count % size) % self.world_size
        return count // size if self.drop_last else -(-count // size)

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch that the next iteration yields."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self._steps_per_epoch or self.steps_per_pass

    def __iter__(self) -> Iterator[Tensor]:  # type: ignore[override]
        # A generator: the epoch is read at the first batch, so set_epoch may come after iter().
        epoch, steps = self.epoch, len(self)
        known, permutation = -1, torch.empty(0, dtype=torch.long)
        for step in range(epoch * steps, (epoch + 1) * steps):
            number, position = divmod(step, self.steps_per_pass)
            if number != known:
                known, permutation = number, self._permutation(number)
            chosen = permutation[position * self.global_batch_size :][: self.global_batch_size]
            if self.shuffle:
                chosen = chosen[: len(chosen) - len(chosen) % self.world_size]
            own = chosen[self.rank :: self.world_size]
            if len(own):
                yield own
        # A plain loop without set_epoch goes on with the next epoch.
        self.epoch = epoch + 1

    def _permutation(self, number: int) -> Tensor:
        if not self.shuffle:
            return torch.arange(self.num_graphs)
        return torch.randperm(self.num_graphs, generator=seeded_generator(self.seed, number))
