"""QM9 from the CSV files of the package ``qm9pack``."""

from __future__ import annotations

import csv
import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch_geometric.datasets.qm9 import atomrefs

from semola_geo.datasets.files.errors import RecordError, existing_file, why
from semola_geo.datasets.files.text import text_lines
from semola_geo.datasets.qm9._pack_row import COLUMNS, NEEDED, NUMBER, read_row
from semola_geo.datasets.qm9.molecules import PROPERTIES, Molecules

__all__ = ["read_qm9pack"]


def read_qm9pack(folder: str | Path | None = None) -> Molecules:
    """Read all molecules.

    The package's own loader needs a module that setuptools no longer has, so that the package is
    located and never imported. Its polarizability tensors are left out: they are not in the frame
    of its coordinates.

    Args:
        folder: Folder with ``qm9_part*.csv``; ``None``: that of the installed package.

    Raises:
        ImportError: If the package is not installed and no folder is given.
        FileNotFoundError: If the folder holds no such files.
        ValueError: For a row that cannot be read; names file, line and column.
    """
    numbers: list[int] = []
    sizes: list[int] = [0]
    idx: list[int] = []
    smiles: list[str] = []
    pos: list[np.ndarray[Any, Any]] = []
    values: list[list[float]] = []
    found: dict[int, tuple[str, str]] = {}
    for file in _files(folder):
        before = len(idx)
        for label, cells in _rows(file):
            try:
                row = read_row(label, cells)
                if row.idx in found:
                    raise RecordError(
                        label, "Index", f"{row.idx} is in {', '.join(found[row.idx])} already"
                    )
            except RecordError as error:
                raise ValueError(f"{file}, {error}") from None
            found[row.idx] = (file.name, label)
            idx.append(row.idx)
            smiles.append(row.smiles)
            numbers += row.z
            sizes.append(len(row.z))
            pos.append(row.pos)
            values.append(row.values)
        if len(idx) == before:
            raise ValueError(f"{file} holds no molecules")
    molecules = Molecules(
        ptr=torch.tensor(sizes).cumsum(0),
        z=torch.tensor(numbers),
        pos=torch.from_numpy(np.concatenate(pos)),
        idx=torch.tensor(idx),
        smiles=smiles,
        values=torch.zeros(len(idx), len(PROPERTIES), dtype=torch.float64),
    )
    columns = list(PROPERTIES)
    molecules.values[:, [columns.index(name) for name in COLUMNS]] = torch.tensor(
        values, dtype=torch.float64
    )
    _fill_atomization(molecules)
    return molecules.select(molecules.idx.argsort())


def _rows(file: Path) -> Iterator[tuple[str, dict[str, str]]]:
    with existing_file(file).open("rb") as content:
        content.seek(-1, os.SEEK_END)
        if content.read() not in (b"\n", b"\r"):
            raise ValueError(
                f"{file}: the last line is not ended, so that the file may be cut off; end the "
                "line if it is whole, or fetch the file again"
            )
    reader = csv.reader(text_lines(file, newline=""), strict=True)
    try:
        names = next(reader, [])
        for name in NEEDED:
            if names.count(name) != 1:
                raise ValueError(
                    f"{file}, line 1, field {name!r}: the column is there {names.count(name)} "
                    "times; is it a table of qm9pack?"
                )
        for row in reader:
            label = f"line {reader.line_num}"
            if len(row) != len(names):
                raise ValueError(
                    f"{file}, {label}: has {len(row)} columns, the first line {len(names)}; blank "
                    "lines and rows that are cut off are to be deleted, or the file fetched again"
                )
            yield label, dict(zip(names, row, strict=True))
    except csv.Error as error:
        raise ValueError(f"{file}, line {reader.line_num}: is no table: {why(error)}") from None


def _files(folder: str | Path | None) -> list[Path]:
    if folder is None:
        spec = importlib.util.find_spec("qm9pack")
        if spec is None or not spec.submodule_search_locations:
            raise ImportError(
                "the molecules come with the package qm9pack; install it with "
                "pip install 'semola_geo[qm9]'"
            )
        folder = Path(spec.submodule_search_locations[0]) / "data"
    files = sorted(Path(folder).expanduser().glob("qm9_part*.csv"))
    if not files:
        raise FileNotFoundError(f"there are no files qm9_part*.csv in {folder}")
    return files


def _fill_atomization(molecules: Molecules) -> None:
    """Subtract the energies of free atoms, as published with QM9."""
    names = list(PROPERTIES)
    for name in ("u0", "u298", "h298", "g298"):
        free = torch.zeros(max(NUMBER.values()) + 1, dtype=torch.float64)
        free[list(NUMBER.values())] = torch.tensor(atomrefs[names.index(name)], dtype=torch.float64)
        atoms: Tensor = free[molecules.z]
        sums = torch.zeros(len(molecules), dtype=torch.float64).index_add(0, molecules.owner, atoms)
        column = molecules.values[:, names.index(name)] - sums
        molecules.values[:, names.index(f"{name}_atom")] = column
