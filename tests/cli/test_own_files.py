"""A user's own file, from the command line to a report."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import ase
import ase.db
import ase.io
import numpy as np
import pytest
import torch
from ase.calculators.singlepoint import SinglePointCalculator
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig
from rdkit import Chem
from torch_geometric.data import Data

from semola_geo.cli import discover, train
from semola_geo.cli.application import config_directory
from semola_geo.comparison.experiment import cell_configs
from semola_geo.comparison.task import Task
from semola_geo.datasets import ExtXYZ
from semola_geo.discovery import discover_symmetry

COUNT = 60
TINY = ["budget=tiny", "trainer=fast_dev_run", "discovery=tiny"]


def molecules() -> list[ase.Atoms]:
    """Molecules with dipoles of point charges, and forces beside them."""
    generator = np.random.default_rng(0)
    out = []
    for number in range(COUNT):
        size = 3 + number % 3
        atoms = ase.Atoms("HCNOF"[:size], generator.normal(size=(size, 3)))
        centred = atoms.positions - atoms.positions.mean(0)
        atoms.calc = SinglePointCalculator(
            atoms, dipole=atoms.numbers @ centred, forces=-centred, energy=float(number)
        )
        out.append(atoms)
    return out


def extxyz(path: Path) -> None:
    ase.io.write(path, molecules(), format="extxyz")


def ase_db(path: Path) -> None:
    with ase.db.connect(path, type="db") as base:
        for atoms in molecules():
            base.write(atoms)


def npz(path: Path) -> None:
    pos = np.random.default_rng(0).normal(size=(COUNT, 4, 3))
    with path.open("wb") as file:
        np.savez(file, pos=pos, dipole=pos.sum(1), forces=-pos, z=np.array([1, 6, 7, 8]))


def pyg(path: Path) -> None:
    pos = torch.randn(COUNT, 4, 3)
    torch.save([Data(pos=x, dipole=x.sum(0)[None], forces=-x) for x in pos], path)


def sdf(path: Path) -> None:
    with Chem.SDWriter(str(path)) as writer:
        for number in range(COUNT):
            molecule = Chem.MolFromSmiles("C" * (1 + number % 3))
            molecule.SetProp("gap", str(0.5 * number))
            writer.write(molecule)


def smiles_csv(path: Path) -> None:
    rows = [f"{'C' * (1 + number % 3)},{0.5 * number}" for number in range(COUNT)]
    path.write_text("\n".join(["smiles,gap", *rows]))


FORMATS: dict[str, tuple[Callable[[Path], None], str]] = {
    "extxyz": (extxyz, "dipole"),
    "ase_db": (ase_db, "dipole"),
    "npz": (npz, "dipole"),
    "pyg": (pyg, "dipole"),
    "sdf": (sdf, "gap"),
    "smiles_csv": (smiles_csv, "gap"),
}


def composed(*overrides: str) -> DictConfig:
    with initialize_config_dir(str(config_directory()), version_base="1.3"):
        return compose("compare", overrides=list(overrides))


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_becomes_a_task_with_a_seeded_split(tmp_path: Path, name: str) -> None:
    write, target = FORMATS[name]
    write(tmp_path / "mine")
    overrides = [f"data={name}", f"data.path={tmp_path / 'mine'}", f"target={target}"]
    task = Task.from_config(composed(*overrides))
    again = Task.from_config(composed(*overrides))
    other = Task.from_config(composed(*overrides, "data.seed=1"))
    numbers = {
        split: [int(graph.idx) for graph in getattr(task, split)]
        for split in ("train", "val", "test")
    }
    assert [len(part) for part in numbers.values()] == [45, 6, 9]
    assert sorted(n for part in numbers.values() for n in part) == list(range(COUNT))
    assert [int(graph.idx) for graph in again.train] == numbers["train"]
    assert [int(graph.idx) for graph in other.train] != numbers["train"]
    assert (task.level, task.labels) == ("graph", (target,))
    assert list(task.fields) == ["pos", target]
    assert target in task.summary


def start(
    monkeypatch: pytest.MonkeyPatch, folder: Path, main: Callable[[], None], *arguments: str
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["semola", *arguments, *TINY])
    main()


def test_discover_shows_the_fields_first_and_leaves_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    extxyz(tmp_path / "mine.extxyz")
    arguments = ["data=extxyz", "data.path=mine.extxyz", "target=dipole", "ambient=Aff(3)"]
    start(monkeypatch, tmp_path, discover.main, *arguments, "hydra.run.dir=out")
    told = capsys.readouterr().out
    table, report = told.index("representation"), told.index("Aff(3)")
    assert table < report
    for row in (
        "dipole  vector          [1, 3]  target",
        "forces  -               -       left out",
    ):
        assert row in told
    assert json.loads((tmp_path / "out" / "report.json").read_text())["ambient"] == "Aff(3)"


def test_train_on_a_file_with_a_lattice_and_forces_of_each_atom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    atoms = molecules()
    for one in atoms:
        one.cell = one.calc.atoms.cell = np.diag([9.0, 8.0, 7.0])
    ase.io.write(tmp_path / "mine.extxyz", atoms, format="extxyz")
    arguments = ["data=extxyz", "data.path=mine.extxyz", "target=forces", "method=semola_joint"]
    start(monkeypatch, tmp_path, train.main, *arguments, "hydra.run.dir=out")
    assert "cell    vector" in capsys.readouterr().out
    assert json.loads((tmp_path / "out" / "report.json").read_text())["steps"] == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["data=extxyz"], "the data need data.path: say data.path=..."),
        (["data=extxyz", "data.path=nowhere.extxyz"], "there is no file nowhere.extxyz"),
        (
            ["data=extxyz", "data.path=mine.extxyz", "target=dipol"],
            "'dipol': is not in the first record",
        ),
        (["data=extxyz", "data.path=mine.extxyz", "data.limit=5"], "5 graph(s) are too few"),
        (["data=extxyz", "data.path=mine.extxyz", "+data.root=x"], "no option 'root'"),
        (["data=npz", "data.path=mine.extxyz"], "is no .npz archive"),
        (["data=sdf", "data.path=mine.extxyz"], "mine.extxyz, record 0"),
        (["data=extxyz", "data.path=mine.extxyz", "data.fields={dipole: ij}"], "declared 'ij'"),
    ],
)
def test_a_mistake_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    extxyz(tmp_path / "mine.extxyz")
    with pytest.raises(SystemExit) as stopped:
        start(monkeypatch, tmp_path, discover.main, *arguments)
    assert stopped.value.code == 2
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "error" in line]
    assert message in line


def test_a_changed_file_makes_finished_cells_stale(tmp_path: Path) -> None:
    path = tmp_path / "mine.extxyz"
    extxyz(path)
    overrides = ["data=extxyz", f"data.path={path}", "methods=[none]", "seeds=[0]"]
    before, again = cell_configs(composed(*overrides)), cell_configs(composed(*overrides))
    path.write_text(path.read_text() + os.linesep)
    after = cell_configs(composed(*overrides))
    assert before == again
    assert before != after
    assert "data_file" not in cell_configs(composed())[0]


def test_a_lattice_takes_part_in_discovery(tmp_path: Path) -> None:
    """The rows of ``cell`` turn with the atoms, and translations leave them alone."""
    atoms = molecules()
    for one in atoms:
        one.cell = one.calc.atoms.cell = np.diag([9.0, 8.0, 7.0])
    ase.io.write(tmp_path / "mine.extxyz", atoms, format="extxyz")
    data = ExtXYZ(tmp_path / "mine.extxyz", "dipole")
    report = discover_symmetry(
        data, "dipole", data.fields, "Aff(3)", steps=5, refine=False, progress=False
    )
    assert len(report.verdicts) == 12
