"""``SmilesCSV``: tables of SMILES and numbers."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rdkit import Chem, rdBase

from semola_geo.datasets.files._rdkit import check_seed, embed
from semola_geo.datasets.files.dataset import FileDataset
from semola_geo.datasets.files.errors import RecordError, why
from semola_geo.datasets.files.record import Record, Value, number_or_text
from semola_geo.datasets.files.text import text_lines

__all__ = ["SmilesCSV"]


class SmilesCSV(FileDataset):
    r"""A table with a column of SMILES; the other columns are graph-level fields.

    Coordinates are made by RDKit (ETKDGv3, explicit hydrogens), so that only invariant fields make
    sense. Molecules without a conformer, and salts and other SMILES of several fragments, are
    skipped with a warning that counts them, whatever ``on_error`` says; SMILES that RDKit refuses
    are errors. ``smiles`` is kept.

    Args:
        path: The file: one line of column names, then one molecule a line.
        targets: As in :class:`FileDataset`.
        smiles: Name of the column of SMILES; upper and lower case matter only where several
            columns differ by nothing else.
        delimiter: Between columns.
        seed: Of the conformers.
        options: Further options of :class:`FileDataset`, whose attributes and errors these are.

    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "mine.csv"
    >>> _ = file.write_text("smiles,gap\nCO,1.5\nC,2\n")
    >>> data = SmilesCSV(file, "gap")
    >>> data[1].z.tolist(), data[1].gap.tolist(), data[1].smiles
    ([6, 1, 1, 1, 1], [2.0], 'C')
    """

    def __init__(
        self,
        path: str | Path,
        targets: str | Sequence[str] | None = None,
        *,
        smiles: str = "smiles",
        delimiter: str = ",",
        seed: int = 0,
        **options: Any,
    ) -> None:
        if not isinstance(delimiter, str) or len(delimiter) != 1:
            raise ValueError(f"delimiter is one character, got {delimiter!r}")
        if not isinstance(smiles, str):
            raise TypeError(f"smiles is the name of a column, got {smiles!r}")
        self._column, self._delimiter, self._seed = smiles, delimiter, check_seed(seed)
        super().__init__(path, targets, **options)

    def _records(self) -> Iterator[Record | RecordError]:
        reader = csv.reader(
            text_lines(self.path, newline=""), delimiter=self._delimiter, strict=True
        )
        try:
            names = [name.strip() for name in next(reader, [])]
            position = self._find(names)
            number = 0
            for row in reader:
                if not row or (len(row) == 1 and not row[0].strip()):
                    continue
                label = f"record {number} (line {reader.line_num})"
                try:
                    yield self._record(label, number, names, row, position)
                except RecordError as error:
                    yield error
                number += 1
        except csv.Error as error:
            raise ValueError(
                f"{self.path}, line {reader.line_num}: is no table: {why(error)}"
            ) from None

    def _find(self, names: list[str]) -> int:
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            raise ValueError(f"{self.path}, line 1: column {twice[0]!r} comes twice; rename one")
        if self._column in names:
            return names.index(self._column)
        found = [name for name in names if name.lower() == self._column.lower()]
        if len(found) > 1:
            raise ValueError(
                f"{self.path}, line 1: {self._column!r} may be any of the columns "
                f"{', '.join(map(repr, found))}; name one exactly with smiles='...'"
            )
        if not found:
            raise ValueError(
                f"{self.path}, line 1: there is no column {self._column!r} among "
                f"{', '.join(map(repr, names))}; name it with smiles='...', and the separator with "
                "delimiter='...'"
            )
        return names.index(found[0])

    def _record(
        self, label: str, number: int, names: list[str], row: list[str], position: int
    ) -> Record:
        if len(row) != len(names):
            raise RecordError(label, None, f"has {len(row)} columns, the first line {len(names)}")
        smiles = row[position].strip()
        with rdBase.BlockLogs():
            molecule = Chem.MolFromSmiles(smiles) if smiles else None
        if molecule is None:
            raise RecordError(label, names[position], f"RDKit cannot read {smiles!r} as SMILES")
        if molecule.GetNumAtoms() == 0:
            raise RecordError(label, names[position], "is a molecule without atoms")
        molecule = embed(molecule, label, self._seed)
        values = {
            name: Value(number_or_text(text.strip()))
            for column, (name, text) in enumerate(zip(names, row, strict=True))
            if column != position
        }
        z = np.array([atom.GetAtomicNum() for atom in molecule.GetAtoms()])
        pos = molecule.GetConformer().GetPositions()
        return Record(label, number, pos, values, z, smiles=smiles, embedded=True)
