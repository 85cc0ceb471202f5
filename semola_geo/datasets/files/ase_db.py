"""``ASEDatabase``: data bases of ASE."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from semola_geo.datasets.files._ase import atoms_record, import_ase
from semola_geo.datasets.files.dataset import FileDataset
from semola_geo.datasets.files.errors import RecordError, why
from semola_geo.datasets.files.record import Record, Value, as_value

__all__ = ["ASEDatabase"]

_SQLITE = b"SQLite format 3\0"


class ASEDatabase(FileDataset):
    """A data base of ASE in SQLite (``.db``) or JSON (``.json``).

    Results of calculators, ``key_value_pairs`` (graph-level) and ``data`` are fields. An array in
    ``data`` with as many rows as atoms may be node-level: ``levels`` says so where neither its
    name nor its declared representation does. ``unique_id``, dates and calculator names are not
    read. Records are numbered from 0, in the order of their row ids.

    Options, attributes and errors are those of :class:`FileDataset`.

    >>> import ase, ase.db, tempfile
    >>> file = Path(tempfile.mkdtemp()) / "mine.db"
    >>> with ase.db.connect(file) as base:
    ...     _ = base.write(ase.Atoms("HF", [[0, 0, 0], [0, 0, 1]]), gap=0.5)
    >>> data = ASEDatabase(file, "gap")
    >>> data[0].gap, data[0].pos.shape, data.fields
    (tensor([0.5000]), torch.Size([2, 3]), {'pos': 'point', 'gap': 'scalar'})
    """

    def _records(self) -> Iterator[Record | RecordError]:
        database = import_ase("ase.db")
        try:
            base = database.connect(self.path, type=_kind(self.path), use_lock_file=False)
            for number, row in enumerate(base.select()):
                try:
                    yield _row_record(row, number)
                except RecordError as error:
                    yield error
                except Exception as error:  # ASE decodes rows only when they are asked for.
                    yield RecordError(f"record {number}", None, f"ASE cannot read it: {why(error)}")
        except Exception as error:  # Of SQLite, of JSON, or of ASE itself.
            raise ValueError(
                f"{self.path} cannot be read as a data base of ASE: {why(error)}"
            ) from None


def _kind(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(len(_SQLITE))
    if head == _SQLITE:
        # ASE would create its tables in a file that has none.
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as base:
            query = "SELECT 1 FROM sqlite_master WHERE name = 'systems'"
            if base.execute(query).fetchone() is None:
                raise ValueError("it has no table of systems")
        return "db"
    if head.lstrip()[:1] == b"{":
        return "json"
    raise ValueError("it is neither SQLite nor JSON")


def _row_record(row: Any, number: int) -> Record:
    label = f"record {number} (id {row.id})"
    record = atoms_record(row.toatoms(), number, label)
    values: dict[str, Value] = {}
    for name, content in row.key_value_pairs.items():
        values[name] = as_value(content)
    for name, content in row.data.items():
        if name in values:
            raise RecordError(label, name, "stands for two fields; rename one of them in the file")
        value = as_value(content, None)
        rows = value.array.shape[:1]
        values[name] = Value(value.array, None if rows == (len(record.pos),) else "graph")
    for name in values:
        if name in record.values:
            raise RecordError(label, name, "stands for two fields; rename one of them in the file")
    return Record(label, number, record.pos, {**record.values, **values}, record.z)
