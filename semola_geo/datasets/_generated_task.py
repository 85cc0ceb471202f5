"""What tasks that are generated in code share: splits, seeds, declared fields."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar

import torch
from torch import Tensor
from torch_geometric.data import Data, InMemoryDataset

from semola_geo.datasets._derangement import derangement

__all__ = ["GeneratedTask"]

_SPLITS = ("train", "val", "test")
_SEEDS = 1_000_003  # Seeds of the splits of one data set lie next to each other.


class GeneratedTask(InMemoryDataset):  # type: ignore[misc]
    """A task on graphs of one size, generated in code, whose symmetry is known.

    Args:
        targets: Names out of :attr:`TARGETS`.
        split: ``"train"``, ``"val"`` or ``"test"``.
        size: Graphs of the training split; the others have an eighth of that.
        seed: Seed of the graphs; the splits of one seed are independent.
        shuffle_targets: Hand every graph the targets of another one: data with no answer.
        transform: As for any PyG data set.

    Raises:
        ValueError: For an unknown target or split, or fewer than 16 graphs.
    """

    INPUTS: ClassVar[dict[str, str]]
    TARGETS: ClassVar[dict[str, str]]
    UNITS: ClassVar[dict[str, str]] = {}

    def __init__(
        self,
        targets: Sequence[str],
        split: str = "train",
        *,
        size: int = 8000,
        seed: int = 0,
        shuffle_targets: bool = False,
        transform: Callable[[Data], Data] | None = None,
    ) -> None:
        super().__init__(None, transform)
        self.targets = tuple([targets] if isinstance(targets, str) else targets)
        unknown = [name for name in self.targets if name not in self.TARGETS]
        if unknown or not self.targets:
            raise ValueError(
                f"unknown target {', '.join(map(repr, unknown)) or 'list: it is empty'}; allowed: "
                f"{', '.join(map(repr, self.TARGETS))}"
            )
        if split not in _SPLITS:
            raise ValueError(f"unknown split {split!r}; allowed: {', '.join(map(repr, _SPLITS))}")
        if size < 16:
            raise ValueError(f"size must be at least 16 graphs, got {size}")
        count = size if split == "train" else size // 8
        generator = torch.Generator().manual_seed(_SEEDS * seed + _SPLITS.index(split))
        inputs = self.draw(count, generator)
        labels = {name: self.label(name, inputs) for name in self.targets}
        if shuffle_targets:
            image = derangement(count, generator)
            labels = {name: values[image] for name, values in labels.items()}
        self.data, self.slices = self._collated(inputs, labels)

    @property
    def fields(self) -> dict[str, str]:
        """Name → representation of every field."""
        return {**self.INPUTS, **{name: self.TARGETS[name] for name in self.targets}}

    @abstractmethod
    def draw(self, count: int, generator: torch.Generator) -> dict[str, Tensor]:
        """Draw the inputs, each ``[count, n, *trailing]``."""

    @abstractmethod
    def label(self, target: str, inputs: dict[str, Tensor]) -> Tensor:
        """Return a target, ``[count, *trailing]``, or ``[count, n, *trailing]`` per node."""

    def per_node(self, name: str) -> bool:
        """Whether a field has a row for every node."""
        return name in self.INPUTS

    def _collated(
        self, inputs: dict[str, Tensor], labels: dict[str, Tensor]
    ) -> tuple[Data, dict[str, Tensor]]:
        columns, slices = {}, {}
        for name, values in {**inputs, **labels}.items():
            rows = values.shape[1] if self.per_node(name) else 1
            columns[name] = (values.flatten(0, 1) if self.per_node(name) else values).float()
            slices[name] = rows * torch.arange(len(values) + 1)
        graphs, nodes = next(iter(inputs.values())).shape[:2]
        return Data(**columns, num_nodes=graphs * nodes), slices
