"""``PyGFile``: graphs saved with PyTorch."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Data, HeteroData
from torch_geometric.data.data import DataEdgeAttr, DataTensorAttr
from torch_geometric.data.separate import separate
from torch_geometric.data.storage import BaseStorage, EdgeStorage, GlobalStorage, NodeStorage

from semola_geo.datasets.files.dataset import FileDataset
from semola_geo.datasets.files.errors import RecordError, why
from semola_geo.datasets.files.record import Level, Record, Value, as_value

__all__ = ["PyGFile"]

_GEOMETRY = ("pos", "z", "edge_index")
# Parts of a Data that PyG forgets to declare harmless: they hold names and numbers.
_INERT = [DataEdgeAttr, DataTensorAttr, BaseStorage, GlobalStorage, NodeStorage, EdgeStorage]


class PyGFile(FileDataset):
    """A list of ``Data`` saved with ``torch.save``, or what ``InMemoryDataset.save`` wrote.

    Files are loaded with ``weights_only=True``: they hold tensors and plain values, or are refused,
    because unpickling anything else could run any code. Graph-level fields need a leading axis of
    1. ``edge_index`` is served where it is present.

    Options, attributes and errors are those of :class:`FileDataset`.

    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "mine.pt"
    >>> torch.save([Data(pos=torch.zeros(n, 2), y=torch.ones(1)) for n in (2, 3)], file)
    >>> data = PyGFile(file, "y")
    >>> data[1].pos.shape, data.fields
    (torch.Size([3, 2]), {'pos': 'point', 'y': 'scalar'})
    """

    def _records(self) -> Iterator[Record | RecordError]:
        graphs = _load(self.path)
        levels = _levels(graphs, self._request.levels)
        for number, graph in enumerate(graphs):
            try:
                yield _record(f"record {number}", number, graph, levels)
            except RecordError as error:
                yield error


def _load(path: Path) -> list[Data]:
    try:
        with torch.serialization.safe_globals(_INERT):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ValueError(
            f"{path} cannot be loaded safely ({_reason(error)}). Files with other objects than "
            "tensors and Data can run any code when they are loaded. If you trust it, load it "
            "yourself with torch.load(..., weights_only=False), and save a list of plain Data"
        ) from None
    except Exception as error:  # Whatever the bytes of another format happen to mean.
        raise ValueError(f"{path} is no file that torch.save wrote: {why(error)}") from None
    graphs = _unpack(content)
    if graphs is None:
        raise ValueError(
            f"{path} holds a {type(content).__name__}, not a list of Data; save one with "
            "torch.save(list_of_data, path)"
        )
    for number, graph in enumerate(graphs):
        if isinstance(graph, HeteroData) or not isinstance(graph, Data):
            raise ValueError(
                f"{path}, record {number}: is a {type(graph).__name__}; only Data can be read"
            )
    return graphs


def _reason(error: pickle.UnpicklingError) -> str:
    """Return the object that was refused, which torch names in a longer text."""
    found = re.search(r"GLOBAL (\S+)", str(error))
    return f"it holds a {found[1]}" if found else why(error)


def _unpack(content: Any) -> list[Any] | None:
    """Return the graphs of a list, of one ``Data``, or of ``(data, slices[, class])``."""
    if isinstance(content, Data):
        return [content]
    if isinstance(content, tuple) and len(content) in (2, 3):
        storage, slices = content[:2]
        if isinstance(storage, dict) and len(content) == 3 and content[2] is Data:
            storage = Data.from_dict(storage)
        if isinstance(storage, Data) and slices is None:
            return [storage]
        if isinstance(storage, Data) and isinstance(slices, Mapping):
            count = len(next(iter(slices.values()))) - 1
            return [
                separate(Data, storage, i, slice_dict=slices, decrement=False) for i in range(count)
            ]
    return list(content) if isinstance(content, list | tuple) else None


def _levels(graphs: Sequence[Data], declared: Mapping[str, Level]) -> dict[str, Level | None]:
    """Return the level that the numbers of rows of all graphs allow; ``None`` where none does."""
    names = dict.fromkeys(name for graph in graphs for name in graph.to_dict())
    levels: dict[str, Level | None] = {}
    for name in names:
        if name in _GEOMETRY:
            continue
        fits = [graph for graph in graphs if isinstance(graph.get(name), Tensor)]
        rows = [len(graph[name]) if graph[name].dim() else 1 for graph in fits]
        nodes = [len(graph.pos) if isinstance(graph.get("pos"), Tensor) else -1 for graph in fits]
        edges = [graph.num_edges for graph in fits]
        if name in declared:
            levels[name] = declared[name]
        elif all(count == 1 for count in rows):
            levels[name] = "graph"
        elif rows == edges and ("edge" in name or rows != nodes):
            levels[name] = "edge"
        else:
            levels[name] = "node" if rows == nodes else None
    return levels


def _record(label: str, number: int, graph: Data, levels: Mapping[str, Level | None]) -> Record:
    pos = graph.get("pos")
    if not isinstance(pos, Tensor) or pos.dim() != 2 or pos.shape[1] == 0:
        found = list(pos.shape) if isinstance(pos, Tensor) else type(pos).__name__
        raise RecordError(label, "pos", f"needs a tensor [n, d], got {found}")
    if pos.dtype.is_complex or pos.dtype == torch.bool:
        raise RecordError(label, "pos", f"needs real numbers, got {pos.dtype}")
    values = {}
    for name, content in graph.to_dict().items():
        if name in _GEOMETRY or content is None:
            continue
        if not isinstance(content, Tensor):
            values[name] = as_value(content)
            continue
        level, array = levels[name], _array(content)
        rows = array.shape[:1] or (1,)
        if level is None or (level == "graph" and rows != (1,)):
            raise RecordError(
                label,
                name,
                f"has shape {list(array.shape)}: one row per node ({len(pos)}), per edge "
                f"({graph.num_edges}) or a leading axis of 1 per graph is needed in all records (a "
                "dipole is [1, 3], not [3])",
            )
        values[name] = Value(array.reshape(array.shape[1:]) if level == "graph" else array, level)
    return Record(
        label, number, _array(pos), values, _integers(label, graph, "z"), _edges(label, graph)
    )


def _array(tensor: Tensor) -> np.ndarray[Any, Any]:
    plain = tensor.detach()
    if plain.dtype in (torch.float16, torch.bfloat16):
        plain = plain.float()
    array: np.ndarray[Any, Any] = plain.to_dense().numpy() if plain.is_sparse else plain.numpy()
    return array


def _integers(label: str, graph: Data, name: str) -> np.ndarray[Any, Any] | None:
    values = graph.get(name)
    if values is None:
        return None
    if not isinstance(values, Tensor) or values.is_floating_point() or values.dtype == torch.bool:
        kind = values.dtype if isinstance(values, Tensor) else type(values).__name__
        raise RecordError(label, name, f"needs a tensor of integers, got {kind}")
    return _array(values)


def _edges(label: str, graph: Data) -> np.ndarray[Any, Any] | None:
    edges = _integers(label, graph, "edge_index")
    if edges is None:
        return None
    if edges.ndim != 2 or len(edges) != 2:
        raise RecordError(label, "edge_index", f"needs shape [2, E], got {list(edges.shape)}")
    if edges.size and not 0 <= edges.min() <= edges.max() < len(graph.pos):
        raise RecordError(
            label, "edge_index", f"names node {int(edges.max())} of {len(graph.pos)} nodes"
        )
    return edges
