"""What is wrong with a data base of ASE, where ASE would pass over it or not say so."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from semola_geo.datasets.files.errors import why

__all__ = ["base_kind"]

_SQLITE = b"SQLite format 3\0"
_BYTES_OF_MARK = b"\xef\xbb\xbf"
# Numbers are stored as int32, positions as three float64.
_DAMAGED = """
SELECT id, (SELECT count(*) FROM systems AS earlier WHERE earlier.id < systems.id), natoms,
       coalesce(length(numbers), 0) / 4, coalesce(length(positions), 0) / 24
FROM systems
WHERE coalesce(length(numbers), 0) != 4 * natoms OR coalesce(length(positions), 0) != 24 * natoms
ORDER BY id LIMIT 1
"""


def base_kind(path: Path) -> str:
    """Return ``"db"`` or ``"json"`` for a data base of ASE whose rows are complete.

    Raises:
        ValueError: If it is neither, counts atoms that it has not, or names something twice.
        sqlite3.Error: If it is damaged.
    """
    with path.open("rb") as file:
        head = file.read(len(_SQLITE))
    if head == _SQLITE:
        _check_sqlite(path)
        return "db"
    if head.startswith(_BYTES_OF_MARK):
        raise ValueError("it begins with a byte-order mark, which JSON has not; save it without")
    if head.lstrip()[:1] != b"{":
        raise ValueError("it is neither SQLite nor JSON")
    _check_json(path)
    return "json"


def _check_sqlite(path: Path) -> None:
    # ASE would create its tables in a file that has none.
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as base:
        query = "SELECT 1 FROM sqlite_master WHERE name = 'systems'"
        if base.execute(query).fetchone() is None:
            raise ValueError("it has no table of systems")
        damaged = base.execute(_DAMAGED).fetchone()
    if damaged:
        row, number, atoms, species, positions = damaged
        raise ValueError(
            f"record {number} (id {row}): counts {atoms} atoms, but stores {species} atomic "
            f"numbers and {positions} positions"
        )


def _check_json(path: Path) -> None:
    """Find names that come twice, of which Python would keep the last, and rows without entry.

    Raises:
        ValueError: If there are any, or the file is no JSON.
    """
    twice: list[tuple[dict[str, Any], str]] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        content = dict(pairs)
        if len(content) < len(pairs):
            names = [name for name, _ in pairs]
            twice.append((content, next(name for name in names if names.count(name) > 1)))
        return content

    try:
        base = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=once)
    except ValueError as error:
        raise ValueError(why(error)) from None
    rows = [key for key in base if key.isdecimal()]
    listed = [str(row) for row in base.get("ids", ())]
    for content, name in twice:
        number = next((n for n, row in enumerate(listed) if base.get(row) is content), None)
        where = "" if number is None else f"record {number} (id {listed[number]}), "
        raise ValueError(f"{where}field {name!r}: comes twice")
    if sorted(rows) != sorted(listed):
        raise ValueError(
            f"field 'ids': lists {', '.join(listed) or 'nothing'}, but the rows are "
            f"{', '.join(rows) or 'none'}"
        )
