"""``NPZ``: arrays of NumPy, all graphs of one size."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from semola_geo.datasets.files.dataset import FileDataset
from semola_geo.datasets.files.errors import RecordError, why
from semola_geo.datasets.files.record import Record, Value

__all__ = ["NPZ"]


class NPZ(FileDataset):
    """An ``.npz`` archive with ``pos`` [N, n, d], any d, and further arrays [N, ...].

    ``z`` is [n] or [N, n]. An array [N, n, ...] may be node- or graph-level: where neither its
    name nor its declared representation decides, ``levels`` has to. Arrays of objects are refused,
    because unpickling them could run any code.

    Options, attributes and errors are those of :class:`FileDataset`.

    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "mine.npz"
    >>> np.savez(file, pos=np.zeros((4, 5, 2)), velocities=np.ones((4, 5, 2)), torque=np.ones(4))
    >>> data = NPZ(file, "torque", inputs="velocities")
    >>> data[0].velocities.shape, data[0].torque.shape, data.targets
    (torch.Size([5, 2]), torch.Size([1]), ('torque',))
    """

    def _records(self) -> Iterator[Record | RecordError]:
        arrays = _load(self.path)
        pos, z = arrays.pop("pos"), arrays.pop("z", None)
        nodes = pos.shape[1]
        if z is not None and z.ndim == 1:
            z = np.broadcast_to(z, (len(pos), len(z)))
        for number in range(len(pos)):
            values = {}
            for name, array in arrays.items():
                content = array[number]
                level = None if content.shape[:1] == (nodes,) else "graph"
                values[name] = Value(np.asarray(content), level)  # type: ignore[arg-type]
            species = None if z is None else z[number]
            yield Record(f"record {number}", number, pos[number], values, species)


def _load(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    if not zipfile.is_zipfile(path):
        raise ValueError(f"{path} is no .npz archive; write one with numpy.savez_compressed")
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    try:
        with np.load(path, allow_pickle=False) as archive:
            twice = [name for name in archive.files if archive.files.count(name) > 1]
            if twice:
                raise ValueError(f"{path}, field {twice[0]!r}: is in the archive twice")
            for name in archive.files:
                arrays[name] = _read(archive, name, path)
    # RuntimeError: passwords, and compression that Python does not know.
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise ValueError(f"{path} is damaged: {why(error)}") from None
    pos = _positions(arrays, path)
    for name, array in arrays.items():
        if name == "z" and array.dtype.kind not in "iu":
            raise ValueError(f"{path}, field 'z': atomic numbers are integers, got {array.dtype}")
        if name == "z" and array.shape in ((pos.shape[1],), pos.shape[:2]):
            continue
        if array.shape[:1] != pos.shape[:1]:
            raise ValueError(
                f"{path}, field {name!r}: has shape {list(array.shape)}, but pos has "
                f"{len(pos)} graphs of {pos.shape[1]} nodes; every array needs one entry per graph"
            )
    return arrays


def _read(archive: Any, name: str, path: Path) -> np.ndarray[Any, Any]:
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


def _positions(arrays: dict[str, np.ndarray[Any, Any]], path: Path) -> np.ndarray[Any, Any]:
    if "pos" not in arrays:
        present = ", ".join(arrays) or "nothing"
        raise ValueError(f"{path} has no array 'pos' [N, n, d]; it has {present}")
    pos = arrays["pos"]
    if pos.ndim != 3 or pos.shape[2] == 0:
        raise ValueError(f"{path}, field 'pos': needs shape [N, n, d], got {list(pos.shape)}")
    if pos.dtype.kind not in "fiu":
        raise ValueError(f"{path}, field 'pos': needs numbers, got {pos.dtype}")
    return pos
