"""Data bases of ASE: what is read, and what is refused with which words."""

from __future__ import annotations

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
