"""``ExtXYZ``: extended XYZ files, as ASE writes them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import StringIO
from itertools import islice
from pathlib import Path

from semola_geo.datasets.files._ase import atoms_record, import_ase
from semola_geo.datasets.files._xyz_frame import Frame
from semola_geo.datasets.files.dataset import FileDataset
from semola_geo.datasets.files.errors import RecordError
from semola_geo.datasets.files.record import Record
from semola_geo.datasets.files.text import text_lines

__all__ = ["ExtXYZ"]


class ExtXYZ(FileDataset):
    r"""Extended XYZ: columns are node-level fields, keys of the comment line graph-level ones.

    Frames are parsed by ASE, one at a time. What ASE would pass over in silence is an error here:
    surplus columns, missing positions, keys that come twice or are hidden by an open quote or
    bracket, elements that ``species`` and ``Z`` name differently, logical columns of numbers, a
    stress that is not symmetric. Numbers with a decimal comma are text.

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
        for number, frame in enumerate(_frames(self.path)):
            try:
                frame.check()
                try:
                    atoms = read(StringIO(frame.text()), index=0, format="extxyz")
                except Exception as error:  # ASE raises whatever its conversions raise.
                    raise frame.blame(error) from None
                record = atoms_record(atoms, number, frame.label, frame.columns)
                frame.doubt(record)
                yield record
            except RecordError as error:
                yield error


def _frames(path: Path) -> Iterator[Frame]:
    """Cut the file into frames.

    Raises:
        ValueError: Where no frame begins, or one ends too early: it is not known how to go on.
    """
    lines = enumerate(text_lines(path), start=1)
    number = 0
    for line, header in lines:
        text = header.strip()
        if not text:
            continue
        if not (text.isascii() and text.isdecimal()):
            raise ValueError(
                f"{path}, line {line}: expected the number of atoms of record {number}, got "
                f"{text[:60]!r}; the record before may have another number of lines than it says"
            )
        count = int(text)
        body = [text.rstrip("\n") for _, text in islice(lines, min(count, sys.maxsize - 1) + 1)]
        if len(body) < count + 1:
            raise ValueError(
                f"{path}, record {number} (line {line}): the file ends after {len(body)} of "
                f"{count + 1} lines; it is truncated"
            )
        yield Frame(f"record {number} (line {line})", body[0], body[1:])
        number += 1
