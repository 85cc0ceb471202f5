"""What ``Properties=`` of extended XYZ says of the lines of atoms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from semola_geo.datasets.files.errors import RecordError
from semola_geo.datasets.files.meaning import is_known

__all__ = ["PLAIN", "Column", "read_columns"]

PLAIN = "species:S:1:pos:R:3"
"""The layout where none is declared."""
# Names that mean the same to ASE, which keeps one of them.
_SAME = {"positions": "pos", "symbols": "species", "numbers": "Z", "charges": "charge"}
_OTHER = {name: other for other, name in _SAME.items()}


class Column(NamedTuple):
    """Where a field stands in a line, and as what.

    Attributes:
        start: First column.
        width: Number of columns.
        kind: ``"R"``, ``"I"``, ``"S"`` or ``"L"``.
    """

    start: int
    width: int
    kind: str

    def texts(self, parts: Sequence[str]) -> Sequence[str]:
        """Return what the field holds in a line.

        >>> Column(1, 2, "R").texts(["H", "0", "0.5"])
        ['0', '0.5']
        """
        return parts[self.start :][: self.width]


def read_columns(label: str, layout: str) -> dict[str, Column]:
    """Return name → where it stands.

    Args:
        label: How messages name the record.
        layout: Names, types and numbers of columns.

    Raises:
        RecordError: If it is no such list, a name comes twice, positions or elements are missing,
            or what has to be numbers is declared to be none.

    >>> read_columns("record 0", PLAIN)["pos"]
    Column(start=1, width=3, kind='R')
    """
    parts = layout.split(":")
    widths = [int(width) if width.isdecimal() else 0 for width in parts[2::3]]
    if len(parts) % 3 or min(widths) < 1:
        raise RecordError(
            label, None, f"Properties={layout} is no list of name:type:count, such as {PLAIN}"
        )
    names = [_SAME.get(name, name) for name in parts[::3]]
    for name, count in Counter(names).items():
        if count > 1:
            raise RecordError(label, name, f"comes twice in Properties={layout}")
    starts = accumulate(widths, initial=0)
    places = zip(starts, widths, parts[1::3], strict=False)
    columns = {name: Column(*place) for name, place in zip(names, places, strict=True)}
    if "pos" not in columns or columns["pos"].width != 3:
        raise RecordError(label, "pos", f"needs pos:R:3 in Properties={layout}")
    if "species" not in columns and "Z" not in columns:
        raise RecordError(label, "z", f"needs species:S:1 or Z:I:1 in Properties={layout}")
    for name, column in columns.items():
        # ASE turns true and false into 1 and 0, and 8.7 into oxygen.
        known = name == "pos" or is_known(name) or is_known(_OTHER.get(name, name))
        allowed = "I" if name == "Z" else "RI" if known else "RISL"
        if column.kind in "RISL" and column.kind not in allowed:
            raise RecordError(
                label,
                name,
                f"is of type {column.kind} in Properties={layout}, but needs type {allowed[0]}",
            )
    return columns
