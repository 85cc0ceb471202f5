"""Tables of SMILES: what is read, and what is refused with which words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from semola_geo.datasets import SmilesCSV
from semola_geo.datasets.files import _rdkit

GOOD = "smiles,gap,name\nCO,1.5,methanol\nC,2,methane\nO,-3e-1,water\n"


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "mine.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (GOOD, {}),
        (GOOD.replace("\n", "\r\n"), {}),
        (b"\xef\xbb\xbf" + GOOD.encode(), {}),
        (GOOD.replace(",", ";"), {"delimiter": ";"}),
        (GOOD.replace("smiles", "SMILES "), {}),
        (GOOD.replace("smiles", "mol"), {"smiles": "mol"}),
        (GOOD.replace("methane", '"methane, gas"'), {}),
        (GOOD.replace("C,2", "\nC,2").rstrip("\n"), {}),
        (GOOD.replace("C,2,", " C , 2 ,"), {}),
    ],
    ids=["plain", "windows", "bom", "semicolon", "case", "column", "quoted", "blank", "spaces"],
)
def test_tables_are_read(tmp_path: Path, content: str | bytes, options: dict[str, Any]) -> None:
    data = SmilesCSV(write(tmp_path, content), "gap", **options)
    assert data.gap.tolist() == pytest.approx([1.5, 2.0, -0.3])
    assert data[0].z.tolist() == [6, 8, 1, 1, 1, 1]
    assert data.smiles == ["CO", "C", "O"]
    assert data.fields == {"pos": "point", "gap": "scalar"}
    assert "3 record(s) had no coordinates: conformers were embedded" in data.summary()


def test_conformers_are_chemistry_and_repeat_with_the_seed(tmp_path: Path) -> None:
    path = write(tmp_path, "smiles,y\nCCO,0\nC,0\n")
    first, again, other = SmilesCSV(path), SmilesCSV(path), SmilesCSV(path, seed=1)
    assert first.pos.equal(again.pos)
    assert not first.pos.equal(other.pos)
    lengths = torch.cdist(first[1].pos, first[1].pos)[0, 1:]
    assert ((lengths > 1.0) & (lengths < 1.2)).all()


MALFORMED: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "is empty"),
    "header only": ("smiles,gap\n", "has no records"),
    "no header": ("CO,1.5\nC,2\n", r"line 1: there is no column 'smiles' among 'CO', '1\.5'"),
    "other delimiter": (GOOD.replace(",", "\t"), r"line 1: there is no column.*delimiter="),
    "column twice": (GOOD.replace("name", "gap"), "line 1: column 'gap' comes twice"),
    "too few columns": (GOOD + "C,1\n", r"record 3 \(line 5\): has 2 columns, the first line 3"),
    "too many columns": (GOOD + "C,1,2,3\n", r"record 3 \(line 5\): has 4 columns"),
    "truncated": (GOOD[:-9], r"record 2 \(line 4\): has 2 columns"),
    "open quote": (GOOD + 'C,1,"never\nends', "line 6: is no table"),
    "stray quote": (GOOD + 'C,1,"a"b\n', "line 5: is no table"),
    "no SMILES": (GOOD + "hello,1,x\n", r"record 3 \(line 5\), field 'smiles': .*'hello'"),
    "empty SMILES": (GOOD + ",1,x\n", r"record 3 .*field 'smiles': RDKit cannot read ''"),
    "unknown element": (GOOD + "[Xx],1,x\n", r"record 3 .*field 'smiles': .*\[Xx\]"),
    "valence": (GOOD + "C(C)(C)(C)(C)C,1,x\n", r"record 3 .*field 'smiles'"),
    "open ring": (GOOD + "C1CC,1,x\n", r"record 3 .*field 'smiles'"),
    "no number": (GOOD + "C,high,x\n", r"record 3 .*field 'gap': is no number but text: 'high'"),
    "no value": (GOOD + "C,,x\n", r"record 3 .*field 'gap': is no number but text: ''"),
    "NaN": (GOOD + "C,nan,x\n", r"record 3 .*field 'gap': 1 value\(s\) are NaN"),
    "infinite": (GOOD + "C,inf,x\n", r"record 3 .*field 'gap': 1 value"),
    "huge": (GOOD + "C,1e99,x\n", r"record 3 .*field 'gap': 1e\+99 does not fit"),
    "overflow": (GOOD + f"C,{10**30},x\n", r"record 3 .*field 'gap'"),
    "several numbers": (GOOD + "C,1 2,x\n", r"field 'gap': has shape \[2\]"),
    "dummy atom": (GOOD + "C*,1,x\n", r"record 3 .*(field 'z': atom 1|conformer|RDKit)"),
    "binary rubbish": (bytes(range(128, 256)) * 9, "is no text file in UTF-8"),
    "binary zeros": (GOOD + "C,\0,x\n", r"record 3 .*field 'gap'|is no table"),
    "UTF-16": (GOOD.encode("utf-16"), "is no text file in UTF-8"),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_files_are_refused_by_name(tmp_path: Path, case: str) -> None:
    content, message = MALFORMED[case]
    with pytest.raises(ValueError, match=rf"mine\.csv.*({message})"):
        SmilesCSV(write(tmp_path, content), "gap")


def test_molecules_without_a_conformer_are_skipped_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embed = _rdkit.rdDistGeom.EmbedMolecule

    def fails_for_water(molecule: Any, options: Any) -> int:
        return -1 if molecule.GetNumAtoms() == 3 else int(embed(molecule, options))

    monkeypatch.setattr(_rdkit.rdDistGeom, "EmbedMolecule", fails_for_water)
    with pytest.warns(UserWarning, match=r"skipped 1 record\(s\).*record 2.*finds no conformer"):
        data = SmilesCSV(write(tmp_path, GOOD), "gap")
    assert data.idx.tolist() == [0, 1]
    assert (data.embedded, len(data.skipped)) == (2, 1)


def test_vectors_make_no_sense_in_a_frame_that_was_made_up(tmp_path: Path) -> None:
    path = write(tmp_path, "smiles,dipole\nC,0 0 1\n")
    with pytest.raises(
        ValueError, match=r"record 0 .*'dipole': is a 'vector', but .*point anywhere"
    ):
        SmilesCSV(path, "dipole")


def test_columns_of_text_and_mistakes_in_options(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    assert "left out  text: 'methanol'" in SmilesCSV(path).summary()
    with pytest.raises(ValueError, match="delimiter is one character"):
        SmilesCSV(path, delimiter="tab")
    with pytest.raises(TypeError, match="delimeter"):
        SmilesCSV(path, delimeter=";")
    with pytest.raises(FileNotFoundError):
        SmilesCSV(tmp_path / "other.csv")
