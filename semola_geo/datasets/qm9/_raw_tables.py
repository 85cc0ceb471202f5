"""Whether the tables beside the molecules of QM9 are whole, before PyTorch Geometric reads them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from semola_geo.datasets.files.errors import RecordError, existing_file
from semola_geo.datasets.files.text import text_lines
from semola_geo.datasets.qm9._limits import read_number

__all__ = ["check_left_out", "check_scalars"]

_COLUMNS = (
    *("mol_id", "A", "B", "C", "mu", "alpha", "homo", "lumo", "gap", "r2", "zpve"),
    *("u0", "u298", "h298", "g298", "cv", "u0_atom", "u298_atom", "h298_atom", "g298_atom"),
)
# Lines above and below the list of molecules that PyTorch Geometric passes over, unread; behind
# the end of the last line is an empty one.
_HEADER, _FOOTER = 9, 2
_DIGITS = 10


def check_scalars(path: str | Path, molecules: int) -> None:
    """Refuse a table of properties that PyTorch Geometric would read wrongly or not at all.

    Args:
        path: ``gdb9.sdf.csv``: a line of names, then one for each molecule.
        molecules: Number of molecules.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the table is anything else; names file, line and column.
    """
    file = existing_file(path)
    rows = 0
    for number, line in _ended_lines(file):
        cells = line.rstrip("\n").split(",")
        label = f"line {number}"
        try:
            if number == 1:
                _check_names(label, cells)
                continue
            rows += 1
            if len(cells) != len(_COLUMNS):
                raise RecordError(label, None, f"needs {len(_COLUMNS)} columns, got {len(cells)}")
            if cells[0] != f"gdb_{rows}":
                raise RecordError(label, "mol_id", f"expected gdb_{rows}, got {cells[0][:40]!r}")
            for name, text in zip(_COLUMNS[1:], cells[1:], strict=True):
                read_number(label, name, text)
        except RecordError as error:
            raise ValueError(f"{file}, {error}") from None
    if rows != molecules:
        raise ValueError(
            f"{file} has properties of {rows} molecules, but gdb9.sdf has {molecules} molecules; "
            "fetch both again"
        )


def check_left_out(path: str | Path, molecules: int) -> None:
    """Refuse a list of molecules to leave out that PyTorch Geometric would read wrongly.

    It passes over nine lines above the list and one line below it, whatever they hold.

    Args:
        path: ``uncharacterized.txt``: on each line the number of a molecule, from 1, first.
        molecules: Number of molecules.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the list is anything else; names file and line.
    """
    file = existing_file(path)
    # As PyTorch Geometric cuts it: the last piece is empty where the last line is ended.
    pieces = "".join(text_lines(file)).split("\n")
    listed = pieces[_HEADER:-_FOOTER]
    if not listed:
        raise ValueError(
            f"{file} needs {_HEADER} lines, the list of molecules to leave out and a line, got "
            f"{len(pieces)} lines; fetch it again"
        )
    seen: dict[int, int] = {}
    for number, line in enumerate(listed, start=_HEADER + 1):
        index = _number((line.split() or [""])[0])
        if index < 0:
            raise ValueError(
                f"{file}, line {number}: expected the number of a molecule first, got "
                f"{line.strip()[:40]!r}; fetch it again"
            )
        if not 1 <= index <= molecules:
            raise ValueError(
                f"{file}, line {number}: molecule {index} is not among the {molecules} molecules "
                "of gdb9.sdf, which are counted from 1"
            )
        if index in seen:
            raise ValueError(f"{file}, line {number}: molecule {index} is on line {seen[index]}")
        seen[index] = number
    # The list ascends: a line beside it that would go on with it belongs to it.
    first, last, width = min(seen), max(seen), len(listed[0].split())
    above = dict.fromkeys(range(_HEADER), range(1, first))
    below = dict.fromkeys(range(len(pieces) - _FOOTER, len(pieces)), range(last + 1, molecules + 1))
    for place, expected in (above | below).items():
        words = pieces[place].split()
        if len(words) == width and _number(words[0]) in expected:
            raise ValueError(
                f"{file}, line {place + 1}: {pieces[place].strip()[:40]!r} would be passed over: "
                f"the list has {_HEADER} lines above it and one below it; fetch it again"
            )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < _DIGITS else -1


def _check_names(label: str, names: list[str]) -> None:
    if len(names) != len(_COLUMNS):
        raise RecordError(
            label, None, f"needs {len(_COLUMNS)} columns ({', '.join(_COLUMNS)}), got {len(names)}"
        )
    for place, (name, expected) in enumerate(zip(names, _COLUMNS, strict=True), start=1):
        if name.strip() != expected:
            raise RecordError(
                label, expected, f"expected as column {place}, got {name.strip()[:40]!r}"
            )


def _ended_lines(file: Path) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text_lines(file), start=1):
        if not line.endswith("\n"):
            raise ValueError(
                f"{file}, line {number}: {line[-40:]!r} is not ended, so that the file may be cut "
                "off, and PyTorch Geometric would pass over it; end the line if it is whole, or "
                "fetch the file again"
            )
        yield number, line
