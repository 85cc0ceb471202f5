"""QM9 from small files in the formats of both sources."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from rdkit import Chem
from rdkit.Chem import AllChem
from torch_geometric.datasets.qm9 import HAR2EV, KCALMOL2EV, atomrefs

from semola_geo.datasets import QM9

SMILES = ["C", "N", "O", "CC", "CO", "CN", "C#N", "C=O", "CF", "CCC", "CCO", "C1CC1", "CC=O", "OO"]
LEFT_OUT = 4  # Number, from 1, of the molecule that failed the consistency check.
DOUBLE: dict[str, Any] = {"dtype": torch.float64}
TOTAL = ("InternalEnergy_0K_au", "InternalEnergy_298K_au", "Enthalphy_298K_au")
ELECTRONIC = ("HOMO_au", "LUMO_au", "HOMO_LUMO_gap_au", "R2_bohr2", "ZPVE_au")
COLUMNS = (
    *("RotA_GHz", "RotB_GHz", "RotC_GHz", "Dipole_debye", "Polarizability_bohr3"),
    *(*ELECTRONIC, *TOTAL, "GibbsFreeEnergy_298K_au", "Heatcapacity_Cv_cal_mol_K"),
)


def molecules() -> list[Chem.Mol]:
    made = []
    for smiles in SMILES:
        molecule = Chem.AddHs(Chem.MolFromSmiles(smiles))
        assert AllChem.EmbedMolecule(molecule, randomSeed=1) == 0
        made.append(molecule)
    return made


def atomization(molecule: Chem.Mol, total: float, column: int) -> float:
    """In kcal/mol, as the tables of PyG have it."""
    free = dict(zip((1, 6, 7, 8, 9), atomrefs[column], strict=True))
    atoms = sum(free[atom.GetAtomicNum()] for atom in molecule.GetAtoms())
    return (total * HAR2EV - atoms) / KCALMOL2EV


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``qm9pack`` and ``pyg/raw``: the same molecules as both sources store them."""
    root = tmp_path_factory.mktemp("qm9")
    raw, pack = root / "pyg" / "raw", root / "qm9pack"
    raw.mkdir(parents=True)
    pack.mkdir()
    generator = np.random.default_rng(0)
    table = generator.uniform(0.1, 1.0, (len(SMILES), len(COLUMNS))).round(4)
    writer = Chem.SDWriter(str(raw / "gdb9.sdf"))
    with (raw / "gdb9.sdf.csv").open("w") as scalars:
        scalars.write("mol_id,A,B,C,mu,alpha,homo,lumo,gap,r2,zpve,u0,u298,h298,g298,cv,")
        scalars.write("u0_atom,u298_atom,h298_atom,g298_atom\n")
        for i, molecule in enumerate(molecules()):
            molecule.SetProp("_Name", f"gdb_{i + 1}")
            writer.write(molecule)
            free = [atomization(molecule, table[i, 10 + k], 7 + k) for k in range(4)]
            scalars.write(",".join([f"gdb_{i + 1}", *map(repr, map(float, [*table[i], *free]))]))
            scalars.write("\n")
    writer.close()
    lines = [*(9 * ["header"]), f"  {LEFT_OUT}  C  1  2", "1 compound", ""]
    (raw / "uncharacterized.txt").write_text("\n".join(lines))
    # Two files, the later molecules in the first.
    for part, chosen in ((1, range(7, len(SMILES))), (2, range(7))):
        with (pack / f"qm9_part{part}.csv").open("w", newline="") as file:
            out = csv.writer(file)
            out.writerow(["XYZ_file", "Index", "SMILES", "Elements", "XYZ_Ang", *COLUMNS])
            for i in chosen:
                if i + 1 != LEFT_OUT:
                    out.writerow(csv_row(i, molecules()[i], table[i]))
    return root


def csv_row(i: int, molecule: Chem.Mol, values: np.ndarray) -> list[Any]:
    elements = [atom.GetSymbol() for atom in molecule.GetAtoms()]
    pos = molecule.GetConformer().GetPositions().round(4).tolist()
    return [f"dsgdb9nsd_{i + 1:06d}.xyz", i + 1, SMILES[i], str(elements), str(pos), *values]


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


def test_units_and_molecules_without_the_one_that_failed(folder: Path) -> None:
    data = QM9(["u0", "u0_atom", "mu"], orientation="original", **source(folder, "qm9pack"))
    assert sorted(data._data.idx.tolist()) == [i for i in range(1, 15) if i != LEFT_OUT]
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
