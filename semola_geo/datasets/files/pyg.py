"""``PyGFile``: graphs saved with PyTorch."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Data, HeteroData
from torch_geometric.data.data import DataEdgeAttr, DataTensorAttr
from torch_geometric.data.storage import BaseStorage, EdgeStorage, GlobalStorage, NodeStorage

from semola_geo.datasets.files._graphs import unpack
from semola_geo.datasets.files._row_levels import GEOMETRY, has_rows, row_levels
from semola_geo.datasets.files.dataset import FileDataset
from semola_geo.datasets.files.errors import RecordError, why
from semola_geo.datasets.files.record import Level, Record, Value, as_value

__all__ = ["PyGFile"]

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
        levels = row_levels(graphs, self._request.levels)
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
    graphs = unpack(content, path)
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
    return f"it holds a {found[1]}" if found else "it is a pickle that PyTorch did not write"


def _record(label: str, number: int, graph: Data, levels: Mapping[str, Level | None]) -> Record:
    pos = graph.get("pos")
    if not has_rows(pos) or pos.dim() != 2 or pos.shape[1] == 0:
        found: Any = type(pos).__name__
        if isinstance(pos, Tensor):
            found = "a nested one" if pos.is_nested else list(pos.shape)
        raise RecordError(label, "pos", f"needs a tensor [n, d], got {found}")
    if pos.dtype.is_complex or pos.dtype == torch.bool:
        raise RecordError(label, "pos", f"needs real numbers, got {pos.dtype}")
    z, edges = _integers(label, graph, "z"), _edges(label, graph)
    values = {}
    for name, content in graph.to_dict().items():
        if name in GEOMETRY or content is None:
            continue
        if not isinstance(content, Tensor):
            values[name] = as_value(content)
            continue
        level, array = levels[name], _array(label, name, content)
        rows = array.shape[:1] or (1,)
        if level is None or (level == "graph" and rows != (1,)):
            raise RecordError(
                label,
                name,
                f"has shape {list(array.shape)}: one row per node ({len(pos)}), per edge "
                f"({0 if edges is None else edges.shape[1]}) or a leading axis of 1 per graph is "
                "needed in all records (a dipole is [1, 3], not [3])",
            )
        values[name] = Value(array.reshape(array.shape[1:]) if level == "graph" else array, level)
    return Record(label, number, _array(label, "pos", pos), values, z, edges)


def _array(label: str, name: str, tensor: Tensor) -> np.ndarray[Any, Any]:
    plain = tensor.detach()
    if plain.is_nested:
        raise RecordError(label, name, "is a nested tensor; save one with rows of equal length")
    try:
        if plain.layout != torch.strided:
            plain = plain.to_dense()
        if plain.is_floating_point() and plain.dtype not in (torch.float32, torch.float64):
            plain = plain.float()
        array: np.ndarray[Any, Any] = plain.resolve_conj().resolve_neg().numpy()
    except (TypeError, RuntimeError) as error:  # Quantized numbers, tensors without content
        raise RecordError(
            label, name, f"is a tensor that NumPy cannot hold: {why(error)}; save plain numbers"
        ) from None
    return array


def _integers(label: str, graph: Data, name: str) -> np.ndarray[Any, Any] | None:
    values = graph.get(name)
    if values is None:
        return None
    if not isinstance(values, Tensor) or values.is_floating_point() or values.dtype == torch.bool:
        kind = values.dtype if isinstance(values, Tensor) else type(values).__name__
        raise RecordError(label, name, f"needs a tensor of integers, got {kind}")
    return _array(label, name, values)


def _edges(label: str, graph: Data) -> np.ndarray[Any, Any] | None:
    edges = _integers(label, graph, "edge_index")
    if edges is None:
        return None
    if edges.ndim != 2 or len(edges) != 2:
        raise RecordError(label, "edge_index", f"needs shape [2, E], got {list(edges.shape)}")
    if edges.size and not 0 <= edges.min() <= edges.max() < len(graph.pos):
        wrong = edges.min() if edges.min() < 0 else edges.max()
        raise RecordError(label, "edge_index", f"names node {int(wrong)} of {len(graph.pos)} nodes")
    return edges
