"""``SDF``: structure-data files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from semola_geo.datasets.files._molfile import check_block, data_items, split_block
from semola_geo.datasets.files._rdkit import check_seed, embed
from semola_geo.datasets.files._sdf_blocks import parse_block, sdf_blocks
from semola_geo.datasets.files.dataset import FileDataset
from semola_geo.datasets.files.errors import RecordError
from semola_geo.datasets.files.record import Record, Value, number_or_text

__all__ = ["SDF"]

_PER_ATOM = re.compile(r"atom\.[di]prop\.(.+)")


class SDF(FileDataset):
    """Structure-data files; properties are graph-level fields, ``atom.dprop.NAME`` node-level ones.

    Hydrogens are read as they stand in the file. A record without coordinates (all zero, or a flat
    drawing) gets a conformer from RDKit (ETKDGv3, explicit hydrogens); how many did is in
    :attr:`embedded` and in :meth:`summary`. Molecules without a conformer, and those of several
    fragments that have no coordinates, are skipped with a warning that counts them.

    Args:
        path: The file.
        targets: As in :class:`FileDataset`.
        embed: ``"missing"``: embed records without coordinates; ``"never"``: these are errors;
            flat molecules that are meant so can be read with ``"never"`` if their header says 3D.
        seed: Of the conformers.
        options: Further options of :class:`FileDataset`, whose attributes and errors these are.

    >>> import tempfile
    >>> from rdkit import Chem
    >>> file = Path(tempfile.mkdtemp()) / "mine.sdf"
    >>> with Chem.SDWriter(str(file)) as writer:
    ...     molecule = Chem.MolFromSmiles("CO")
    ...     molecule.SetProp("gap", "1.5")
    ...     writer.write(molecule)
    >>> data = SDF(file, "gap")
    >>> data.embedded, data[0].z.tolist(), data[0].gap
    (1, [6, 8, 1, 1, 1, 1], tensor([1.5000]))
    """

    def __init__(
        self,
        path: str | Path,
        targets: str | Sequence[str] | None = None,
        *,
        embed: Literal["missing", "never"] = "missing",
        seed: int = 0,
        **options: Any,
    ) -> None:
        if embed not in ("missing", "never"):
            raise ValueError(f"embed={embed!r} is unknown; choose 'missing' or 'never'")
        self._embed, self._seed = embed == "missing", check_seed(seed)
        super().__init__(path, targets, **options)

    def _records(self) -> Iterator[Record | RecordError]:
        for number, (line, text) in enumerate(sdf_blocks(self.path)):
            label = f"record {number} (line {line})"
            try:
                yield self._record(label, number, text)
            except RecordError as error:
                yield error

    def _record(self, label: str, number: int, text: str) -> Record:
        block, behind = split_block(label, text)
        check_block(label, block)
        values: dict[str, Value] = {}
        for name, content in data_items(label, behind).items():
            per_atom = _PER_ATOM.fullmatch(name)
            short, array = per_atom[1] if per_atom else name, number_or_text(content)
            if short in values:
                raise RecordError(
                    label, short, "stands for two fields; rename one of them in the file"
                )
            values[short] = (
                Value(np.atleast_1d(array), "node") if per_atom else Value(array, "graph")
            )
        molecule = parse_block(label, block)
        embedded = not _has_coordinates(molecule)
        if embedded and not self._embed:
            raise RecordError(label, "pos", "has no 3-D coordinates, and embed='never'")
        if embedded:
            molecule = embed(molecule, label, self._seed)
        z = np.array([atom.GetAtomicNum() for atom in molecule.GetAtoms()])
        pos = molecule.GetConformer().GetPositions()
        return Record(label, number, pos, values, z, embedded=embedded)


def _has_coordinates(molecule: Any) -> bool:
    if molecule.GetNumConformers() == 0:
        return False
    conformer = molecule.GetConformer()
    # A single atom may well sit at the origin.
    somewhere = molecule.GetNumAtoms() == 1 or bool(np.any(conformer.GetPositions()))
    return somewhere and bool(conformer.Is3D())
