"""Tables in Parquet and HDF5, some thousand rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from semola_geo.datasets.files._hdf5_objects import check_plain
from semola_geo.datasets.files.errors import why
from semola_geo.datasets.files.extras import import_extra

__all__ = ["Chunk", "table_chunks", "table_rows"]

Chunk = Mapping[str, np.ndarray[Any, Any]]
"""Name of a column → its values in these rows."""

_PARQUET, _HDF5 = b"PAR1", b"\x89HDF\r\n\x1a\n"


def table_chunks(path: Path, rows: int) -> Iterator[Chunk]:
    """Stream a table. The content of the file decides how it is read, not its name.

    Args:
        path: A Parquet file, or an HDF5 file that pandas wrote with ``format="table"``.
        rows: Most rows of a chunk.

    Raises:
        ValueError: If the file is neither, damaged, or could run code when it is read.
        ImportError: If the library that reads it is not installed; says how to install it.

    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "mine.h5"
    >>> _ = file.write_text("E_0,PX_0")
    >>> next(table_chunks(file, 8))
    Traceback (most recent call last):
    ValueError: ...mine.h5 is neither Parquet nor HDF5
    """
    with _table(path) as table:
        yield from table.chunks(rows)


def table_rows(path: Path) -> int:
    """Return the number of rows of a table, without reading them.

    Args:
        path: As in :func:`table_chunks`, whose errors these are.
    """
    with _table(path) as table:
        return table.rows()


class _Parquet:
    """A Parquet file that is open."""

    def __init__(self, file: Any, path: Path) -> None:
        self._file, self._path = file, path

    def rows(self) -> int:
        return int(self._file.metadata.num_rows)

    def chunks(self, rows: int) -> Iterator[Chunk]:
        # Before any batch, because an empty table has none.
        _check_names(self._file.schema_arrow.names, self._path)
        for batch in self._file.iter_batches(batch_size=rows):
            yield {
                name: batch.column(place).to_numpy(zero_copy_only=False)
                for place, name in enumerate(batch.schema.names)
            }


class _HDF:
    """The one table of an HDF5 file of pandas that is open."""

    def __init__(self, store: Any, path: Path) -> None:
        self._store, self._path = store, path
        # pandas counts the root as a table of its own where it wrote one below, and keeps the
        # categories of a table below that.
        found = [key for key in store if key != "/"]
        keys = [key for key in found if key.split("/meta/")[0] not in {*found} - {key}]
        if len(keys) != 1:
            raise ValueError(
                f"{path} holds {len(keys)} tables ({', '.join(keys) or 'none of pandas'}); save "
                "one, with DataFrame.to_hdf(path, key='table', format='table')"
            )
        self._key, self._storer = keys[0], store.get_storer(keys[0])
        if not self._storer.is_table:
            raise ValueError(
                f"{path} is in the fixed format of pandas, which cannot be read in parts; save it "
                "with DataFrame.to_hdf(path, key='table', format='table')"
            )
        if self._storer.pandas_type != "frame_table":
            raise ValueError(
                f"{path} holds no frame but a {self._storer.pandas_type}; save a DataFrame with "
                "all columns"
            )

    def rows(self) -> int:
        return int(self._storer.nrows)

    def chunks(self, rows: int) -> Iterator[Chunk]:
        for start in range(0, self.rows(), rows):
            frame = self._store.select(self._key, start=start, stop=start + rows)
            names = [str(name) for name in frame.columns]
            _check_names(names, self._path)
            yield {name: frame.iloc[:, place].to_numpy() for place, name in enumerate(names)}


@contextmanager
def _table(path: Path) -> Iterator[_Parquet | _HDF]:
    with path.open("rb") as file:
        head = file.read(len(_HDF5))
    if head.startswith(_PARQUET):
        parquet = import_extra("pyarrow.parquet", "pyarrow", "jets")
        with _told(path), parquet.ParquetFile(path) as opened:
            yield _Parquet(opened, path)
    elif head == _HDF5:
        tables = import_extra("tables", "tables", "jets")
        pandas = import_extra("pandas", "pandas", "jets")
        with _told(path):
            check_plain(tables, path)
            with pandas.HDFStore(path, mode="r") as store:
                yield _HDF(store, path)
    else:
        raise ValueError(f"{path} is neither Parquet nor HDF5")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Tell what a library says of a file that it cannot read."""
    try:
        yield
    except ValueError as error:
        if str(error).startswith(str(path)):
            raise
        raise ValueError(f"{path} cannot be read: {why(error)}") from None
    except Exception as error:  # Each library has classes of its own.
        raise ValueError(f"{path} cannot be read: {why(error)}") from None


def _check_names(names: list[str], path: Path) -> None:
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ValueError(f"{path}, column {twice[0]!r}: comes twice; rename one")
