"""Arrays of an ``.npz`` archive, one at a time, with damage told by file and array."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from semola_geo.datasets.files.errors import why

__all__ = ["open_archive", "read_array"]


@contextmanager
def open_archive(path: Path) -> Iterator[Any]:
    """Open an archive of arrays; no array is read before :func:`read_array` asks for it.

    Raises:
        ValueError: If it is no archive, damaged, or holds a name twice; names the file.
    """
    if not zipfile.is_zipfile(path):
        raise ValueError(
            f"{path} is no .npz archive; write one with numpy.savez_compressed, or "
            "fetch the file again if it was cut off"
        )
    try:
        with np.load(path, allow_pickle=False) as archive:
            twice = [name for name in archive.files if archive.files.count(name) > 1]
            if twice:
                raise ValueError(f"{path}, field {twice[0]!r}: is in the archive twice")
            yield archive
    # RuntimeError: passwords, and compression that Python does not know.
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise ValueError(f"{path} is damaged: {why(error)}") from None


def read_array(archive: Any, name: str, path: Path) -> np.ndarray[Any, Any]:
    """Return an array of an open archive.

    Raises:
        ValueError: If it holds Python objects, which are never unpickled, is no array, or is larger
            than the file or the memory; names file and array.
    """
    try:
        array = archive[name]
    except ValueError as error:
        if "allow_pickle" in str(error):
            raise ValueError(
                f"{path}, field {name!r}: is an array of Python objects, which could run any code "
                "when it is read; store plain numbers"
            ) from None
        raise ValueError(f"{path}, field {name!r}: cannot be read: {why(error)}") from None
    except (MemoryError, OverflowError) as error:
        raise ValueError(
            f"{path}, field {name!r}: says that it is larger than the memory: {why(error)}"
        ) from None
    # NumPy hands out the bytes of everything that it does not know.
    if not isinstance(array, np.ndarray) or not name:
        raise ValueError(
            f"{path}, field {name!r}: is no array with a name; write the archive with "
            "numpy.savez_compressed"
        )
    return array
