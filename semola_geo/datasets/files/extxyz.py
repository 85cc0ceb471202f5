"""``ExtXYZ``: extended XYZ files, as ASE writes them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import TextIO

import numpy as np

from semola_geo.datasets.files._ase import atoms_record, import_ase
from semola_geo.datasets.files.dataset import FileDataset
from semola_geo.datasets.files.errors import RecordError, why
from semola_geo.datasets.files.record import Record

__all__ = ["ExtXYZ"]

_QUOTED = re.compile(r'"[^"]*"|\'[^\']*\'|\{[^}]*\}')
_KEY = re.compile(r"([^\s=]+)\s*=")
_PROPERTIES = re.compile(r'(?<!\S)Properties\s*=\s*"?([^"\s]+)"?')
_STRESS = re.compile(r'(?<!\S)stress\s*=\s*"([^"]*)"')
_SYMMETRIC = 1e-6


class ExtXYZ(FileDataset):
    r"""Extended XYZ: columns are node-level fields, keys of the comment line graph-level ones.

    Frames are parsed by ASE, one at a time. What ASE would pass over in silence is an error here:
    surplus columns, keys that come twice, a stress that is not symmetric.

    Options, attributes and errors are those of :class:`FileDataset`.

    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "mine.extxyz"
    >>> frame = '1\nProperties=species:S:1:pos:R:3 dipole="0 0 1" energy=-0.5 tag=a\nH 0 0 0\n'
    >>> _ = file.write_text(2 * frame)
    >>> data = ExtXYZ(file, "dipole")
    >>> data[1].dipole.tolist(), data.fields
    ([[0.0, 0.0, 1.0]], {'pos': 'point', 'dipole': 'vector'})
    >>> print(data.summary().split(chr(10), 1)[1])
    field   representation  shape   role      known from
    pos     point           [n, 3]  input     the format
    z       -               [n]     input     the format
    dipole  vector          [1, 3]  target    name
    tag     -               -       left out  not asked for
    energy  -               -       left out  not asked for
    """

    def _records(self) -> Iterator[Record | RecordError]:
        read = import_ase("ase.io").read
        with self.path.open(encoding="utf-8", newline=None) as file:
            for number, frame in enumerate(_frames(file, self.path)):
                try:
                    frame.check()
                    atoms = read(StringIO(frame.text()), index=0, format="extxyz")
                    yield atoms_record(atoms, number, frame.label)
                except RecordError as error:
                    yield error
                except Exception as error:  # ASE raises whatever its conversions raise.
                    yield RecordError(frame.label, None, f"ASE cannot read it: {why(error)}")


@dataclass(frozen=True)
class _Frame:
    """The text of one record."""

    label: str
    comment: str
    atoms: list[str]

    def text(self) -> str:
        return "\n".join([str(len(self.atoms)), self.comment, *self.atoms, ""])

    def check(self) -> None:
        """Find what ASE would pass over.

        Raises:
            RecordError: For no atoms, lines with too few or too many columns, keys that come
                twice, or a stress that is not symmetric.
        """
        if not self.atoms:
            raise RecordError(self.label, None, "has no atoms")
        bare = _QUOTED.sub("", self.comment)
        twice = [key for key, count in Counter(_KEY.findall(bare)).items() if count > 1]
        if twice:
            raise RecordError(self.label, twice[0], "comes twice in the comment line")
        declared = _PROPERTIES.search(self.comment)
        layout = declared[1] if declared else "species:S:1:pos:R:3"
        columns = sum(int(count) for count in layout.split(":")[2::3] if count.isdigit())
        for row, line in enumerate(self.atoms):
            found = len(line.split())
            if found != columns:
                raise RecordError(
                    self.label,
                    None,
                    f"atom {row} has {found} columns, but Properties={layout} declares {columns}",
                )
        stress = _STRESS.search(self.comment)
        if stress and len(numbers := stress[1].split()) == 9:
            matrix = np.array(numbers, dtype=float).reshape(3, 3)
            if not np.allclose(matrix, matrix.T, rtol=_SYMMETRIC, atol=_SYMMETRIC):
                raise RecordError(self.label, "stress", "is not symmetric")


def _frames(file: TextIO, path: Path) -> Iterator[_Frame]:
    """Cut the file into frames.

    Raises:
        ValueError: Where no frame begins, or one ends too early: it is not known how to go on.
    """
    lines = _lines(file, path)
    number = 0
    for line, header in lines:
        if not header.strip():
            continue
        if not header.strip().isdecimal():
            raise ValueError(
                f"{path}, line {line}: expected the number of atoms of record {number}, got "
                f"{header.strip()[:60]!r}; the record before may have another number of lines "
                "than it says"
            )
        count = int(header)
        body = [text.rstrip("\n") for _, text in islice(lines, count + 1)]
        if len(body) < count + 1:
            raise ValueError(
                f"{path}, record {number} (line {line}): the file ends after {len(body)} of "
                f"{count + 1} lines; it is truncated"
            )
        yield _Frame(f"record {number} (line {line})", body[0], body[1:])
        number += 1


def _lines(file: TextIO, path: Path) -> Iterator[tuple[int, str]]:
    try:
        yield from enumerate(file, start=1)
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no text file in UTF-8: {error.reason}") from None
