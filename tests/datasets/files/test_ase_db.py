"""Data bases of ASE: what is read, and what is refused with which words."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ase
import ase.db
import numpy as np
import pytest
import torch
from ase.calculators.singlepoint import SinglePointCalculator

from semola_geo.datasets import ASEDatabase

RANDOM = np.random.default_rng(0)


def molecule(size: int = 4, **results: Any) -> ase.Atoms:
    atoms = ase.Atoms("HCNOF"[:size], np.random.default_rng(size).normal(size=(size, 3)))
    if results:
        atoms.calc = SinglePointCalculator(atoms, **results)
    return atoms


def labelled(size: int = 4, **others: Any) -> ase.Atoms:
    results = {"energy": -1.5, "dipole": np.ones(3), "forces": np.ones((size, 3))} | others
    return molecule(size, **{name: value for name, value in results.items() if value is not None})


@pytest.mark.parametrize("name", ["mine.db", "mine.json"])
def test_everything_that_was_written_comes_back(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    stress = RANDOM.normal(size=6)
    with ase.db.connect(path) as base:
        for size in (4, 2, 5):
            axis, shift = np.full((size, 3), 2.0), [1.0, 2.0, 3.0]
            data = {"axis": axis, "shift": shift, "charge_sum": 0.25}
            base.write(labelled(size, stress=stress), gap=size + 0.5, source="dft", data=data)
    data = ASEDatabase(path, fields={"axis": "vector", "shift": "vector"}, dtype=torch.float64)
    assert data.fields == {
        "pos": "point",
        "energy": "scalar",
        "dipole": "vector",
        "forces": "covector",
        "stress": "ij=ji",
        "gap": "scalar",
        "axis": "vector",
        "shift": "vector",
        "charge_sum": "scalar",
    }
    assert data.gap.tolist() == [4.5, 2.5, 5.5]
    assert data[2].axis.shape == data[2].forces.shape == (5, 3)
    assert data[2].shift.tolist() == [[1, 2, 3]]
    torch.testing.assert_close(data[1].pos, torch.tensor(molecule(2).positions))
    xx, yy, zz, yz, xz, xy = stress
    expected = torch.tensor([[[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]], dtype=torch.float64)
    torch.testing.assert_close(data[0].stress, expected)
    assert "left out  text: 'dft'" in data.summary()


def test_levels_of_stored_arrays_can_be_declared(tmp_path: Path) -> None:
    path = tmp_path / "mine.db"
    with ase.db.connect(path) as base:
        base.write(molecule(3), data={"q": np.ones(3)})
    with pytest.raises(
        ValueError, match=r"record 0 .*field 'q': .*one row per node, or one per graph"
    ):
        ASEDatabase(path)
    assert ASEDatabase(path, levels={"q": "node"})[0].q.shape == (3,)


def after_a_good_one(atoms: ase.Atoms, **others: Any) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with ase.db.connect(path) as base:
            base.write(labelled())
            base.write(atoms, **others)

    return write


def alone(atoms: ase.Atoms, **others: Any) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with ase.db.connect(path) as base:
            base.write(atoms, **others)

    return write


def raw(content: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content) and None


def other_sqlite(path: Path) -> None:
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE molecules (energy REAL)")


def no_rows(path: Path) -> None:
    with ase.db.connect(path) as base:
        del base[base.write(molecule())]


def cut(path: Path) -> None:
    alone(labelled())(path)
    path.write_bytes(path.read_bytes()[:9000])


def overwritten(path: Path) -> None:
    alone(labelled())(path)
    content = path.read_bytes()
    path.write_bytes(content[:4096] + bytes(len(content) - 4096))


def broken_positions(path: Path) -> None:
    alone(labelled())(path)
    with sqlite3.connect(path) as base:
        base.execute("UPDATE systems SET positions = ?", (b"\0\0\0",))


def moved(value: float) -> ase.Atoms:
    atoms = labelled()
    atoms.positions[1, 0] = atoms.calc.atoms.positions[1, 0] = value
    return atoms


PERIODIC = labelled()
PERIODIC.cell = [3, 3, 3]
PERIODIC.calc.atoms.cell = [3, 3, 3]
DUMMY = molecule()
DUMMY.numbers[2] = 0
LOST = molecule()
LOST.positions[1, 0] = np.nan
NO_RESULT = r"record 1 .*field 'energy': is missing, but"

MALFORMED: dict[str, tuple[Callable[[Path], Any], str]] = {
    "empty": (raw(b""), "is empty"),
    "text": (raw(b"energy\r\n1\r\n"), "neither SQLite nor JSON"),
    "binary rubbish": (raw(bytes(range(256)) * 9), "neither SQLite nor JSON"),
    "sqlite header only": (raw(b"SQLite format 3\0" + bytes(200)), "cannot be read as a data base"),
    "other sqlite": (other_sqlite, "it has no table of systems"),
    "other json": (raw(b'{"energy": 1.5}'), "cannot be read as a data base"),
    "broken json": (raw(b'{"1": '), "cannot be read as a data base"),
    "no rows": (no_rows, "has no records"),
    "truncated": (cut, "cannot be read as a data base"),
    "overwritten": (overwritten, "cannot be read as a data base"),
    "broken array": (broken_positions, "record 0.*: ASE cannot read it|cannot be read"),
    "no atoms": (after_a_good_one(ase.Atoms()), "record 1.*: has no nodes"),
    "no result": (after_a_good_one(molecule()), NO_RESULT),
    "other result": (after_a_good_one(labelled(energy=None)), NO_RESULT),
    # SQLite has no NaN: ASE stores it as nothing.
    "NaN": (after_a_good_one(labelled(energy=np.nan)), NO_RESULT),
    "NaN target": (
        after_a_good_one(labelled(dipole=np.full(3, np.nan))),
        "record 1 .*field 'dipole': 3 value",
    ),
    "NaN position": (
        alone(LOST, data={"energy": 1.0, "dipole": np.ones(3)}),
        "record 0 .*field 'pos': 1 value",
    ),
    "huge": (after_a_good_one(moved(1e300)), r"record 1 .*field 'pos': 1e\+300 does not fit"),
    "shape": (after_a_good_one(labelled(dipole=np.ones(2))), r"'dipole': has shape \[2\]"),
    "forces": (
        after_a_good_one(labelled(forces=np.ones((3, 3)))),
        r"record 1 .*field 'forces'|cannot",
    ),
    "dummy": (alone(DUMMY, data={"energy": 1.0, "dipole": np.ones(3)}), "'z': atom 2 .*number 0"),
    "cell in one": (after_a_good_one(PERIODIC), "record 1 .*field 'cell': is here, but"),
    "twice": (alone(labelled(), data={"energy": 3.0}), "'energy': stands for two fields"),
    "text target": (
        alone(molecule(), data={"energy": "low", "dipole": np.ones(3)}),
        "record 0 .*field 'energy': text: 'low'",
    ),
    "nobody knows": (
        alone(labelled(dipole=None), data={"dipole": [1.0, 2.0]}),
        r"record 0 .*field 'dipole': has shape \[2\] per graph, and nothing says",
    ),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_files_are_refused_by_name(tmp_path: Path, case: str) -> None:
    write, message = MALFORMED[case]
    path = tmp_path / "mine.db"
    write(path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=rf"mine\.db.*({message})"):
        ASEDatabase(path, "forces" if case == "forces" else ("energy", "dipole"))
    assert path.read_bytes() == before
