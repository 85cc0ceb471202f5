"""What is wrong with a record of an SDF file, where RDKit would pass over it or not say so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from rdkit import Chem

from semola_geo.datasets.files.errors import RecordError

__all__ = ["check_block", "data_items", "split_block"]

_HEADER = re.compile(r">.*?<([^<>]+)>")
_END = "M  END"
_COUNTS, _WIDTH = 3, 10  # The line of counts, and columns of a coordinate, of a V2000 block.


def split_block(label: str, text: str) -> tuple[list[str], list[str]]:
    """Return the lines of a record up to ``M  END``, and those behind it.

    Raises:
        RecordError: If there is no such line, or a second one.
    """
    # Not splitlines(), which also ends lines at characters that a title may hold.
    lines = text.split("\n")
    ends = [number for number, line in enumerate(lines) if line.startswith(_END)]
    if not ends:
        raise RecordError(label, None, f"has no line {_END!r}, which ends a molecule")
    if len(ends) > 1:
        raise RecordError(
            label, None, f"has {len(ends)} lines {_END!r}: $$$$ is missing between two molecules"
        )
    return lines[: ends[0]], lines[ends[0] + 1 :]


def check_block(label: str, lines: Sequence[str]) -> None:
    """Check counts, coordinates and elements of a molecule.

    RDKit reads what is no coordinate as 0.

    Args:
        label: How messages name the record.
        lines: Those before ``M  END``.

    Raises:
        RecordError: If there are other numbers of atoms or bonds than the line of counts says, a
            coordinate is no number, or an element is unknown.
    """
    counts = lines[_COUNTS] if len(lines) > _COUNTS else ""
    if "V3000" in counts:
        _check_v3000(label, lines)
        return
    try:
        atoms, bonds = int(counts[:3]), int(counts[3:6])
    except ValueError:
        atoms = bonds = -1
    if min(atoms, bonds) < 0:
        raise RecordError(
            label, None, f"needs the numbers of atoms and bonds on its fourth line, got {counts!r}"
        )
    if atoms == 0:
        raise RecordError(label, None, "has no atoms")
    body = lines[_COUNTS + 1 :]
    if len(body) < atoms + bonds:
        raise RecordError(
            label,
            None,
            f"counts {atoms} atoms and {bonds} bonds, but has {len(body)} lines for them",
        )
    for row, line in enumerate(body[:atoms]):
        _check_position(label, row, [line[_WIDTH * i :][:_WIDTH].strip() for i in range(3)])
        _check_element(label, row, line[3 * _WIDTH :][:4].strip())
    for row, line in enumerate(body[atoms : atoms + bonds]):
        ends = [line[:3].strip(), line[3:6].strip()]
        if not all(end.isdecimal() and 1 <= int(end) <= atoms for end in ends):
            raise RecordError(
                label, None, f"bond {row} joins no two of {atoms} atoms: {line.rstrip()!r}"
            )
    if len(body) > atoms + bonds and body[atoms + bonds][:1].strip() not in tuple("MAVGS"):
        raise RecordError(
            label,
            None,
            f"counts {atoms} atoms and {bonds} bonds, but {body[atoms + bonds].rstrip()!r} comes "
            "behind them",
        )


def data_items(label: str, lines: Sequence[str]) -> dict[str, str]:
    r"""Return the properties of a record, name → text.

    Args:
        label: How messages name the record.
        lines: Those behind ``M  END``.

    Raises:
        RecordError: If a name is missing or comes twice, or a line belongs to no property.

    >>> data_items("record 0", ["> <gap>", "1.5", "", ">  <dipole>  (1)", "0 0", "1", ""])
    {'gap': '1.5', 'dipole': '0 0\n1'}
    """
    items: dict[str, list[str]] = {}
    name: str | None = None
    for line in lines:
        header = _HEADER.match(line)
        if name is not None and not line.strip():
            name = None
        elif name is not None and header:
            raise RecordError(label, header[1], f"needs a blank line before it, behind {name!r}")
        elif name is not None:
            items[name].append(line)
        elif header:
            name = header[1]
            if name in items:
                raise RecordError(label, name, "comes twice")
            items[name] = []
        elif line.strip():
            last = next(reversed(items), None)
            raise RecordError(
                label,
                last,
                f"the line {line.strip()[:40]!r} belongs to no property; one begins with > <NAME> "
                "and ends at the first blank line",
            )
    return {name: "\n".join(texts) for name, texts in items.items()}


def _check_v3000(label: str, lines: Sequence[str]) -> None:
    inside, row = False, 0
    for line in lines:
        parts = line.split()
        if parts[2:4] == ["BEGIN", "ATOM"] or parts[2:4] == ["END", "ATOM"]:
            inside = parts[2] == "BEGIN"
        elif inside:
            _check_position(label, row, parts[4:7])
            _check_element(label, row, parts[3])
            row += 1
    if row == 0:
        raise RecordError(label, None, "has no atoms")


def _check_position(label: str, row: int, texts: Sequence[str]) -> None:
    try:
        if len([float(text) for text in texts]) == 3:
            return
    except ValueError:
        pass
    raise RecordError(
        label, "pos", f"atom {row} has no three coordinates but {' '.join(texts).strip()!r}"
    )


def _check_element(label: str, row: int, symbol: str) -> None:
    if symbol not in _elements():
        raise RecordError(label, "z", f"atom {row} is {symbol!r}, which is no element")


@cache
def _elements() -> frozenset[str]:
    table = Chem.GetPeriodicTable()
    return frozenset({table.GetElementSymbol(number) for number in range(1, 119)} | {"D", "T"})
