"""A molecule in a row of the tables of ``qm9pack``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from torch_geometric.datasets.qm9 import HAR2EV

from semola_geo.datasets.files.errors import RecordError
from semola_geo.datasets.qm9._limits import check_positions, read_number

__all__ = ["COLUMNS", "NEEDED", "NUMBER", "Row", "read_row"]

NUMBER = {"H": 1, "C": 6, "N": 7, "O": 8, "F": 9}
"""Atomic numbers of the elements of QM9."""

COLUMNS = {
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
"""Property → column and factor to our unit; what is missing are the atomization energies."""

NEEDED = ("Index", "SMILES", "Elements", "XYZ_Ang", *(column for column, _ in COLUMNS.values()))
"""Columns without which no row can be read."""

_DIGITS = 9
_NAME = re.compile(r"[A-Za-z*]+")
_BRACKETS = str.maketrans("", "", "[]")


class Row(NamedTuple):
    """A molecule: number, SMILES, atomic numbers, positions [n, 3] (Å) and :data:`COLUMNS`."""

    idx: int
    smiles: str
    z: list[int]
    pos: np.ndarray[Any, Any]
    values: list[float]


def read_row(label: str, cells: Mapping[str, str]) -> Row:
    """Return the molecule of a row.

    Args:
        label: How messages name the row.
        cells: Column → text, with all of :data:`NEEDED`.

    Raises:
        RecordError: If a cell cannot be read; names row and column.
    """
    number = cells["Index"].strip()
    digits = number.isascii() and number.isdecimal() and len(number) <= _DIGITS
    if not digits or int(number) < 1:
        raise RecordError(label, "Index", f"expected a number from 1, got {number[:40]!r}")
    if not cells["SMILES"].strip():
        raise RecordError(label, "SMILES", "is empty")
    z = []
    for atom, symbol in enumerate(_NAME.findall(cells["Elements"])):
        if symbol not in NUMBER:
            raise RecordError(
                label,
                "Elements",
                f"atom {atom} is {symbol!r}, but QM9 has {', '.join(NUMBER)} only",
            )
        z.append(NUMBER[symbol])
    if not z:
        raise RecordError(label, "Elements", f"has no atoms, got {cells['Elements'][:40]!r}")
    pos = _positions(label, cells["XYZ_Ang"], len(z))
    values = [read_number(label, name, cells[name]) * unit for name, unit in COLUMNS.values()]
    return Row(int(number), cells["SMILES"], z, pos, values)


def _positions(label: str, text: str, atoms: int) -> np.ndarray[Any, Any]:
    parts = text.translate(_BRACKETS).split(",")
    try:
        pos = np.array(parts, np.float64)
    except ValueError:
        raise RecordError(
            label, "XYZ_Ang", f"expected [[x,y,z],...] in numbers, got {text[:40]!r}"
        ) from None
    if len(pos) != 3 * atoms:
        raise RecordError(
            label, "XYZ_Ang", f"has {len(pos)} coordinates, but 'Elements' has {atoms} atoms"
        )
    pos = pos.reshape(atoms, 3)
    check_positions(label, "XYZ_Ang", pos)
    return pos
