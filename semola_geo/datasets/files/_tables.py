"""Tables in Parquet and HDF5, some thousand rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from semola_geo.datasets.files.errors import why
from semola_geo.datasets.files.extras import import_extra

__all__ = ["Chunk", "table_chunks"]

Chunk = Mapping[str, np.ndarray[Any, Any]]
"""Name of a column → its values in these rows."""

_PARQUET, _HDF5 = b"PAR1", b"\x89HDF\r\n\x1a\n"


def table_chunks(path: Path, rows: int) -> Iterator[Chunk]:
    """Stream a table.

    Args:
        path: A Parquet file, or an HDF5 file that pandas wrote with ``format="table"``.
        rows: Most rows of a chunk.

    Raises:
        ValueError: If the file is neither, or damaged.
        ImportError: If the library that reads it is not installed; says how to install it.

    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "mine.h5"
    >>> _ = file.write_text("E_0,PX_0")
    >>> next(table_chunks(file, 8))
    Traceback (most recent call last):
    ValueError: ...mine.h5 is neither Parquet nor HDF5
    """
    with path.open("rb") as file:
        head = file.read(len(_HDF5))
    if head.startswith(_PARQUET):
        chunks = _parquet(import_extra("pyarrow.parquet", "pyarrow", "jets"), path, rows)
    elif head == _HDF5:
        import_extra("tables", "tables", "jets")
        chunks = _hdf5(import_extra("pandas", "pandas", "jets"), path, rows)
    else:
        raise ValueError(f"{path} is neither Parquet nor HDF5")
    try:
        yield from chunks
    except ValueError as error:
        if str(error).startswith(str(path)):
            raise
        raise ValueError(f"{path} cannot be read: {why(error)}") from None
    except Exception as error:  # Each library has classes of its own.
        raise ValueError(f"{path} cannot be read: {why(error)}") from None


def _parquet(library: Any, path: Path, rows: int) -> Iterator[Chunk]:
    with library.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=rows):
            names = batch.schema.names
            _check_names(names, path)
            yield {
                name: batch.column(place).to_numpy(zero_copy_only=False)
                for place, name in enumerate(names)
            }


def _hdf5(pandas: Any, path: Path, rows: int) -> Iterator[Chunk]:
    with pandas.HDFStore(path, mode="r") as store:
        # pandas counts the root as a table of its own where it wrote one below, and keeps the
        # categories of a table below that.
        found = [key for key in store if key != "/"]
        keys = [key for key in found if key.split("/meta/")[0] not in {*found} - {key}]
        if len(keys) != 1:
            raise ValueError(
                f"{path} holds {len(keys)} tables ({', '.join(keys) or 'none of pandas'}); save "
                "one, with DataFrame.to_hdf(path, key='table', format='table')"
            )
        storer = store.get_storer(keys[0])
        if not storer.is_table:
            raise ValueError(
                f"{path} is in the fixed format of pandas, which cannot be read in parts; save it "
                "with DataFrame.to_hdf(path, key='table', format='table')"
            )
        for start in range(0, int(storer.nrows), rows):
            frame = store.select(keys[0], start=start, stop=start + rows)
            names = [str(name) for name in frame.columns]
            _check_names(names, path)
            yield {name: frame.iloc[:, place].to_numpy() for place, name in enumerate(names)}


def _check_names(names: list[str], path: Path) -> None:
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ValueError(f"{path}, column {twice[0]!r}: comes twice; rename one")
