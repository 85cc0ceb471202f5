"""Splits for data without published ones."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch_geometric.data import Data

from semola_geo.datasets._choice import check_choice

__all__ = ["PUBLISHED", "cut", "published_rows", "random_rows", "random_split"]

# Where the training and the validation part of data end whose order is random already.
_ENDS = (0.75, 0.85)
PUBLISHED = ("train", "val", "test")
_SPLITS = (*PUBLISHED, "all")

_SHARES = {"train": 0.75, "val": 0.1}
_FEWEST = 10


def cut(count: int, split: str | None, ends: tuple[float, float] = _ENDS) -> tuple[int, int]:
    """Return begin and end of a part of data that are in random order.

    Args:
        count: Number of graphs over all parts.
        split: ``"train"`` (75 %), ``"val"`` (10 %), ``"test"`` (15 %), ``"all"`` / None.
        ends: Shares at which training and validation end, for other cuts than this.

    Raises:
        ValueError: For another split.

    >>> cut(20, "val")
    (15, 17)
    >>> cut(10, "val"), cut(10, "test")
    ((8, 9), (9, 10))
    """
    if split is not None:
        check_choice("split", split, _SPLITS)
    first, second = (round(end * count) for end in ends)
    if count > 2 and first == second < count:
        second += 1  # round() takes halves to even numbers: 7.5 and 8.5 both become 8.
    parts = {"train": (0, first), "val": (first, second), "test": (second, count)}
    return parts.get(str(split), (0, count))


def published_rows(count: int, split: str | None, share: float, seed: int) -> Tensor:
    """Return the rows of a part of data that come with training and test files only.

    Args:
        count: Number of graphs of the file: the test file for ``"test"``, else the training file.
        split: ``"train"``, ``"val"`` (cut at random from the training file) or ``"test"``.
        share: Of the training file that validates.
        seed: Of that cut.

    Raises:
        ValueError: For another split, or a training file of less than two graphs.

    >>> published_rows(10, "val", 0.2, seed=0).shape, published_rows(3, "test", 0.2, seed=0)
    (torch.Size([2]), tensor([0, 1, 2]))
    """
    check_choice("split", split, PUBLISHED)
    if split == "test":
        return torch.arange(count)
    if count < 2:
        raise ValueError(f"{count} graph(s) are too few to train and validate on")
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    last = max(1, round(share * count))
    return order[:last] if split == "val" else order[last:]


def random_split(dataset: Sequence[Data], seed: int = 0) -> dict[str, list[Data]]:
    """Cut a data set into 75 % training, 10 % validation and 15 % test graphs.

    Graphs that belong together (frames of one trajectory, conformers of one molecule) land on both
    sides of a random cut, and test errors then look too good.

    Args:
        dataset: Any sequence of ``Data``.
        seed: Of the permutation.

    Returns:
        ``"train"``, ``"val"`` and ``"test"``, each a list of graphs.

    Raises:
        ValueError: If there are fewer than ten graphs.

    >>> parts = random_split([Data(y=i) for i in range(20)])
    >>> {name: len(part) for name, part in parts.items()}
    {'train': 15, 'val': 2, 'test': 3}
    """
    rows = random_rows(len(dataset), seed)
    return {name: [dataset[i] for i in chosen] for name, chosen in rows.items()}


def random_rows(count: int, seed: int = 0) -> dict[str, list[int]]:
    """Return the numbers of the graphs that :func:`random_split` puts into each part.

    Args:
        count: Number of graphs.
        seed: Of the permutation.

    Raises:
        ValueError: If there are fewer than ten graphs.

    >>> {name: len(part) for name, part in random_rows(20).items()}
    {'train': 15, 'val': 2, 'test': 3}
    """
    if count < _FEWEST:
        raise ValueError(f"{count} graph(s) are too few to split; at least {_FEWEST} are needed")
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed)).tolist()
    first = round(_SHARES["train"] * count)
    second = first + max(1, round(_SHARES["val"] * count))
    return {"train": order[:first], "val": order[first:second], "test": order[second:]}
