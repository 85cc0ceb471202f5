"""QM9 from the CSV files of the package ``qm9pack``."""

from __future__ import annotations

import csv
import importlib.util
import re
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch_geometric.datasets.qm9 import HAR2EV, atomrefs

from semola_geo.datasets.qm9.molecules import PROPERTIES, Molecules

__all__ = ["read_qm9pack"]

_NUMBER = {"H": 1, "C": 6, "N": 7, "O": 8, "F": 9}
_SYMBOL = re.compile(r"[A-Z][a-z]?")
# Columns and factors to our units; what is missing are the atomization energies.
_COLUMNS = {
    "mu": ("Dipole_debye", 1.0),
    "alpha": ("Polarizability_bohr3", 1.0),
    "homo": ("HOMO_au", HAR2EV),
    "lumo": ("LUMO_au", HAR2EV),
    "gap": ("HOMO_LUMO_gap_au", HAR2EV),
    "r2": ("R2_bohr2", 1.0),
    "zpve": ("ZPVE_au", HAR2EV),
    "u0": ("InternalEnergy_0K_au", HAR2EV),
    "u298": ("InternalEnergy_298K_au", HAR2EV),
    "h298": ("Enthalphy_298K_au", HAR2EV),  # The column is spelt so.
    "g298": ("GibbsFreeEnergy_298K_au", HAR2EV),
    "cv": ("Heatcapacity_Cv_cal_mol_K", 1.0),
    "rotational_a": ("RotA_GHz", 1.0),
    "rotational_b": ("RotB_GHz", 1.0),
    "rotational_c": ("RotC_GHz", 1.0),
}


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
        ValueError: For a row that cannot be read; names file, entry and column.
    """
    numbers: list[int] = []
    sizes: list[int] = [0]
    idx: list[int] = []
    smiles: list[str] = []
    pos: list[np.ndarray[Any, Any]] = []
    values: list[list[float]] = []
    for file in _files(folder):
        with file.open(newline="") as stream:
            for line, row in enumerate(csv.DictReader(stream), start=2):
                try:
                    z = [_NUMBER[symbol] for symbol in _SYMBOL.findall(row["Elements"])]
                    xyz = np.array(row["XYZ_Ang"].translate(_BRACKETS).split(","), np.float64)
                    entry = [float(row[column]) * unit for column, unit in _COLUMNS.values()]
                    idx.append(int(row["Index"]))
                    smiles.append(row["SMILES"])
                    pos.append(xyz.reshape(len(z), 3))
                except (KeyError, ValueError, AttributeError, TypeError) as error:
                    raise ValueError(f"{file}, line {line}: cannot be read: {error!r}") from None
                if not (np.isfinite(xyz).all() and np.isfinite(entry).all()):
                    raise ValueError(f"{file}, line {line}: holds a number that is not finite")
                numbers += z
                sizes.append(len(z))
                values.append(entry)
    if not idx:
        raise ValueError(f"{_files(folder)[0].parent} holds no molecules")
    molecules = Molecules(
        ptr=torch.tensor(sizes).cumsum(0),
        z=torch.tensor(numbers),
        pos=torch.from_numpy(np.concatenate(pos)),
        idx=torch.tensor(idx),
        smiles=smiles,
        values=torch.zeros(len(idx), len(PROPERTIES), dtype=torch.float64),
    )
    columns = list(PROPERTIES)
    molecules.values[:, [columns.index(name) for name in _COLUMNS]] = torch.tensor(
        values, dtype=torch.float64
    )
    _fill_atomization(molecules)
    return molecules.select(molecules.idx.argsort())


_BRACKETS = str.maketrans("", "", "[]")


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
        free = torch.zeros(max(_NUMBER.values()) + 1, dtype=torch.float64)
        free[list(_NUMBER.values())] = torch.tensor(
            atomrefs[names.index(name)], dtype=torch.float64
        )
        atoms: Tensor = free[molecules.z]
        sums = torch.zeros(len(molecules), dtype=torch.float64).index_add(0, molecules.owner, atoms)
        column = molecules.values[:, names.index(name)] - sums
        molecules.values[:, names.index(f"{name}_atom")] = column
