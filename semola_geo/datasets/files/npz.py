"""``NPZ``: arrays of NumPy, all graphs of one size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from semola_geo.datasets.files._archive import open_archive, read_array
from semola_geo.datasets.files.dataset import FileDataset
from semola_geo.datasets.files.errors import RecordError
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
    with open_archive(path) as archive:
        arrays = {name: read_array(archive, name, path) for name in archive.files}
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
