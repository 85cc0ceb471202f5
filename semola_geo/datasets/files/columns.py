"""Records joined into one tensor per field while they stream in."""

from __future__ import annotations

import math
from array import array
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Data

from semola_geo.datasets.files._range import Range
from semola_geo.datasets.files.errors import RecordError
from semola_geo.datasets.files.record import Record
from semola_geo.datasets.files.schema import Schema

__all__ = ["Columns"]

_NUMPY: dict[torch.dtype, Any] = {torch.float32: np.float32, torch.float64: np.float64}
_LARGEST_NUMBER = 118  # Oganesson.
_NODE_LEVEL = ("pos", "z")


class _Buffer:
    """A growing array: bytes in one piece, so that a hundred thousand records cost no objects."""

    def __init__(self, dtype: Any, shape: tuple[int, ...]) -> None:
        self.dtype, self.shape = np.dtype(dtype), shape
        self.bytes = bytearray()

    def append(self, values: np.ndarray[Any, Any]) -> None:
        self.bytes += np.ascontiguousarray(values, self.dtype).tobytes()

    def tensor(self) -> Tensor:
        flat = np.frombuffer(self.bytes, self.dtype)
        return torch.from_numpy(flat.reshape(-1, *self.shape))


class Columns:
    """All records of a file, field by field.

    Args:
        schema: Which fields are served.
        dtype: Of floating-point fields, ``torch.float32`` or ``torch.float64``.
    """

    def __init__(self, schema: Schema, dtype: torch.dtype) -> None:
        self.schema = schema
        kind = _NUMPY[dtype]
        # Distances, norms and squared errors square everything.
        self._kind, self._largest = kind.__name__, float(np.finfo(kind).max) ** 0.5
        self._ranges: dict[str, Range] = {}
        self._numbers = array("q")
        self._nodes, self._edges = array("q", [0]), array("q", [0])
        self._smiles: list[str] = []
        self._buffers = {"pos": _Buffer(kind, (schema.dimension,))}
        for name, meaning in schema.columns.items():
            self._buffers[name] = _Buffer(kind, meaning.shape)
        if schema.species:
            self._buffers["z"] = _Buffer(np.int64, ())
        for name in schema.flags:
            self._buffers[name] = _Buffer(np.bool_, (schema.dimension,))
        if schema.edges:
            self._buffers["edge_index"] = _Buffer(np.int64, (2,))

    def __len__(self) -> int:
        return len(self._numbers)

    def add(self, record: Record) -> None:
        """Append a record; nothing is appended when it is wrong.

        Raises:
            RecordError: If a field is missing, not finite, of another shape or too large.
        """
        parts = {"pos": record.pos}
        ranges = {"pos": self._range(record, "pos", record.pos)}
        for name in self.schema.columns:
            parts[name] = self.schema.numbers(record, name)
            ranges[name] = self._range(record, name, parts[name])
        if record.z is not None:
            parts["z"] = _species(record)
        for name in self.schema.flags:
            parts[name] = _flags(record, name)
        if record.edges is not None:
            parts["edge_index"] = record.edges.T
            self._edges.append(self._edges[-1] + len(record.edges.T))
        for name, here in ranges.items():
            self._ranges[name] = here | self._ranges.get(name, here)
        for name, values in parts.items():
            self._buffers[name].append(values)
        self._numbers.append(record.number)
        self._nodes.append(self._nodes[-1] + len(record.pos))
        if record.smiles is not None:
            self._smiles.append(record.smiles)

    def _range(self, record: Record, name: str, values: np.ndarray[Any, Any]) -> Range:
        """Return the range of a field in a record, which has to be finite and not too large."""
        here = Range.of(values)
        size = here.size
        if not math.isfinite(size):
            count = int((~np.isfinite(values)).sum())
            raise RecordError(
                record.label,
                name,
                f"{count} value(s) are NaN or infinite; repair the file, or skip such records "
                "with on_error='skip'",
            )
        if size > self._largest:
            raise RecordError(
                record.label,
                name,
                f"{size:.3g} is too large: its square does not fit into {self._kind}; correct it, "
                "take another unit"
                + (", or use dtype=torch.float64" if self._kind == "float32" else ""),
            )
        return here

    def losses(self) -> dict[str, str]:
        """Return name → what rounding makes of a field of which it leaves too little."""
        told = {name: r.loss(self._kind) for name, r in self._ranges.items()}
        return {name: loss for name, loss in told.items() if loss}

    def collated(self) -> tuple[Data, dict[str, Tensor] | None]:
        """Return everything as PyG stores a data set in memory: one ``Data``, and slices."""
        count = len(self)
        graph = torch.arange(count + 1)
        by_level = {
            "graph": graph,
            "node": torch.tensor(self._nodes),
            "edge": torch.tensor(self._edges),
        }
        levels = {name: meaning.level for name, meaning in self.schema.columns.items()}
        data, slices = Data(), {}
        for name, buffer in self._buffers.items():
            level = "node" if name in _NODE_LEVEL else levels.get(name, "graph")
            data[name] = buffer.tensor()
            slices[name] = by_level[level]
        if self.schema.edges:
            data.edge_index = data.edge_index.T.contiguous()
            slices["edge_index"] = by_level["edge"]
        data.idx, slices["idx"] = torch.tensor(self._numbers), graph
        if self._smiles:
            data.smiles, slices["smiles"] = self._smiles, graph
        if count == 1:  # PyG hands out the storage itself then.
            if self._smiles:
                data.smiles = self._smiles[0]
            return data, None
        return data, slices


def _species(record: Record) -> np.ndarray[Any, Any]:
    z = record.z
    assert z is not None
    if z.shape != record.pos.shape[:1]:
        raise RecordError(
            record.label, "z", f"has shape {list(z.shape)} for {len(record.pos)} nodes"
        )
    wrong = (z < 1) | (z > _LARGEST_NUMBER)
    if wrong.any():
        raise RecordError(
            record.label,
            "z",
            f"atom {int(wrong.argmax())} has atomic number {int(z[wrong.argmax()])}; elements are "
            f"1 to {_LARGEST_NUMBER}",
        )
    return z


def _flags(record: Record, name: str) -> np.ndarray[Any, Any]:
    value = record.values[name]
    if value.kind != "true or false" or value.array.shape != record.pos.shape[1:]:
        raise RecordError(
            record.label,
            name,
            f"needs {record.pos.shape[1]} values that are true or false, got {value.kind} of shape "
            f"{list(value.array.shape)}",
        )
    return value.array[None]
