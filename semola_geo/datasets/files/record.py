"""What a reader hands on: one graph as named arrays."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

__all__ = ["Level", "Record", "Value", "as_value", "number_or_text"]

_WHOLE = re.compile(r"[+-]?\d+")
_SEPARATOR = re.compile(r"\s*,\s+|\s+,?")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")

Level = Literal["node", "graph", "edge"]


@dataclass(frozen=True)
class Value:
    """The values of one field in one record.

    Attributes:
        array: Numbers ``[rows, ...]`` of a node- or edge-level field, or ``[...]`` of a
            graph-level one, without a leading axis; of any other kind for what is no number.
        level: What the rows are; ``None`` where the format does not say.
    """

    array: np.ndarray[Any, Any]
    level: Level | None = "graph"

    @property
    def kind(self) -> str:
        """``"float"``, ``"whole numbers"``, ``"true or false"``, ``"complex numbers"``, ``"text"``.

        The last is anything else.
        """
        kinds = {"f": "float", "i": "whole numbers", "u": "whole numbers", "b": "true or false"}
        kinds["c"] = "complex numbers"
        return kinds.get(self.array.dtype.kind, "text")


@dataclass(frozen=True)
class Record:
    """One graph of a file.

    Attributes:
        label: How a message names it, such as ``"record 3"``.
        number: Its place in the file, from 0.
        pos: Coordinates ``[n, d]``.
        values: Further fields.
        z: Atomic numbers ``[n]``, if any.
        edges: Pairs of nodes ``[2, E]``, if any.
        smiles: Name of the molecule as SMILES, if known.
        embedded: Whether the coordinates were made rather than read.
    """

    label: str
    number: int
    pos: np.ndarray[Any, Any]
    values: dict[str, Value] = field(default_factory=dict)
    z: np.ndarray[Any, Any] | None = None
    edges: np.ndarray[Any, Any] | None = None
    smiles: str | None = None
    embedded: bool = False

    def rows(self, level: Level) -> int | None:
        """Return how many rows a field of this level has; ``None`` for graph-level fields."""
        if level == "graph":
            return None
        if level == "edge":
            return 0 if self.edges is None else self.edges.shape[1]
        return len(self.pos)


def as_value(content: Any, level: Level | None = "graph") -> Value:
    """Return a number, text or array as a :class:`Value`.

    >>> as_value("1.5").kind, as_value([1.5, 2]).kind, as_value(3).kind, as_value([1, "a"]).kind
    ('text', 'float', 'whole numbers', 'text')
    """
    try:
        return Value(np.asarray(content), level)
    except ValueError:  # Rows of different lengths.
        return Value(np.asarray(str(content)), level)


def number_or_text(text: str) -> np.ndarray[Any, Any]:
    """Return the numbers that a text holds, or the text itself.

    Numbers are separated by spaces, by commas with a space beside them, or, where there are no
    spaces, by at least two commas. Any other comma may be that of ``1,5`` or ``1,500``.

    >>> number_or_text("1.5").shape, number_or_text("0, 0, 1").tolist(), str(number_or_text("n/a"))
    ((), [0, 0, 1], 'n/a')
    >>> number_or_text("0,0,1").tolist(), str(number_or_text("1,5")), str(number_or_text("1,000"))
    ([0, 0, 1], '1,5', '1,000')
    """
    parts = _SEPARATOR.split(text.strip())
    if len(parts) == 1 and text.count(",") > 1 and not _THOUSANDS.fullmatch(parts[0]):
        parts = parts[0].split(",")
    try:
        numbers = [int(p) if _WHOLE.fullmatch(p) else float(p) for p in parts]
        array = np.asarray(numbers)
        if array.dtype.kind not in "if":  # Integers beyond 64 bits.
            array = np.asarray(numbers, dtype=float)
    except (ValueError, OverflowError):
        return np.asarray(text)
    # Python reads 1_5 as 15; in a file it is a slip.
    if "_" in text:
        return np.asarray(text)
    return array[0] if len(parts) == 1 else array
