"""``ASEDatabase``: data bases of ASE."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from semola_geo.datasets.files._ase import atoms_record, import_ase
from semola_geo.datasets.files._ase_base import base_kind
from semola_geo.datasets.files.dataset import FileDataset
from semola_geo.datasets.files.errors import RecordError, why
from semola_geo.datasets.files.record import Record, Value, as_value

__all__ = ["ASEDatabase"]


class ASEDatabase(FileDataset):
    """A data base of ASE in SQLite (``.db``) or JSON (``.json``).

    Results of calculators, ``key_value_pairs`` (graph-level) and ``data`` are fields. An array in
    ``data`` with as many rows as atoms may be node-level: ``levels`` says so where neither its
    name nor its declared representation does. ``unique_id``, dates and calculator names are not
    read. Records are numbered from 0, in the order of their row ids.

    Options, attributes and errors are those of :class:`FileDataset`.

    >>> import ase, ase.db, tempfile
    >>> from pathlib import Path
    >>> file = Path(tempfile.mkdtemp()) / "mine.db"
    >>> with ase.db.connect(file) as base:
    ...     _ = base.write(ase.Atoms("HF", [[0, 0, 0], [0, 0, 1]]), gap=0.5)
    >>> data = ASEDatabase(file, "gap")
    >>> data[0].gap, data[0].pos.shape, data.fields
    (tensor([0.5000]), torch.Size([2, 3]), {'pos': 'point', 'gap': 'scalar'})
    """

    def _records(self) -> Iterator[Record | RecordError]:
        database = import_ase("ase.db")
        number = -1
        try:
            kind = base_kind(self.path)
            base = database.connect(self.path, type=kind, use_lock_file=False)
            rows = base.select()
            for number, row in enumerate(rows):
                try:
                    yield _row_record(row, number)
                except RecordError as error:
                    yield error
                except Exception as error:  # ASE decodes rows only when they are asked for.
                    yield RecordError(
                        f"record {number} (id {row.id})", None, f"ASE cannot read it: {why(error)}"
                    )
        except Exception as error:  # Of SQLite, of JSON, or of ASE itself.
            where = f", record {number + 1}" if number >= 0 else ""
            raise ValueError(
                f"{self.path}{where} cannot be read as a data base of ASE: {_words(error)}"
            ) from None


def _words(error: Exception) -> str:
    return str(error) if type(error) is ValueError else why(error)


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
