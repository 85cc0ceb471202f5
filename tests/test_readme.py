"""What the README shows about users' own files is what happens."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import ase
import ase.io
import numpy as np
import pytest
from ase.calculators.singlepoint import SinglePointCalculator

import semola_geo

README = Path(semola_geo.__file__).resolve().parents[1] / "README.md"


def section(title: str) -> str:
    if not README.is_file():
        pytest.skip("not a source tree")
    return README.read_text().split(f"## {title}\n")[1].split("\n## ")[0]


def blocks(text: str, language: str) -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [content for name, content in found if name == language]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with ``mine.extxyz``: sixty molecules of three, four or five atoms."""
    generator = np.random.default_rng(0)
    molecules = []
    for number in range(60):
        size = 3 + number % 3
        atoms = ase.Atoms("HCNOF"[:size], generator.normal(size=(size, 3)))
        centred = atoms.positions - atoms.positions.mean(0)
        atoms.calc = SinglePointCalculator(atoms, dipole=atoms.numbers @ centred, forces=-centred)
        molecules.append(atoms)
    ase.io.write(tmp_path / "mine.extxyz", molecules, format="extxyz")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_from_a_file_to_a_report_in_three_lines(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = section("Your own files")
    first, second = blocks(text, "python")
    tiny = first.replace('"Aff(3)")', '"Aff(3)", steps=5, refine=False, progress=False)')
    assert tiny != first
    names: dict[str, Any] = {}
    exec(tiny, names)
    assert capsys.readouterr().out == blocks(text, "")[0]
    assert len(names["report"].verdicts) == 12
    names["report"].save(folder / "out")
    assert (folder / "out" / "report.json").stat().st_size > 0
    exec(second, names)
    assert names["data"][0].edge_index.equal(names["edges"])


def test_every_format_of_the_table_has_a_configuration_and_a_class() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \|", section("Your own files"), re.MULTILINE)
    assert len(rows) == 7
    for name, cls in rows:
        text = (README.parent / "configs" / "data" / f"{name}.yaml").read_text()
        assert f"_target_: semola_geo.datasets.{cls}\n" in text
