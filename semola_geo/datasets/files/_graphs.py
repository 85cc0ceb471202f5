"""Graphs in what ``torch.save`` wrote: a list of them, or one ``Data`` with slices."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Data
from torch_geometric.data.separate import separate

__all__ = ["unpack"]


def unpack(content: Any, path: Path) -> list[Any] | None:
    """Return the graphs of a list, of one ``Data``, or of ``(data, slices[, class])``.

    Args:
        content: What was loaded.
        path: Where from.

    Returns:
        ``None`` for anything else.

    Raises:
        ValueError: If slices do not cut every field into as many graphs.

    >>> unpack([3], Path("mine.pt")), unpack(3, Path("mine.pt"))
    ([3], None)
    """
    if isinstance(content, Data):
        return [content]
    if isinstance(content, tuple) and len(content) in (2, 3):
        storage, slices = content[:2]
        if isinstance(storage, dict) and len(content) == 3 and content[2] is Data:
            storage = Data.from_dict(storage)
        if isinstance(storage, Data) and slices is None:
            return [storage]
        if isinstance(storage, Data) and isinstance(slices, Mapping):
            bounds = {name: _bounds(storage, slices, name, path) for name in storage.to_dict()}
            return _cut(storage, bounds, path)
    return list(content) if isinstance(content, list | tuple) else None


def _cut(storage: Data, bounds: Mapping[str, Tensor], path: Path) -> list[Data]:
    counts = {name: len(ends) - 1 for name, ends in bounds.items()}
    for name, count in counts.items():
        if count != next(iter(counts.values())):
            told = ", ".join(f"{name!r}: {count}" for name, count in counts.items())
            raise ValueError(
                f"{path}, field {name!r}: slices are for other numbers of graphs: {told}"
            )
    count = next(iter(counts.values()), 0)
    return [
        separate(Data, storage, i, slice_dict=dict(bounds), decrement=False) for i in range(count)
    ]


def _bounds(storage: Data, slices: Mapping[Any, Any], name: str, path: Path) -> Tensor:
    """Return where the graphs begin and end in a field."""
    content, ends = storage[name], slices.get(name)
    if isinstance(ends, list) and all(isinstance(end, int) for end in ends):
        ends = torch.tensor(ends)
    if (
        not isinstance(ends, Tensor)
        or ends.dim() != 1
        or ends.is_floating_point()
        or len(ends) == 0
    ):
        raise ValueError(f"{path}, field {name!r}: its slices are no list of whole numbers")
    rows = len(content) if isinstance(content, list) else int(ends[-1])
    if isinstance(content, Tensor):
        axis = storage.__cat_dim__(name, content)
        rows = content.shape[0 if axis is None else axis] if isinstance(axis, int | None) else rows
    if int(ends[0]) != 0 or int(ends[-1]) != rows or bool((ends.diff() < 0).any()):
        raise ValueError(
            f"{path}, field {name!r}: its slices do not run from 0 to its {rows} rows; write the "
            "file anew"
        )
    return ends
