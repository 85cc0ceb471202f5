"""A data set of graphs, collated once and cut into mini-batches by index arithmetic."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch_geometric import EdgeIndex, Index
from torch_geometric.data import Batch, Data, HeteroData
from torch_geometric.utils import is_sparse

__all__ = ["CollatedGraphs", "UncollatableError"]


class UncollatableError(Exception):
    """A data set has a field that index arithmetic cannot cut; PyG's collate has to do it."""


@dataclass(frozen=True)
class _Column:
    """One field of all graphs, joined along ``axis``.

    ``increments`` holds what PyG's ``__inc__`` says of every graph, ``None`` when all are zero.
    """

    values: Tensor
    slices: Tensor
    axis: int
    increments: Tensor | None
    group: int


class CollatedGraphs:
    """All graphs of a data set in one set of tensors.

    Cutting a mini-batch costs a few tensor operations per field, whatever the number of graphs,
    where PyG's collate costs Python work per graph and field.

    Args:
        graphs: ``Data`` objects with the same fields; sizes may differ.

    Raises:
        ValueError: If there are no graphs, or their fields differ.
        UncollatableError: For fields (or ``HeteroData``) that need PyG's own collate.

    >>> graphs = [Data(pos=torch.full((n, 3), float(n))) for n in (1, 2, 3)]
    >>> batch = CollatedGraphs(graphs).batch(torch.tensor([2, 0]))
    >>> batch.batch.tolist(), batch.ptr.tolist(), batch.num_graphs
    ([0, 0, 0, 1], [0, 3, 4], 2)
    """

    def __init__(self, graphs: Sequence[Data]) -> None:
        if len(graphs) == 0:
            raise ValueError("the data set has no graphs")
        self._count = len(graphs)
        self._columns: dict[str, _Column] = {}
        self._objects: dict[str, list[Any]] = {}
        self._groups: list[Tensor] = []
        _check_same_fields(graphs)
        self._explicit_num_nodes = "num_nodes" in graphs[0]._store
        self._nodes = torch.tensor([_num_nodes(graph) for graph in graphs])
        # PyG builds a class and reads its signature in every Batch(): copy an empty one instead.
        self._empty = Batch(_base_cls=type(graphs[0]))
        for name in graphs[0].to_dict():
            self._add(name, graphs)

    def __len__(self) -> int:
        return self._count

    def _add(self, name: str, graphs: Sequence[Data]) -> None:
        values = [graph[name] for graph in graphs]
        first = values[0]
        if name in ("num_nodes", "ptr"):
            return
        if not isinstance(first, Tensor):
            # Numbers become a tensor in PyG; strings and other objects stay a list.
            if isinstance(first, bool | int | float):
                values = [torch.tensor([value]) for value in values]
            elif isinstance(first, str) or first is None:
                self._objects[name] = values
                return
            else:
                raise UncollatableError(f"field {name!r} is a {type(first).__name__}")
        elif is_sparse(first) or first.is_nested or isinstance(first, Index | EdgeIndex):
            raise UncollatableError(
                f"field {name!r} is a {type(first).__name__} with its own collate"
            )
        self._columns[name] = self._column(name, graphs, values)

    def _column(self, name: str, graphs: Sequence[Data], values: list[Tensor]) -> _Column:
        axis = graphs[0].__cat_dim__(name, values[0])
        if axis is None or values[0].dim() == 0:
            values = [value.unsqueeze(0) for value in values]
            axis = 0 if axis is None else axis
        if not isinstance(axis, int):
            raise UncollatableError(f"field {name!r} is joined along {axis!r}")
        increments = [
            graph.__inc__(name, value) for graph, value in zip(graphs, values, strict=True)
        ]
        if not all(isinstance(step, int) for step in increments):
            raise UncollatableError(f"field {name!r} has increments that are no plain integers")
        try:
            joined = torch.cat(values, dim=axis)
        except RuntimeError as error:
            raise ValueError(
                f"field {name!r} cannot be joined over the data set ({error}); its shapes may "
                "differ between graphs only along the axis of nodes or edges"
            ) from None
        sizes = torch.tensor([value.size(axis) for value in values])
        slices = _cumulate(sizes)
        steps = torch.tensor(increments)
        return _Column(
            joined, slices, axis, steps if bool(steps.any()) else None, self._group(slices)
        )

    def _group(self, slices: Tensor) -> int:
        """Number fields of the same row layout alike, so that their gather index is shared."""
        for number, known in enumerate(self._groups):
            if torch.equal(known, slices):
                return number
        self._groups.append(slices)
        return len(self._groups) - 1

    def batch(self, index: Tensor) -> Batch:
        """Cut out a mini-batch.

        Args:
            index: Numbers of the graphs, ``[B]`` long, in the order wanted.

        Returns:
            A ``Batch`` as ``Batch.from_data_list`` would have made it.
        """
        layouts = [_layout(slices, index) for slices in self._groups]
        out = copy.copy(self._empty)
        store = out._store
        slice_dict: dict[str, Any] = {}
        inc_dict: dict[str, Any] = {}
        zeros = index.new_zeros(len(index))
        for name, column in self._columns.items():
            counts, slices, gather = layouts[column.group]
            values = column.values.index_select(column.axis, gather)
            offsets = zeros
            if column.increments is not None:
                offsets = _cumulate(column.increments[index])[:-1]
                shape = [1] * values.dim()
                shape[column.axis] = -1
                # As PyG: the dtype of the field stays (int32 edge indices are not promoted).
                values = values + offsets.repeat_interleave(counts).view(shape).to(values.dtype)
            store[name] = values
            slice_dict[name], inc_dict[name] = slices, offsets
        chosen = index.tolist() if self._objects else []
        for name, objects in self._objects.items():
            store[name] = [objects[i] for i in chosen]
            slice_dict[name], inc_dict[name] = torch.arange(len(chosen) + 1), None
        nodes = self._nodes[index]
        if self._explicit_num_nodes:
            store._num_nodes = nodes.tolist()
            store.num_nodes = int(nodes.sum())
        store["batch"] = torch.arange(len(index)).repeat_interleave(nodes)
        store["ptr"] = _cumulate(nodes)
        out._num_graphs = len(index)
        out._slice_dict, out._inc_dict = slice_dict, inc_dict
        return out


def _layout(slices: Tensor, index: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return rows per graph, new slices, and the rows to gather."""
    if int(slices[-1]) == len(slices) - 1 and bool((slices.diff() == 1).all()):
        ones = torch.ones_like(index)
        return ones, torch.arange(len(index) + 1), index
    starts = slices[index]
    counts = slices[index + 1] - starts
    new = _cumulate(counts)
    gather = torch.arange(int(new[-1])) + (starts - new[:-1]).repeat_interleave(counts)
    return counts, new, gather


def _cumulate(sizes: Tensor) -> Tensor:
    out = sizes.new_zeros(len(sizes) + 1)
    torch.cumsum(sizes, 0, out=out[1:])
    return out


def _num_nodes(graph: Data) -> int:
    count = graph.num_nodes
    if count is None:
        raise UncollatableError("the number of nodes of a graph cannot be inferred")
    return int(count)


def _check_same_fields(graphs: Sequence[Data]) -> None:
    if not isinstance(graphs[0], Data) or isinstance(graphs[0], HeteroData):
        raise UncollatableError(f"{type(graphs[0]).__name__} is collated by PyG")
    names = list(graphs[0].keys())
    for number, graph in enumerate(graphs):
        if set(graph.keys()) != set(names):
            raise ValueError(
                f"graph 0 has fields {sorted(names)}, but graph {number} has "
                f"{sorted(graph.keys())}; all graphs of a data set need the same fields"
            )
