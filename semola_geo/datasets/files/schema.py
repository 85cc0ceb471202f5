"""Which fields of a file are served, decided at its first record and checked at every other."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from torch_geometric.data import Data

from semola_geo.datasets.files.errors import RecordError
from semola_geo.datasets.files.meaning import STRUCTURE, Meaning, is_known, understand
from semola_geo.datasets.files.record import Record, Value
from semola_geo.datasets.files.request import Request
from semola_geo.representations import parse_representation

__all__ = ["Schema", "decide"]

# Attributes of Data that are fields all the same.
_FIELDS_OF_DATA = ("x", "y", "time", "edge_attr")
_SYMMETRIC = 1e-4
_COMMA = re.compile(r"[\d\s.,eE+-]*\d,\d[\d\s.,eE+-]*")


@dataclass
class Schema:
    """Which fields are served, and what became of the others.

    Attributes:
        dimension: Dimension d of space.
        columns: Name → meaning of the floating-point fields behind ``pos``.
        flags: Names of the fields that are true or false and are served (``pbc``).
        unused: Name → why it is not served.
        kinds: Kind of those that are unused because of it.
        species: Whether there are atomic numbers.
        edges: Whether there are edges.
    """

    dimension: int
    species: bool
    edges: bool
    columns: dict[str, Meaning] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)
    unused: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    def check(self, record: Record, closed: bool) -> None:
        """Check that a record has the fields of the first one.

        Args:
            record: The record.
            closed: Whether further fields are a mistake.

        Raises:
            RecordError: If not.
        """
        if record.embedded:
            self._check_embedded(record)
        if record.pos.shape[1] != self.dimension:
            raise RecordError(
                record.label,
                "pos",
                f"has d = {record.pos.shape[1]}, the records before have d = {self.dimension}",
            )
        for name, here, there in (
            ("z", record.z is not None, self.species),
            ("edge_index", record.edges is not None, self.edges),
        ):
            if here != there:
                raise RecordError(record.label, name, _only_some(here))
        for name in (*self.columns, *self.flags):
            if name not in record.values:
                raise RecordError(record.label, name, _only_some(False))
        for name, value in record.values.items():
            if name in self.columns or name in self.flags:
                continue
            if name not in self.unused:
                if closed or name in STRUCTURE:
                    raise RecordError(record.label, name, _only_some(True))
                self.unused[name] = "not asked for"
            elif name in self.kinds and value.kind == "float" != self.kinds[name]:
                raise RecordError(
                    record.label,
                    name,
                    f"is a number here, but the first record has {self.kinds[name]}, so that it "
                    "was left out; repair the file, or name the targets you want",
                )

    def _check_embedded(self, record: Record) -> None:
        for name, meaning in self.columns.items():
            if not parse_representation(meaning.representation).is_invariant:
                raise RecordError(
                    record.label,
                    name,
                    f"is a {meaning.representation!r}, but the record has no coordinates, and in "
                    "those that are made for it the field would point anywhere",
                )

    def numbers(self, record: Record, name: str) -> np.ndarray[Any, Any]:
        """Return the checked numbers of a field, ``[rows, *shape]``, one row for a graph.

        Raises:
            RecordError: If they are no numbers, not finite, or of another shape.
        """
        meaning, value = self.columns[name], record.values[name]
        if value.kind not in ("float", "whole numbers"):
            raise RecordError(record.label, name, f"is no number but {_describe(value)}")
        stored = (self.dimension**2,) if meaning.flat else meaning.shape
        rows = record.rows(meaning.level)
        expected = stored if rows is None else (rows, *stored)
        if value.array.shape != expected:
            raise RecordError(
                record.label,
                name,
                f"has shape {list(value.array.shape)} where {list(expected)} is expected from the "
                f"first record and {len(record.pos)} nodes here",
            )
        array = value.array.reshape(1 if rows is None else rows, *meaning.shape)
        if meaning.representation == "ij=ji":
            _check_symmetric(record.label, name, array)
        return array


def decide(record: Record, request: Request) -> Schema:
    """Decide at the first record what the file holds.

    Raises:
        RecordError: If a field that was asked for is missing, is no number, has a name that PyG
            cannot carry, or has a meaning that nobody said.
    """
    missing = [name for name in request.named() if name not in record.values]
    here = {"z": record.z is not None, "edge_index": record.edges is not None}
    if missing and here.get(missing[0]):
        raise RecordError(
            record.label,
            missing[0],
            "belongs to the geometry, which models read in any case; leave it out of targets, "
            "inputs, fields and levels",
            final=True,
        )
    if missing:
        present = ", ".join(record.values) or "no fields beside the geometry"
        raise RecordError(
            record.label, missing[0], f"is not in the first record, which has {present}"
        )
    schema = Schema(record.pos.shape[1], record.z is not None, record.edges is not None)
    for name, value in record.values.items():
        asked = name in request.named()
        if not request.wants(name):
            schema.unused[name] = "not asked for"
        elif problem := _unfit(name, value, asked):
            if asked:
                raise RecordError(record.label, name, problem)
            schema.unused[name] = problem
            schema.kinds[name] = value.kind
        elif name in STRUCTURE and value.kind == "true or false":
            schema.flags.append(name)
        else:
            try:
                meaning = understand(name, value, record, request.fields, request.levels)
            except (ValueError, TypeError) as error:
                raise RecordError(record.label, name, str(error), final=True) from None
            schema.columns[name] = meaning
    return schema


def _unfit(name: str, value: Value, asked: bool) -> str | None:
    """Say why a field cannot be served, or will not be unless it is asked for."""
    if "index" in name or "batch" in name or name in ("face", "ptr"):
        return "PyG gives this name a meaning of its own; rename it in the file"
    if name in ("pos", "z", "idx", "smiles") or (
        hasattr(Data, name) and name not in _FIELDS_OF_DATA
    ):
        return "the name is taken; rename it in the file"
    if name in STRUCTURE and value.kind == "true or false":
        return None
    if value.kind not in ("float", "whole numbers"):
        return _describe(value)
    if value.kind == "whole numbers" and not asked and not is_known(name):
        return "whole numbers; name it in targets or inputs to have it"
    return None


def _only_some(here: bool) -> str:
    return (
        f"{'is here' if here else 'is missing'}, but records before "
        f"{'lack it' if here else 'have it'}; all records need the same fields. Name targets that "
        "all have, repair the file, or skip such records with on_error='skip'"
    )


def _check_symmetric(label: str, name: str, array: np.ndarray[Any, Any]) -> None:
    defect = np.abs(array - array.swapaxes(-1, -2)).max(initial=0.0)
    if defect > _SYMMETRIC * np.abs(array).max(initial=0.0):
        raise RecordError(
            label,
            name,
            "is not symmetric, but 'ij=ji' is a symmetric matrix; declare it 'ij' if that is "
            "what it is",
        )


def _describe(value: Value) -> str:
    """Say what stands where a number is needed."""
    told = f"{value.kind}: {_shorten(value.array)}"
    if value.kind == "text" and _COMMA.fullmatch(str(value.array)):
        told += (
            " (a decimal comma, or thousands? Write numbers as 1234.5, and spaces between several)"
        )
    return told


def _shorten(array: np.ndarray[Any, Any]) -> str:
    text = " ".join(str(array).split())
    return repr(text if len(text) <= 40 else f"{text[:37]}...")
