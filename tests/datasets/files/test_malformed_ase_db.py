"""Data bases of ASE with a mistake: each is refused by file, record and field, or counted."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import ase
import ase.db
import numpy as np
import pytest
from ase.calculators.singlepoint import SinglePointCalculator

from semola_geo.datasets import ASEDatabase


def molecule(size: int = 4, **results: Any) -> ase.Atoms:
    atoms = ase.Atoms("HCNOF"[:size], np.random.default_rng(size).normal(size=(size, 3)))
    results = {"energy": -1.5, "dipole": np.ones(3)} | results
    given = {name: value for name, value in results.items() if value is not None}
    atoms.calc = SinglePointCalculator(atoms, **given)
    return atoms


def changed(**attributes: Any) -> ase.Atoms:
    """Positions, cells and the like of a molecule that has results."""
    atoms = molecule()
    for name, value in attributes.items():
        setattr(atoms, name, value)
        setattr(atoms.calc.atoms, name, value)
    return atoms


def base(*rows: ase.Atoms | tuple[ase.Atoms, dict[str, Any]]) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with ase.db.connect(path) as target:
            for row in rows:
                atoms, others = row if isinstance(row, tuple) else (row, {})
                target.write(atoms, **others)

    return write


def second(atoms: ase.Atoms, **others: Any) -> Callable[[Path], None]:
    """A mistake between two good rows."""
    return base(molecule(), (atoms, others), molecule(3))


def second_of(good: ase.Atoms, atoms: ase.Atoms) -> Callable[[Path], None]:
    return base(good, atoms, good)


def sql(command: str, *values: Any) -> Callable[[Path], None]:
    """Three good rows of a data base, and damage done to them."""

    def write(path: Path) -> None:
        base(molecule(), molecule(3), molecule(2))(path)
        with closing(sqlite3.connect(path)) as target, target:
            target.execute(command, values)

    return write


def edited(old: bytes | int, new: bytes = b"") -> Callable[[Path], None]:
    """Three good rows, with bytes exchanged, or only the first ones kept."""

    def write(path: Path) -> None:
        base(molecule(), molecule(3), molecule(2))(path)
        content = path.read_bytes()
        if isinstance(old, int):
            content = content[:old] + (bytes(len(content) - old) if new else b"")
        else:
            assert old in content
            content = content.replace(old, new)
        path.write_bytes(content)

    return write


def other_sqlite(path: Path) -> None:
    with closing(sqlite3.connect(path)) as target, target:
        target.execute("CREATE TABLE molecules (energy REAL)")


def no_rows(path: Path) -> None:
    with ase.db.connect(path) as target:
        del target[target.write(molecule())]


POSITIONS = molecule().positions
LOST = np.where(np.arange(9) == 4, np.nan, 0.5 * np.arange(9))
FAR = np.where(np.arange(12).reshape(4, 3) == 4, 1e30, POSITIONS)
UNREADABLE = "cannot be read as a data base of ASE"
PERIODIC = changed(cell=[3, 3, 3])
NO_CELL = np.diag([np.nan, 3.0, 3.0])

SQLITE: dict[str, tuple[Any, int | None, str | None, str]] = {
    "empty": (b"", None, None, "is empty"),
    "text": (b"energy\r\n1\r\n", None, None, "neither SQLite nor JSON"),
    "binary rubbish": (bytes(range(256)) * 9, None, None, "neither SQLite nor JSON"),
    "header only": (b"SQLite format 3\0" + bytes(200), None, None, UNREADABLE),
    "other SQLite": (other_sqlite, None, None, f"{UNREADABLE}: it has no table of systems"),
    "no rows": (no_rows, None, None, "has no records"),
    "truncated early": (edited(2000), None, None, UNREADABLE),
    "truncated late": (edited(9000), None, None, UNREADABLE),
    "overwritten": (edited(4096, b"0"), None, None, UNREADABLE),
    "column missing": (
        sql("ALTER TABLE systems DROP COLUMN forces"),
        None,
        None,
        f"{UNREADABLE}: Op",
    ),
    "positions cut": (
        sql("UPDATE systems SET positions = ? WHERE id = 2", bytes(48)),
        None,
        None,
        r"record 1 \(id 2\): counts 3 atoms, but stores 3 atomic numbers and 2 positions",
    ),
    "positions lost": (
        sql("UPDATE systems SET positions = NULL WHERE id = 2"),
        None,
        None,
        r"record 1 \(id 2\): counts 3 atoms, but .* and 0 positions",
    ),
    "numbers cut": (
        sql("UPDATE systems SET numbers = ? WHERE id = 3", bytes(4)),
        None,
        None,
        r"record 2 \(id 3\): counts 2 atoms, but stores 1 atomic numbers and 2 positions",
    ),
    "wrong count": (
        sql("UPDATE systems SET natoms = 9 WHERE id = 1"),
        None,
        None,
        r"record 0 \(id 1\): counts 9 atoms",
    ),
    "negative count": (sql("UPDATE systems SET natoms = -3 WHERE id = 2"), None, None, "counts -3"),
    "cell cut": (
        sql("UPDATE systems SET cell = ? WHERE id = 2", bytes(8)),
        None,
        None,
        rf"record 1 {UNREADABLE}",
    ),
    "data damaged": (
        sql("UPDATE systems SET data = ? WHERE id = 2", b"\1\2\3\4\5\6\7\x08"),
        1,
        None,
        r"\(id 2\): ASE cannot read it",
    ),
    "dipole cut": (
        sql("UPDATE systems SET dipole = ? WHERE id = 2", bytes(8)),
        1,
        "dipole",
        r"has shape \[1\] where \[3\] is expected",
    ),
    "text energy": (
        sql("UPDATE systems SET energy = 'low' WHERE id = 2"),
        1,
        "energy",
        "is no number but text: 'low'",
    ),
    "infinite energy": (
        sql("UPDATE systems SET energy = 9e999 WHERE id = 2"),
        1,
        "energy",
        r"1 value\(s\) are NaN or infinite",
    ),
    "no atoms": (second(ase.Atoms()), 1, None, "has no nodes"),
    "no results": (second(ase.Atoms("H", [[0, 0, 0]])), 1, "energy", "is missing, but records be"),
    # SQLite has no NaN: ASE stores it as nothing.
    "NaN energy": (second(molecule(energy=np.nan)), 1, "energy", "is missing, but records before"),
    "NaN target": (second(molecule(dipole=np.full(3, np.nan))), 1, "dipole", r"3 value\(s\) are"),
    "NaN position": (
        sql("UPDATE systems SET positions = ? WHERE id = 2", LOST.tobytes()),
        1,
        "pos",
        r"1 value\(s\) are NaN",
    ),
    "huge position": (second(changed(positions=FAR)), 1, "pos", r"1e\+30 is too large"),
    "huge target": (second(molecule(energy=1e200)), 1, "energy", r"1e\+200 is too large"),
    "shape changes": (second(molecule(dipole=np.ones(2))), 1, "dipole", r"\[2\] where \[3\]"),
    "dummy atom": (second(changed(numbers=[1, 0, 7, 8])), 1, "z", "atom 1 has atomic number 0"),
    "unknown element": (
        sql("UPDATE systems SET numbers = ? WHERE id = 2", np.int32([1, 6, 140]).tobytes()),
        1,
        "z",
        "atom 2 has atomic number 140; elements are",
    ),
    "cell in one": (second(PERIODIC), 1, "cell", "is here, but records before lack it"),
    "cell in others": (second_of(PERIODIC, molecule()), 1, "cell", "is missing, but records bef"),
    "NaN cell": (
        sql(
            "UPDATE systems SET cell = CASE id WHEN 2 THEN ? ELSE ? END",
            NO_CELL.tobytes(),
            np.eye(3).tobytes(),
        ),
        1,
        "cell",
        r"1 value\(s\) are NaN",
    ),
    "periods without a cell": (second(changed(pbc=True)), 1, "pbc", "is periodic, but there is no"),
    "twice": (second(molecule(), data={"energy": 3.0}), 1, "energy", "stands for two fields"),
    "undeclared": (
        base((molecule(dipole=None), {"data": {"dipole": [1.0, 2.0]}})),
        None,
        "dipole",
        r"record 0 \(id 1\), .*: has shape \[2\] per graph, but by its name",
    ),
}

JSON: dict[str, tuple[Any, int | None, str | None, str]] = {
    "broken": (b'{"1": ', None, None, f"{UNREADABLE}: JSONDecodeError"),
    "other": (b'{"energy": 1.5}', None, None, UNREADABLE),
    "truncated": (edited(1000), None, None, f"{UNREADABLE}: JSONDecodeError"),
    "mark": (edited(b'{"1"', b'\xef\xbb\xbf{"1"'), None, None, "begins with a byte-order mark"),
    "not UTF-8": (edited(b"energy", b"ener\xe9"), None, None, f"{UNREADABLE}: UnicodeDecode"),
    "id twice": (edited(b'\n"2"', b'\n"1"'), None, "1", "comes twice"),
    "key twice": (
        edited(b'"energy": -1.5', b'"energy": 3, "energy": 2'),
        None,
        "energy",
        r"record 0 \(id 1\), .*comes twice",
    ),
    "one row too many": (edited(b"[1, 2, 3]", b"[1, 2, 3, 4]"), None, "ids", "lists 1, 2, 3, 4, b"),
    "row listed twice": (edited(b"[1, 2, 3]", b"[1, 1, 3]"), None, "ids", "lists 1, 1, 3, but"),
    "row not listed": (edited(b"[1, 2, 3]", b"[1, 3]"), None, "ids", "but the rows are 1, 2, 3"),
    "NaN": (second(molecule(energy=np.nan)), 1, "energy", r"1 value\(s\) are NaN"),
    "infinite": (second(molecule(energy=-np.inf)), 1, "energy", r"1 value\(s\) are NaN or inf"),
    "huge": (second(molecule(energy=1e30)), 1, "energy", r"1e\+30 is too large"),
}


@pytest.mark.parametrize("case", SQLITE)
def test_malformed_sqlite_is_refused_by_name(refuses: Callable[..., None], case: str) -> None:
    refuses(ASEDatabase, "mine.db", SQLITE[case], targets=("energy", "dipole"))


@pytest.mark.parametrize("case", JSON)
def test_malformed_json_is_refused_by_name(refuses: Callable[..., None], case: str) -> None:
    refuses(ASEDatabase, "mine.json", JSON[case], targets=("energy", "dipole"))


def test_windows_line_ends_and_integer_targets(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    base((molecule(), {"key_value_pairs": {"spin": 2}}))(path)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert ASEDatabase(path, "spin")[0].spin.tolist() == [2.0]
    assert "whole numbers; name it in targets" in ASEDatabase(path).summary()


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no file .*nowhere\.db"):
        ASEDatabase(tmp_path / "nowhere.db")
    with pytest.raises(ValueError, match="is a folder; give the path of a file"):
        ASEDatabase(tmp_path)
    assert list(tmp_path.iterdir()) == []
