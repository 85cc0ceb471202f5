"""QM9 from small files in the formats of both sources."""

from __future__ import annotations

import csv
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from torch_geometric.datasets.qm9 import HAR2EV, atomrefs

from semola_geo.datasets import QM9

DOUBLE: dict[str, Any] = {"dtype": torch.float64}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, published: ModuleType) -> Path:
    """``qm9pack`` and ``pyg/raw``: the same molecules as both sources store them."""
    root = tmp_path_factory.mktemp("qm9")
    published.write_qm9(root)
    return root


def source(folder: Path, name: str) -> dict[str, Any]:
    return {"source": name, "root": folder / name}


def test_both_sources_serve_the_same_molecules_in_the_same_order(folder: Path) -> None:
    names = [name for name in QM9.UNITS if name != "pos"]
    options: dict[str, Any] = {"split": "train", "orientation": "original", **DOUBLE}
    one = QM9(names, **source(folder, "qm9pack"), **options)
    other = QM9(names, **source(folder, "pyg"), **options)
    assert one._data.idx.tolist() == other._data.idx.tolist()
    for a, b in zip(one, other, strict=True):
        assert a.z.equal(b.z)
        torch.testing.assert_close(a.pos, b.pos, atol=2e-4, rtol=0)
        for name in names:
            # PyG has float32 numbers, of energies near 5,000 eV.
            torch.testing.assert_close(a[name], b[name], atol=2e-3, rtol=1e-5)


def test_units_and_molecules_without_the_one_that_failed(
    folder: Path, published: ModuleType
) -> None:
    data = QM9(["u0", "u0_atom", "mu"], orientation="original", **source(folder, "qm9pack"))
    assert sorted(data._data.idx.tolist()) == [i for i in range(1, 15) if i != published.LEFT_OUT]
    with (folder / "qm9pack" / "qm9_part2.csv").open() as file:
        row = next(csv.DictReader(file))
    methane = data[data._data.idx.tolist().index(1)]
    total = float(row["InternalEnergy_0K_au"]) * HAR2EV
    assert methane.u0.item() == pytest.approx(total)
    hydrogen, carbon, *_ = atomrefs[7]
    assert methane.u0_atom.item() == pytest.approx(total - 4 * hydrogen - carbon)
    assert methane.mu.item() == pytest.approx(float(row["Dipole_debye"]))
    assert (methane.smiles, sorted(methane.z.tolist())) == ("C", [1, 1, 1, 1, 6])


def test_splits_limits_and_poses(folder: Path) -> None:
    pack = source(folder, "qm9pack")
    parts = [QM9("gap", split, **pack) for split in ("train", "val", "test")]  # type: ignore[arg-type]
    assert [len(part) for part in parts] == [11, 1, 1]
    everything = QM9("gap", **pack, **DOUBLE)
    assert torch.cat([part._data.idx for part in parts]).equal(everything._data.idx)
    assert parts[2][0].pos.double().sub(everything[12].pos).abs().max() < 1e-5
    assert not QM9("gap", split_seed=1, **pack)._data.idx.equal(everything._data.idx)
    assert QM9("gap", limit=3, **pack)._data.idx.equal(everything._data.idx[:3])
    other = QM9("gap", seed=1, **pack, **DOUBLE)
    for a, b in zip(everything, other, strict=True):
        assert not torch.allclose(a.pos, b.pos, atol=1e-2)
        torch.testing.assert_close(torch.cdist(a.pos, a.pos), torch.cdist(b.pos, b.pos))
    assert everything.fields == {"pos": "point", "gap": "scalar"}


def test_missing_files_are_named_and_nothing_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"gdb9\.sdf.*download=True"):
        QM9(source="pyg", root=tmp_path)
    with pytest.raises(FileNotFoundError, match=r"no files qm9_part\*\.csv"):
        QM9(root=tmp_path)


@pytest.mark.parametrize(
    ("column", "wrong"),
    [
        ("Elements", "['C','Xx']"),
        ("XYZ_Ang", "[[0.0,1.0]]"),
        ("HOMO_au", "n/a"),
        ("ZPVE_au", "nan"),
    ],
)
def test_a_wrong_row_is_named(folder: Path, tmp_path: Path, column: str, wrong: str) -> None:
    with (folder / "qm9pack" / "qm9_part1.csv").open() as file:
        rows = list(csv.DictReader(file))
    rows[1][column] = wrong
    with (tmp_path / "qm9_part1.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(ValueError, match=r"qm9_part1\.csv, line 3"):
        QM9(root=tmp_path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"targets": "energy"}, "target 'energy' is unknown"),
        ({"split": "dev"}, "split='dev' is unknown"),
        ({"source": "deepchem"}, "source='deepchem' is unknown; choose qm9pack or pyg"),
        ({"source": "pyg"}, "needs root="),
        ({"limit": 0}, "limit counts molecules"),
        ({"orientation": "upright"}, "orientation='upright' is unknown"),
        ({"max_angle": 10.0}, "only applies to orientation='restricted'"),
    ],
)
def test_mistakes_are_explained(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        QM9(**options)


def test_test_molecules_alone_are_turned_if_asked_for(folder: Path) -> None:
    options = source(folder, "pyg")
    for split in ("train", "val", "test"):
        shifted = QM9(
            "gap",
            split,  # type: ignore[arg-type]
            orientation="canonical",
            test_orientation="random",
            **options,
        )
        pose: Any = "random" if split == "test" else "canonical"
        expected = QM9("gap", split, orientation=pose, **options)  # type: ignore[arg-type]
        assert shifted._data.pos.equal(expected._data.pos)
        assert shifted._data.idx.equal(expected._data.idx)
