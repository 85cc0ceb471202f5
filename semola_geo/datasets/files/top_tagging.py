"""``TopTagging``: jets as four-momenta, in the layout of the public top-tagging data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from semola_geo.datasets.files._tables import Chunk, table_chunks
from semola_geo.datasets.files.dataset import FileDataset
from semola_geo.datasets.files.errors import RecordError
from semola_geo.datasets.files.record import Record, Value

__all__ = ["TopTagging"]

_ENERGY = re.compile(r"E_(\d+)")
_COMPONENTS = ("E", "PX", "PY", "PZ")
_LABEL = "is_signal_new"
_ROWS = 4096  # Of 800 columns: 26 MB.


class TopTagging(FileDataset):
    """Jets of a Parquet or HDF5 file with columns ``E_0, PX_0, PY_0, PZ_0, E_1, …, is_signal_new``.

    Every ``Data`` holds ``pos`` [n, 4], the four-momenta (E, p) in GeV of the jet's n constituents
    (``pos`` is where networks look for coordinates; it moves as a vector), and the targets; the
    zeros that fill the columns up to 200 constituents are left away. ``is_signal_new`` [1] is 1 for
    a top quark and 0 for a light quark or gluon. Columns of other names are graph-level fields.

    Files are read a few thousand rows at a time: only the constituents of the jets have to fit in
    memory. HDF5 files are those that pandas writes with ``format="table"``, as the public ones are.
    They may hold pickled attributes, which can run any code: open those only whose source you
    trust, or convert them to Parquet. The public data come as three files, one for each split.

    Args:
        path: The file.
        targets: As in :class:`FileDataset`.
        leading: So many constituents of the largest transverse momentum, in the order of the file;
            ``None``: all of them.
        options: Further options of :class:`FileDataset`, whose attributes and errors these are.

    Raises:
        ValueError: Beside those of :class:`FileDataset`: for columns that are missing, a jet
            without constituents or with zeros between them, an energy that is not positive, or a
            label other than 0 and 1.
        ImportError: Without pyarrow (Parquet) or pandas and PyTables (HDF5), of the extra ``jets``.

    Source: Kasieczka et al., SciPost Phys. 7, 014 (2019), arXiv 1902.09914.

    >>> TopTagging.UNITS
    {'pos': 'GeV'}
    >>> TopTagging("nowhere.parquet", leading=0)
    Traceback (most recent call last):
    ValueError: leading counts constituents, at least 1, or None; got 0
    """

    UNITS: ClassVar[dict[str, str]] = {"pos": "GeV"}

    def __init__(
        self,
        path: str | Path,
        targets: str | Sequence[str] | None = _LABEL,
        *,
        leading: int | None = None,
        fields: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        if leading is not None and (not isinstance(leading, int) or leading < 1):
            raise ValueError(f"leading counts constituents, at least 1, or None; got {leading!r}")
        self._leading = leading
        declared = {"pos": "vector", **fields} if isinstance(fields, Mapping) else fields
        super().__init__(path, targets, fields=declared or {"pos": "vector"}, **options)

    def _records(self) -> Iterator[Record | RecordError]:
        number = 0
        for chunk in table_chunks(self.path, _ROWS):
            momenta, others = _momenta(chunk, self.path)
            for row, constituents in enumerate(momenta):
                label = f"record {number}"
                try:
                    pos = self._constituents(label, constituents)
                    values = {name: Value(np.asarray(c[row])) for name, c in others.items()}
                    _check_label(label, values)
                    yield Record(label, number, pos, values)
                except RecordError as error:
                    yield error
                number += 1

    def _constituents(self, label: str, momenta: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Return the four-momenta of a jet without what fills up its row."""
        real = (momenta != 0).any(1)
        count = int(real.sum())
        if count == 0:
            raise RecordError(label, "E_0", "is a jet without constituents: all momenta are zero")
        if not real[:count].all():
            raise RecordError(
                label,
                f"E_{int(real.argmin())}",
                "is a constituent of zeros before others; zeros may only fill up the row",
            )
        pos = momenta[:count]
        if (pos[:, 0] <= 0).any():
            wrong = int((pos[:, 0] <= 0).argmax())
            raise RecordError(
                label, f"E_{wrong}", f"is {pos[wrong, 0]:g}, but energies are positive"
            )
        # NaN is told by what follows, as for every field; here it would come last, and be cut off.
        if self._leading is None or count <= self._leading or np.isnan(pos).any():
            return pos
        transverse = np.hypot(pos[:, 1], pos[:, 2])
        largest: np.ndarray[Any, Any] = np.argsort(-transverse, kind="stable")[: self._leading]
        kept: np.ndarray[Any, Any] = pos[np.sort(largest)]
        return kept


def _momenta(chunk: Chunk, path: Path) -> tuple[np.ndarray[Any, Any], Chunk]:
    """Return four-momenta ``[rows, constituents, 4]``, and the other columns."""
    numbers = sorted(int(found[1]) for name in chunk if (found := _ENERGY.fullmatch(name)))
    names = [f"{part}_{i}" for i in range(len(numbers) or 1) for part in _COMPONENTS]
    missing = [name for name in names if name not in chunk]
    if missing:
        raise ValueError(
            f"{path}: there is no column {missing[0]!r}; every constituent i = 0, 1, … has "
            "columns E_i, PX_i, PY_i and PZ_i"
        )
    for name in names:
        if chunk[name].dtype.kind not in "fiu":
            raise ValueError(f"{path}, column {name!r}: needs numbers, got {chunk[name].dtype}")
    stacked = np.stack([chunk[name] for name in names], 1, dtype=np.float64, casting="unsafe")
    taken = set(names)
    extra = [n for n in chunk if n not in taken and re.fullmatch(r"(E|PX|PY|PZ)_\d+", n)]
    if extra:
        raise ValueError(
            f"{path}: column {extra[0]!r} belongs to no constituent, because "
            f"E_{len(numbers)} is missing"
        )
    others = {name: column for name, column in chunk.items() if name not in taken}
    return stacked.reshape(len(stacked), -1, 4), others


def _check_label(label: str, values: Mapping[str, Value]) -> None:
    if _LABEL in values and values[_LABEL].array not in (0, 1):
        raise RecordError(label, _LABEL, f"is {values[_LABEL].array}; a label is 0 or 1")
