from __future__ import annotations

import json
import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from semola_geo.datasets import QM9XTB
from semola_geo.datasets._location import locate

HEADER = (
    "XYZ_file,Index,SMILES,N_atoms,Elements,XYZ_Ang,Dipole_debye,Polarizability_bohr3,HOMO_au,"
    "LUMO_au,HOMO_LUMO_gap_au,R2_bohr2,ZPVE_au,InternalEnergy_0K_au,InternalEnergy_298K_au,"
    "Enthalphy_298K_au,GibbsFreeEnergy_298K_au,Heatcapacity_Cv_cal_mol_K\n"
)
WATER = np.array([[-0.034, 0.978, 0.008], [0.065, 0.021, 0.002], [0.872, 1.301, 0.001]])
SCALARS = "1.8511,6.31,-0.2928,0.0687,0.3615,19.0,0.0214,-76.4047,-76.4019,-76.4009,-76.4223,6.002"


def row(index: int, smiles: str, atoms: int = 3) -> str:
    return (
        f'"a.xyz",{index},"{smiles}",{atoms},"[\'O\',\'H\',\'H\']","{WATER.tolist()}",{SCALARS}\n'
    )


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The builder's folder, importable for one test without leaving byte code behind."""
    folder = locate("qm9_xtb", "build.py").parent
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return folder


@pytest.fixture
def qm9_csv(folder: Path) -> ModuleType:
    return import_module("qm9_csv")


@pytest.fixture
def xtb(folder: Path) -> ModuleType:
    pytest.importorskip("tblite.interface")
    return import_module("xtb_labels")


@pytest.fixture
def builder(folder: Path, xtb: ModuleType, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    # Not imported as "build": that is the name of a package in many environments.
    spec = spec_from_file_location("qm9_xtb_build", folder / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "SPLIT_SIZES", {"train": 3, "val": 1, "test": 1})
    monkeypatch.setattr(module, "SPARE", 1)
    return module


@pytest.fixture
def field_builder(folder: Path, xtb: ModuleType) -> ModuleType:
    return import_module("build_field")


def write(tmp_path: Path, *rows: str) -> list[Path]:
    (tmp_path / "qm9_part1.csv").write_text(HEADER + "".join(rows))
    return [tmp_path / "qm9_part1.csv"]


def test_a_row_is_parsed(qm9_csv: ModuleType, tmp_path: Path) -> None:
    (molecule,) = qm9_csv.read_molecules(write(tmp_path, row(3, "O")), count=1, seed=0)
    assert (molecule.index, molecule.smiles) == (3, "O")
    assert molecule.numbers.tolist() == [8, 1, 1]
    np.testing.assert_allclose(molecule.pos, WATER, rtol=1e-6)
    assert molecule.b3lyp["mu"] == 1.8511  # Debye, as it is
    assert molecule.b3lyp["gap"] == pytest.approx(9.837, abs=1e-3)  # Hartree to eV
    assert molecule.b3lyp.keys() == qm9_csv.B3LYP.keys()


def test_sampling_is_seeded_and_takes_a_smiles_once(qm9_csv: ModuleType, tmp_path: Path) -> None:
    rows = [row(i, f"molecule{i // 2}") for i in range(40)]
    files = write(tmp_path, *rows)
    drawn = [[m.index for m in qm9_csv.read_molecules(files, 20, seed)] for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert len({index // 2 for index in drawn[0]}) == 20
    with pytest.raises(ValueError, match="asked for 21"):
        qm9_csv.read_molecules(files, 21, 0)


def test_a_malformed_row_is_named(qm9_csv: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="QM9 entry 9: N_atoms is 4"):
        qm9_csv.read_molecules(write(tmp_path, row(9, "O", atoms=4)), 1, 0)
    with pytest.raises(ValueError, match="QM9 entry 8: elements"):
        qm9_csv.read_molecules(write(tmp_path, row(8, "O").replace("'O'", "'Xx'")), 1, 0)


def test_missing_csv_files_are_reported(qm9_csv: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="qm9_part"):
        qm9_csv.csv_files(tmp_path)


def test_units_of_the_shipped_scalars_agree(qm9_csv: ModuleType) -> None:
    units = {name: "eV" if factor != 1.0 else None for name, (_, factor) in qm9_csv.B3LYP.items()}
    for name, unit in units.items():
        assert (QM9XTB.UNITS[name] == "eV") == (unit == "eV")


def rotation() -> np.ndarray[Any, Any]:
    matrix, _ = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))
    return matrix * np.sign(np.linalg.det(matrix))


def test_labels_are_equivariant(xtb: ModuleType) -> None:
    numbers, R, shift = np.array([8, 1, 1]), rotation(), np.array([1.0, -2.0, 3.0])
    jittered = WATER + np.random.default_rng(0).normal(scale=0.1, size=WATER.shape)
    plain = xtb.label_molecule(numbers, WATER, jittered)
    turned = xtb.label_molecule(numbers, WATER @ R.T + shift, jittered @ R.T + shift)
    assert plain["energy"] == pytest.approx(turned["energy"], abs=1e-8)
    np.testing.assert_allclose(turned["dipole"], R @ plain["dipole"], atol=1e-6)
    np.testing.assert_allclose(turned["forces"], plain["forces"] @ R.T, atol=1e-6)
    expected = R @ plain["polarizability"] @ R.T
    np.testing.assert_allclose(turned["polarizability"], expected, atol=2e-3)
    assert (np.linalg.eigvalsh(plain["polarizability"]) > 0).all()


def test_forces_are_minus_the_energy_gradient(xtb: ModuleType) -> None:
    numbers, step = np.array([8, 1, 1]), 1e-3
    jittered = WATER + np.random.default_rng(0).normal(scale=0.1, size=WATER.shape)
    forces = xtb.label_molecule(numbers, WATER, jittered)["forces"]
    push = np.zeros_like(WATER)
    push[1, 0] = step
    up, down = (
        xtb.label_molecule(numbers, WATER, jittered + sign * push)["energy_jittered"]
        for sign in (1, -1)
    )
    assert forces[1, 0] == pytest.approx(-(up - down) / (2 * step), abs=1e-2)


def test_dipole_of_water_points_from_oxygen_to_hydrogens(xtb: ModuleType) -> None:
    dipole = xtb.label_molecule(np.array([8, 1, 1]), WATER, WATER)["dipole"]
    axis = WATER[1] + WATER[2] - 2 * WATER[0]
    assert dipole @ axis / np.linalg.norm(dipole) / np.linalg.norm(axis) > 0.999
    assert np.linalg.norm(dipole) == pytest.approx(1.85 / 4.803, rel=0.25)  # e·Å


def test_shipped_labels_are_rebuilt(folder: Path, xtb: ModuleType, builder: ModuleType) -> None:
    """One shipped molecule, labelled afresh from its shipped geometries."""
    with np.load(folder / "qm9_xtb.npz") as archive:
        shipped = {name: archive[name] for name in archive.files}
    atoms = slice(*shipped["ptr"][:2])
    fresh = xtb.label_molecule(
        shipped["z"][atoms],
        shipped["pos"][atoms].astype(float),
        shipped["pos_jittered"][atoms].astype(float),
    )
    tolerances = builder.TOLERANCES
    for name in ("energy", "dipole", "polarizability", "energy_jittered"):
        np.testing.assert_allclose(fresh[name], shipped[name][0], rtol=0, atol=tolerances[name])
    np.testing.assert_allclose(
        fresh["forces"], shipped["forces"][atoms], rtol=0, atol=tolerances["forces"]
    )


def test_a_small_build_loads_and_passes_its_own_check(
    builder: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, *(row(i, f"water{i}") for i in range(8)))
    common = ["--csv", str(tmp_path), "--out", str(tmp_path / "out"), "--processes", "1"]
    assert builder.main(common) == 0
    assert "SCF failures: 0 of 6" in capsys.readouterr().out
    dataset = QM9XTB("forces", root=tmp_path / "out")
    assert [len(QM9XTB(split=s, root=tmp_path / "out")) for s in ("train", "val", "test")] == [
        3,
        1,
        1,
    ]
    assert len(dataset) == 5
    assert builder.main([*common, "--check", "2"]) == 0

    path = tmp_path / "out" / "qm9_xtb.npz"
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    arrays["dipole"] += 0.01
    np.savez_compressed(path, **arrays)
    assert builder.main([*common, "--check", "2"]) == 1
    assert "DIFFERS" in capsys.readouterr().out


FIELDS = (0.01, 0.04)


def about_z(angle: float) -> np.ndarray[Any, Any]:
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])


def test_a_field_leaves_rotations_about_it_and_translations(xtb: ModuleType) -> None:
    numbers, R, tilt = np.array([8, 1, 1]), about_z(1.0), rotation()
    plain = xtb.dipoles_in_fields(numbers, WATER, FIELDS)
    turned = xtb.dipoles_in_fields(numbers, WATER @ R.T + [1.0, -2.0, 3.0], FIELDS)
    np.testing.assert_allclose(turned, plain @ R.T, atol=1e-6)
    tilted = xtb.dipoles_in_fields(numbers, WATER @ tilt.T, FIELDS)
    broken = np.linalg.norm(tilted - plain @ tilt.T, axis=1)
    assert broken[0] > 0.01
    assert broken[1] > 3 * broken[0]  # follows the field


def test_derivatives_in_a_field_are_those_of_the_dipole(xtb: ModuleType) -> None:
    """Relabelled after a small rotation about x, and after one atom was pushed."""
    numbers, step, field = np.array([8, 1, 1]), 1e-3, 0.02
    jacobian = xtb.dipole_derivatives(numbers, WATER, field)

    def slope(displacement: np.ndarray[Any, Any]) -> Any:
        up, down = (
            xtb.dipoles_in_fields(numbers, WATER + sign * step * displacement, [field])[0]
            for sign in (1, -1)
        )
        return (up - down) / (2 * step)

    push = np.zeros_like(WATER)
    push[2, 1] = 1.0
    spin = WATER @ np.array([[0, 0, 0], [0, 0, -1], [0, 1, 0]]).T
    for displacement in (push, spin):
        expected = np.einsum("inj,nj->i", jacobian, displacement)
        np.testing.assert_allclose(slope(displacement), expected, atol=1e-4)


def test_a_field_in_which_the_scf_fails_has_no_label(
    xtb: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    calculator = xtb._calculator

    def fails_in_strong_fields(numbers: Any, pos: Any, field: Any = None) -> Any:
        if field is not None and field[2] > 0.02:
            raise RuntimeError("SCF not converged")
        return calculator(numbers, pos, field)

    monkeypatch.setattr(xtb, "_calculator", fails_in_strong_fields)
    dipoles = xtb.dipoles_in_fields(np.array([8, 1, 1]), WATER, [0.01, 0.03, 0.04])
    assert np.isfinite(dipoles).all(1).tolist() == [True, False, False]


def test_shipped_labels_in_a_field_are_rebuilt(folder: Path, field_builder: ModuleType) -> None:
    with np.load(folder / "qm9_xtb.npz") as archive:
        shipped = {name: archive[name] for name in ("ptr", "z", "pos")}
    with np.load(folder / "qm9_xtb_field.npz") as archive:
        fresh = field_builder.label_all(shipped, archive["quaternion"], np.array([0]), 1)
        np.testing.assert_allclose(fresh, archive["dipole"][:1], atol=field_builder.TOLERANCE)


def test_a_small_build_in_a_field_loads_and_passes_its_own_check(
    builder: ModuleType,
    field_builder: ModuleType,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(tmp_path, *(row(i, f"water{i}") for i in range(8)))
    out = tmp_path / "out"
    common = ["--out", str(out), "--processes", "1"]
    assert builder.main(["--csv", str(tmp_path), *common]) == 0
    assert field_builder.main(common) == 0
    assert "SCF failures at (0.005, 0.01, 0.02, 0.04) a.u.: [0, 0, 0, 0]" in capsys.readouterr().out
    assert len(QM9XTB(root=out)) == len(QM9XTB(field=0.04, root=out)) == 5
    assert field_builder.main([*common, "--check", "2"]) == 0

    with np.load(out / "qm9_xtb_field.npz") as archive:
        arrays = {name: archive[name] for name in archive.files}
    arrays["dipole"] += 0.01
    np.savez_compressed(out / "qm9_xtb_field.npz", **arrays)
    assert field_builder.main([*common, "--check", "2"]) == 1
    assert "DIFFERS" in capsys.readouterr().out


def test_molecules_whose_scf_fails_are_replaced_and_counted(
    builder: ModuleType, xtb: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, *(row(i, f"water{i}") for i in range(8)))
    label_molecule, calls = xtb.label_molecule, []

    def fail_once(*args: Any) -> Any:
        calls.append(args)
        if len(calls) == 2:
            raise RuntimeError("SCF not converged")
        return label_molecule(*args)

    monkeypatch.setattr(xtb, "label_molecule", fail_once)
    common = ["--csv", str(tmp_path), "--out", str(tmp_path / "out"), "--processes", "1"]
    assert builder.main(common) == 0
    with np.load(tmp_path / "out" / "qm9_xtb.npz") as archive:
        assert json.loads(bytes(archive["meta"]))["scf_failures"] == 1
        assert len(archive["idx"]) == 5
