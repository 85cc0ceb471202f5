"""From ASE's ``Atoms`` to a record."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from semola_geo.datasets.files.errors import RecordError
from semola_geo.datasets.files.extras import import_extra
from semola_geo.datasets.files.record import Record, Value, as_value

__all__ = ["atoms_record", "import_ase"]

_VOIGT = ("stress", "stresses")
_GEOMETRY = ("numbers", "positions")


def import_ase(module: str) -> Any:
    """Import a module of ASE, which is an extra.

    Raises:
        ImportError: If it is not installed; says how to install it.
    """
    return import_extra(module, "ASE", "molecules")


def atoms_record(atoms: Any, number: int, label: str, columns: Collection[str] = ()) -> Record:
    """Return the record of an ``Atoms`` with what its calculator, ``info`` and ``arrays`` hold.

    A cell that is all zero is no cell. Constraints are told as text. Stresses in ASE's Voigt order
    (xx, yy, zz, yz, xz, xy) become symmetric matrices.

    Args:
        atoms: The ``Atoms``.
        number: Its place in the file.
        label: How messages name it.
        columns: Names of further results that are one row per atom.

    Raises:
        RecordError: If one name stands for two fields, or there are periods without a cell.
    """
    values: dict[str, Value] = {}

    def add(name: str, content: Any, per_node: bool) -> None:
        if name in values:
            raise RecordError(label, name, "stands for two fields; rename one of them in the file")
        value = as_value(content, "node" if per_node else "graph")
        if name in _VOIGT and value.array.shape[-1:] == (6,):
            value = Value(_full(value.array), value.level)
        values[name] = value

    for name, content in atoms.arrays.items():
        if name not in _GEOMETRY:
            add(name, content, per_node=True)
    for name, content in atoms.info.items():
        add(str(name), content, per_node=False)
    results = {} if atoms.calc is None else atoms.calc.results
    per_node = {*import_ase("ase.io.extxyz").per_atom_properties, *columns}
    for name, content in results.items():
        if content is not None:
            add(name, content, per_node=name in per_node)
    if atoms.constraints:
        add("constraints", "; ".join(map(str, atoms.constraints)), per_node=False)
    if np.any(atoms.pbc) and not atoms.cell.any():
        raise RecordError(
            label, "pbc", "is periodic, but there is no cell; give one, or set pbc to false"
        )
    if atoms.cell.any():
        add("cell", np.asarray(atoms.cell.array), per_node=False)
        add("pbc", np.asarray(atoms.pbc), per_node=False)
    return Record(label, number, np.asarray(atoms.positions), values, np.asarray(atoms.numbers))


def _full(voigt: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return symmetric matrices ``[..., 3, 3]`` from ``[..., 6]``."""
    xx, yy, zz, yz, xz, xy = np.moveaxis(voigt, -1, 0)
    rows = [np.stack(row, -1) for row in ([xx, xy, xz], [xy, yy, yz], [xz, yz, zz])]
    return np.stack(rows, -2)
