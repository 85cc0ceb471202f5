"""Read QM9 molecules from the CSV files of the PyPI package ``qm9pack``.

The package's own loader imports the removed ``pkg_resources``, so that the files are read directly
and the package is only located, never imported. Its polarizability *tensors* are ignored: they are
not in the frame of its coordinates.
"""

from __future__ import annotations

import ast
import csv
import importlib.util
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["B3LYP", "Molecule", "csv_files", "parse_row", "read_molecules", "read_rows"]

HARTREE = 27.211386245988  # eV, CODATA 2018
ATOMIC_NUMBER = {"H": 1, "C": 6, "N": 7, "O": 8, "F": 9}

#: label -> (CSV column, factor to the shipped unit): energies in eV, the rest as in QM9.
B3LYP: dict[str, tuple[str, float]] = {
    "mu": ("Dipole_debye", 1.0),
    "alpha": ("Polarizability_bohr3", 1.0),
    "homo": ("HOMO_au", HARTREE),
    "lumo": ("LUMO_au", HARTREE),
    "gap": ("HOMO_LUMO_gap_au", HARTREE),
    "r2": ("R2_bohr2", 1.0),
    "zpve": ("ZPVE_au", HARTREE),
    "u0": ("InternalEnergy_0K_au", HARTREE),
    "u298": ("InternalEnergy_298K_au", HARTREE),
    "h298": ("Enthalphy_298K_au", HARTREE),  # the column is spelt so
    "g298": ("GibbsFreeEnergy_298K_au", HARTREE),
    "cv": ("Heatcapacity_Cv_cal_mol_K", 1.0),
}


@dataclass(frozen=True)
class Molecule:
    """One QM9 entry: ``index`` is QM9's own number, ``pos`` [N, 3] in Å (rounded to float32)."""

    index: int
    smiles: str
    numbers: NDArray[np.uint8]
    pos: NDArray[np.float32]
    b3lyp: dict[str, float]


def csv_files(folder: Path | None = None) -> list[Path]:
    """The three geometry files of ``qm9pack``, or those of ``folder``, in order."""
    if folder is None:
        spec = importlib.util.find_spec("qm9pack")
        if spec is None or not spec.submodule_search_locations:
            raise FileNotFoundError(
                "qm9pack is not installed: pip install 'semola_geo[build-data]'"
            )
        folder = Path(spec.submodule_search_locations[0]) / "data"
    files = sorted(folder.glob("qm9_part*.csv"))
    if not files:
        raise FileNotFoundError(f"no qm9_part*.csv in {folder}")
    return files


def read_rows(files: Iterable[Path]) -> Iterator[dict[str, str]]:
    """Every row of every file as a dictionary of text."""
    for file in files:
        with file.open(newline="") as stream:
            yield from csv.DictReader(stream)


def parse_row(row: dict[str, str]) -> Molecule:
    """Turn a row into a :class:`Molecule`; ``ValueError`` names the entry when it is malformed."""
    index = int(row["Index"])
    try:
        numbers = [ATOMIC_NUMBER[symbol] for symbol in ast.literal_eval(row["Elements"])]
        pos = np.array(ast.literal_eval(row["XYZ_Ang"]), dtype=np.float32)
    except (KeyError, SyntaxError, ValueError) as error:
        raise ValueError(
            f"QM9 entry {index}: elements or coordinates unreadable: {error}"
        ) from error
    if pos.shape != (len(numbers), 3) or len(numbers) != int(row["N_atoms"]):
        raise ValueError(
            f"QM9 entry {index}: N_atoms is {row['N_atoms']}, but there are {len(numbers)} "
            f"elements and coordinates of shape {pos.shape}"
        )
    b3lyp = {name: float(row[column]) * factor for name, (column, factor) in B3LYP.items()}
    return Molecule(index, row["SMILES"], np.array(numbers, dtype=np.uint8), pos, b3lyp)


def read_molecules(files: Sequence[Path], count: int, seed: int) -> list[Molecule]:
    """Draw ``count`` different molecules uniformly, in a random order fixed by ``seed``.

    A SMILES that QM9 lists twice is taken once.
    """
    chosen: dict[str, dict[str, str]] = {}
    rows = list(read_rows(files))
    order = np.random.default_rng(seed).permutation(len(rows))
    for row in (rows[i] for i in order):
        if len(chosen) == count:
            break
        chosen.setdefault(row["SMILES"], row)
    if len(chosen) < count:
        raise ValueError(f"asked for {count} molecules, the files hold only {len(chosen)}")
    return [parse_row(row) for row in chosen.values()]
