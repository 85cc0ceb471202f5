"""``TopTagging``: jets as four-momenta, in the layout of the public top-tagging data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from semola_geo.datasets.files._jet_splits import COLUMN, file_of, is_in_split, published_codes
from semola_geo.datasets.files._tables import Chunk, table_chunks, table_rows
from semola_geo.datasets.files.dataset import FileDataset
from semola_geo.datasets.files.errors import RecordError
from semola_geo.datasets.files.record import Record, Value
from semola_geo.datasets.split import random_rows

__all__ = ["TopTagging"]

_ENERGY = re.compile(r"E_(\d+)")
_COMPONENTS = ("E", "PX", "PY", "PZ")
_LABEL = "is_signal_new"
_ROWS = 4096  # Of 800 columns: 26 MB.
# What rounding may make of a massless constituent; that of float32 is below a hundredth of it.
_SPACE_LIKE = 1e-4


class TopTagging(FileDataset):
    """Jets of a Parquet or HDF5 file with columns ``E_0, PX_0, PY_0, PZ_0, E_1, …, is_signal_new``.

    Every ``Data`` holds ``pos`` [n, 4], the four-momenta (E, p) in GeV of the jet's n constituents
    (``pos`` is where networks look for coordinates; it moves as a vector), and the targets; the
    zeros that fill the columns up to 200 constituents are left away. ``is_signal_new`` [1] is 1 for
    a top quark and 0 for a light quark or gluon. Columns of other names are graph-level fields.
    Constituents may be any number, in any order.

    Files are read a few thousand rows at a time: only the constituents of the jets have to fit in
    memory. The content decides how a file is read, not its name. HDF5 files are those that pandas
    writes with ``format="table"``, as the public ones are. Those that hold pickled objects, which
    could run any code, are refused before anything is unpickled.

    The public data tell the split of a jet in a column ``ttv``: 0 for training, 1 for test and 2
    for validation. They come as three files, which one mapping can name: ``path={"train":
    "train.h5", "val": "val.h5", "test": "test.h5"}``.

    Args:
        path: The file, or split → file.
        targets: As in :class:`FileDataset`.
        split: ``"train"``, ``"val"`` or ``"test"``: of one file the jets of which ``ttv`` says so,
            or, without that column, 75 %, 10 % and 15 % in a random order. ``None``: all jets of
            one file.
        leading: So many constituents of the largest transverse momentum, in the order of the file;
            ``None``: all of them.
        seed: Of the random cut.
        limit: Read so many records of the split at most.
        options: Further options of :class:`FileDataset`, whose attributes and errors these are.

    Raises:
        ValueError: Beside those of :class:`FileDataset`: for columns that are missing, a jet
            without constituents or with zeros between them, an energy that is not positive, a
            momentum that is larger than the energy, a label other than 0 and 1, a ``ttv`` other
            than 0, 1 and 2, or that contradicts the file of a split, or a split without jets.
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
        path: str | Path | Mapping[str, str | Path],
        targets: str | Sequence[str] | None = _LABEL,
        *,
        split: Literal["train", "val", "test"] | None = None,
        leading: int | None = None,
        fields: Mapping[str, str] | None = None,
        seed: int = 0,
        **options: Any,
    ) -> None:
        if leading is not None and (not isinstance(leading, int) or leading < 1):
            raise ValueError(f"leading counts constituents, at least 1, or None; got {leading!r}")
        self._leading, self._split, self._seed = leading, split, seed
        self._alone = isinstance(path, Mapping)
        declared = {"pos": "vector", **fields} if isinstance(fields, Mapping) else fields
        file = file_of(path, split)
        super().__init__(file, targets, fields=declared or {"pos": "vector"}, **options)

    def _records(self) -> Iterator[Record | RecordError]:
        number, found = 0, False
        for chunk in table_chunks(self.path, _ROWS):
            momenta, others = _momenta(chunk, self.path)
            chosen = self._chosen(chunk, number)
            for row, constituents in enumerate(momenta):
                label = f"record {number}"
                number += 1
                mine = chosen[row]
                if isinstance(mine, RecordError):
                    yield mine
                if mine is not True:
                    continue
                found = True
                try:
                    pos = self._constituents(label, constituents)
                    values = {name: Value(np.asarray(c[row])) for name, c in others.items()}
                    _check_label(label, values)
                    yield Record(label, number - 1, pos, values)
                except RecordError as error:
                    yield error
        if number and not found:
            raise ValueError(
                f"{self.path}, column {COLUMN!r}: no record belongs to split={self._split!r}; the "
                "public data come as three files: path={'train': ..., 'val': ..., 'test': ...}"
            )

    def _chosen(self, chunk: Chunk, first: int) -> list[bool | RecordError]:
        """Tell for each row whether it is to be read, or what is wrong with its split."""
        rows = range(first, first + len(next(iter(chunk.values()))))
        codes = None if self._split is None else published_codes(chunk, self.path)
        if self._split is None or (codes is None and self._alone):
            return [True] * len(rows)
        if codes is None:
            return [row in self._cut for row in rows]
        told: list[bool | RecordError] = []
        for row, code in zip(rows, codes, strict=True):
            try:
                told.append(is_in_split(f"record {row}", code, self._split, alone=self._alone))
            except RecordError as error:
                told.append(error)
        return told

    @cached_property
    def _cut(self) -> frozenset[int]:
        """Numbers of the records that a random cut puts into the split."""
        count = table_rows(self.path)
        try:
            return frozenset(random_rows(count, self._seed)[str(self._split)])
        except ValueError as error:
            raise ValueError(f"{self.path}: {error}") from None

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
        momentum = np.hypot(np.hypot(pos[:, 1], pos[:, 2]), pos[:, 3])  # Squares nothing.
        beyond = np.isfinite(momentum) & (momentum > (1 + _SPACE_LIKE) * pos[:, 0])
        if beyond.any():
            wrong = int(beyond.argmax())
            raise RecordError(
                label,
                f"E_{wrong}",
                f"is {pos[wrong, 0]:g}, less than the momentum {momentum[wrong]:g}: no particle "
                "has a space-like four-momentum",
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
