"""GFN2-xTB labels of one neutral closed-shell molecule, computed with tblite.

Everything here works in atomic units; the conversion to eV, Å and e happens once, in
:func:`label_molecule`. Source of the method: Bannwarth, Ehlert and Grimme, J. Chem. Theory Comput.
15, 1652 (2019), doi:10.1021/acs.jctc.8b01176. tblite is LGPL and is needed only to build the data.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tblite import library
from tblite.interface import Calculator

__all__ = [
    "BOHR",
    "FIELD_STEP",
    "HARTREE",
    "dipole_and_polarizability",
    "dipole_derivatives",
    "dipoles_in_fields",
    "label_molecule",
]

Array = NDArray[np.float64]

BOHR = 0.529177210903  # Å, CODATA 2018
HARTREE = 27.211386245988  # eV, CODATA 2018
FIELD_STEP = 1e-3  # Eh / (e a0): truncation and SCF noise both stay below 1e-3 Å³
ACCURACY = 0.01  # tblite's SCF threshold; the default of 1.0 leaves noise in field differences


def label_molecule(
    numbers: NDArray[np.integer[Any]], pos: Array, jittered: Array
) -> dict[str, Array]:
    """Compute every xTB label of one molecule.

    Args:
        numbers: atomic numbers, [N].
        pos: equilibrium geometry, [N, 3], Å: energy, dipole and polarizability belong to it.
        jittered: displaced geometry, [N, 3], Å: forces and ``energy_jittered`` belong to it.

    Returns:
        ``energy`` (eV), ``dipole`` [3] (e·Å), ``polarizability`` [3, 3] (Å³), ``energy_jittered``
        (eV) and ``forces`` [N, 3] (eV/Å, minus the gradient).

    Raises:
        RuntimeError: when an SCF cycle does not converge (tblite's error passes through).
    """
    energy, dipole, polarizability = dipole_and_polarizability(numbers, pos / BOHR)
    result = _calculator(numbers, jittered / BOHR).singlepoint()
    return {
        "energy": np.asarray(energy * HARTREE),
        "dipole": dipole * BOHR,
        "polarizability": polarizability * BOHR**3,
        "energy_jittered": np.asarray(float(result.get("energy")) * HARTREE),
        "forces": -np.asarray(result.get("gradient")) * (HARTREE / BOHR),
    }


def dipole_and_polarizability(
    numbers: NDArray[np.integer[Any]], pos: Array, step: float = FIELD_STEP
) -> tuple[float, Array, Array]:
    """Energy, dipole [3] and static polarizability [3, 3], all in atomic units.

    The polarizability is the central difference αᵢⱼ = (μᵢ(+h eⱼ) − μᵢ(−h eⱼ)) / 2h, symmetrised.
    """
    reference = _calculator(numbers, pos).singlepoint()

    def dipole(field: Array) -> Array:
        result = _calculator(numbers, pos, field).singlepoint(reference, copy=True)
        return np.asarray(result.get("dipole"))

    polarizability = np.stack(_slopes(dipole, np.zeros(3), step), axis=1)
    return (
        float(reference.get("energy")),
        np.asarray(reference.get("dipole")),
        0.5 * (polarizability + polarizability.T),
    )


def dipoles_in_fields(
    numbers: NDArray[np.integer[Any]], pos: Array, fields: Sequence[float]
) -> Array:
    """Dipoles in uniform fields along the z axis of the frame of ``pos``.

    The field is turned on step by step: every SCF starts from the charges in the one before.

    Args:
        numbers: atomic numbers, [N].
        pos: geometry, [N, 3], Å.
        fields: ascending strengths in atomic units, Eh / (e a0); positive ones push electrons
            towards −z.

    Returns:
        [fields, 3], e·Å; NaN from the first field on in which the SCF does not converge.

    Raises:
        RuntimeError: when the SCF without a field does not converge.
    """
    dipoles = np.full((len(fields), 3), np.nan)
    result = _calculator(numbers, pos / BOHR).singlepoint()
    for row, strength in enumerate(fields):
        try:
            calculator = _calculator(numbers, pos / BOHR, strength * np.eye(3)[2])
            result = calculator.singlepoint(result, copy=True)
        except RuntimeError:
            break
        dipoles[row] = np.asarray(result.get("dipole")) * BOHR
    return dipoles


def dipole_derivatives(numbers: NDArray[np.integer[Any]], pos: Array, field: float) -> Array:
    """How the dipole in a field along z changes when an atom moves, [3, N, 3], in e.

    Dipole and forces are both first derivatives of the energy, so that ∂μᵢ/∂r = ∂f/∂Eᵢ: six
    gradients do, a central difference over the field, instead of two SCFs per coordinate.
    """

    def forces(applied: Array) -> Array:
        result = _calculator(numbers, pos / BOHR, applied).singlepoint()
        return -np.asarray(result.get("gradient"))

    return np.stack(_slopes(forces, field * np.eye(3)[2], FIELD_STEP))


def _slopes(answer: Callable[[Array], Array], field: Array, step: float) -> list[Array]:
    """Central differences of an answer over the field, one for each axis."""
    return [
        (answer(field + step * axis) - answer(field - step * axis)) / (2.0 * step)
        for axis in np.eye(3)
    ]


def _calculator(
    numbers: NDArray[np.integer[Any]], pos: Array, field: Array | None = None
) -> Calculator:
    calculator = Calculator("GFN2-xTB", numbers, pos)
    calculator.set("verbosity", 0)
    calculator.set("accuracy", ACCURACY)
    if field is not None:
        # tblite hands the field to C as it is: only a cffi array is accepted here.
        calculator.add("electric-field", library.ffi.new("double[3]", field.tolist()))
    return calculator
