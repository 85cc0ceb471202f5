"""``FileDataset``: what all data sets over users' files share."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from numbers import Integral
from pathlib import Path
from typing import Literal

import torch
from torch_geometric.data import Data, InMemoryDataset

from semola_geo.datasets.files.columns import Columns
from semola_geo.datasets.files.errors import RecordError, existing_file
from semola_geo.datasets.files.meaning import STRUCTURE, Meaning
from semola_geo.datasets.files.record import Level, Record
from semola_geo.datasets.files.request import Request
from semola_geo.datasets.files.schema import decide
from semola_geo.datasets.files.summary import summary_table
from semola_geo.representations import parse_representation

__all__ = ["FileDataset"]


class FileDataset(InMemoryDataset):  # type: ignore[misc]
    """A data set read from one file, record by record.

    Every ``Data`` holds ``pos`` [n, d], ``z`` [n] (long) where there are species, ``cell``
    [1, 3, 3] (row vectors) and ``pbc`` [1, 3] (bool) where there is a lattice, the fields asked for
    and ``idx`` [1] (long), its number in the file. Graph-level fields have a leading axis of 1.

    Args:
        path: The file.
        targets: Fields to predict; ``None``: everything numeric that is not an input. Other fields
            are left out, and :meth:`summary` lists them.
        inputs: Fields that models may read, beside the geometry.
        fields: Name → representation, for what neither format nor name says, or says wrongly.
        levels: Name → ``"node"`` or ``"graph"``, where shapes alone do not tell.
        on_error: ``"raise"`` at the first record that is wrong, or ``"skip"`` such records with a
            warning that counts them. A file that cannot be read on, or whose fields are declared
            wrongly, is always an error.
        limit: Read so many records at most.
        dtype: Of floating-point fields, ``torch.float32`` or ``torch.float64``. A warning tells
            where rounding takes more than a thousandth of what a field varies by.
        transform: Applied at every access, as in PyTorch Geometric.

    Attributes:
        skipped: Messages of the records that were skipped.
        embedded: Number of records whose coordinates were made here rather than read.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: For an unknown option, or a file or record that is wrong; names file, record
            and field.
        TypeError: For an option of the wrong type.
    """

    def __init__(
        self,
        path: str | Path,
        targets: str | Sequence[str] | None = None,
        *,
        inputs: str | Sequence[str] = (),
        fields: Mapping[str, str] | None = None,
        levels: Mapping[str, Level] | None = None,
        on_error: Literal["raise", "skip"] = "raise",
        limit: int | None = None,
        dtype: torch.dtype = torch.float32,
        transform: Callable[[Data], Data] | None = None,
    ) -> None:
        super().__init__(root=None, transform=transform)
        self._request = Request.check(targets, inputs, fields, levels)
        if on_error not in ("raise", "skip"):
            raise ValueError(f"on_error={on_error!r} is unknown; choose 'raise' or 'skip'")
        if limit is not None and not isinstance(limit, Integral):
            raise TypeError(f"limit counts records, at least 1, or None; got {limit!r}")
        if limit is not None and limit < 1:
            raise ValueError(f"limit counts records, at least 1, or None; got {limit!r}")
        if dtype not in (torch.float32, torch.float64):
            raise ValueError(f"dtype must be torch.float32 or torch.float64, got {dtype}")
        self._position = str(parse_representation(self._request.fields.get("pos", "point")))
        self.path = existing_file(path)
        self.skipped: list[str] = []
        self.embedded = 0
        columns = self._read(on_error == "skip", limit, dtype)
        self._schema = columns.schema
        self._data, self.slices = columns.collated()

    @abstractmethod
    def _records(self) -> Iterator[Record | RecordError]:
        """Stream the records; a wrong one is handed over as its error, and reading goes on."""

    def _read(self, skip: bool, limit: int | None, dtype: torch.dtype) -> Columns:
        columns: Columns | None = None
        for record in islice(self._records(), limit):
            try:
                if isinstance(record, RecordError):
                    raise record
                if len(record.pos) == 0:
                    raise RecordError(record.label, None, "has no nodes")
                if columns is None:
                    columns = Columns(decide(record, self._request), dtype)
                columns.schema.check(record, closed=self._request.targets is None)
                columns.add(record)
                self.embedded += record.embedded
            except RecordError as error:
                if error.final or not (skip or error.mild):
                    raise ValueError(f"{self.path}, {error}") from None
                self.skipped.append(str(error))
        if columns is None or len(columns) == 0:
            first = f" that can be used; {self.skipped[0]}" if self.skipped else ""
            raise ValueError(f"{self.path} has no records{first}")
        if self.skipped:
            warnings.warn(
                f"{self.path}: skipped {len(self.skipped)} record(s), the first is "
                f"{self.skipped[0]}",
                stacklevel=4,
            )
        for name, loss in columns.losses().items():
            warnings.warn(f"{self.path}, field {name!r}: {loss}", stacklevel=4)
        return columns

    @property
    def targets(self) -> tuple[str, ...]:
        """Fields that are predicted, and that no model may read."""
        return tuple(name for name in self.meanings if self._role(name) == "target")

    @property
    def fields(self) -> dict[str, str]:
        """Name → representation of the floating-point fields that are served, ``pos`` first."""
        meanings = {name: meaning.representation for name, meaning in self.meanings.items()}
        return {"pos": self._position, **meanings}

    @property
    def meanings(self) -> dict[str, Meaning]:
        """What the served fields behind ``pos`` are, and where that is known from."""
        return self._schema.columns

    def summary(self) -> str:
        """Return a table of all fields of the file: what each is taken for, and what is left out.

        Look at it before training: what a field is taken for decides every verdict.
        """
        roles = {name: self._role(name) for name in self.meanings}
        return summary_table(
            f"{self.path}: {len(self):,} graphs, {self._count_nodes():,} nodes",
            self._schema,
            roles,
            position=self._position,
            skipped=len(self.skipped),
            embedded=self.embedded,
        )

    def _count_nodes(self) -> int:
        """Return the nodes of the graphs that are left after indexing."""
        if self.slices is None:
            return len(self) * len(self._data.pos)
        return int(self.slices["pos"].diff()[list(self.indices())].sum())

    def _role(self, name: str) -> str:
        if name in self._request.inputs:
            return "input"
        asked = name in (self._request.targets or ())
        return "input" if name in STRUCTURE and not asked else "target"
