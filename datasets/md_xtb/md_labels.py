"""GFN2-xTB energy, forces and dipole of one frame, computed with tblite.

Source of the method: Bannwarth, Ehlert and Grimme, J. Chem. Theory Comput. 15, 1652 (2019),
doi:10.1021/acs.jctc.8b01176. tblite is LGPL and is needed only to build the data.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from ase.units import create_units
from numpy.typing import NDArray
from tblite.interface import Calculator

__all__ = ["label_frame"]

Array = NDArray[np.float64]

# tblite works in atomic units.
_UNITS = create_units("2018")
_BOHR, _HARTREE = float(_UNITS["Bohr"]), float(_UNITS["Hartree"])
_ACCURACY = 0.01  # SCF threshold; tblite's default of 1.0 is meant for dynamics


def label_frame(numbers: NDArray[np.integer[Any]], pos: Array) -> dict[str, Array]:
    """Compute the labels of one geometry, from scratch: they depend on nothing else.

    Args:
        numbers: Atomic numbers, [N].
        pos: Positions, [N, 3], Å.

    Returns:
        ``energy`` (eV), ``forces`` [N, 3] (eV/Å, minus the gradient) and ``dipole`` [3] (e·Å).

    Raises:
        RuntimeError: When the SCF does not converge (tblite's error passes through).
    """
    calculator = Calculator("GFN2-xTB", numbers, pos / _BOHR)
    calculator.set("verbosity", 0)
    calculator.set("accuracy", _ACCURACY)
    result = calculator.singlepoint()
    return {
        "energy": np.asarray(float(result.get("energy")) * _HARTREE),
        "forces": -np.asarray(result.get("gradient")) * (_HARTREE / _BOHR),
        "dipole": np.asarray(result.get("dipole")) * _BOHR,
    }
