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
        (GOOD.replace("smiles", "mol").replace("name", "smiles"), {"smiles": "mol"}),
        (GOOD.replace("name", "SMILES"), {}),
        (GOOD.replace("name", "SMILES").replace("smiles", "Smiles"), {"smiles": "Smiles"}),
        (GOOD.replace("methane", '"methane, gas"'), {}),
        (GOOD.replace("C,2", "\nC,2").rstrip("\n"), {}),
        (GOOD.replace("C,2,", " C , 2 ,"), {}),
    ],
    ids=[
        "plain",
        "windows",
        "bom",
        "semicolon",
        "case",
        "column",
        "other column",
        "exact case",
        "asked case",
        "quoted",
        "blank",
        "spaces",
    ],
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


@pytest.mark.parametrize(("smiles", "count"), [("[Na+].[Cl-]", 2), ("CCO.O", 2), ("C.C.C", 3)])
def test_fragments_are_not_laid_on_top_of_each_other(
    tmp_path: Path, smiles: str, count: int
) -> None:
    path = write(tmp_path, f"smiles,gap\nCO,1.5\n{smiles},1\n")
    with pytest.warns(UserWarning, match=rf"record 1 .*has {count} separate fragments, whose"):
        data = SmilesCSV(path, "gap")
    assert data.idx.tolist() == [0]


def test_vectors_make_no_sense_in_a_frame_that_was_made_up(tmp_path: Path) -> None:
    path = write(tmp_path, "smiles,dipole\nC,0 0 1\n")
    with pytest.raises(
        ValueError, match=r"record 0 .*'dipole': is a 'vector', but .*point anywhere"
    ):
        SmilesCSV(path, "dipole")


@pytest.mark.parametrize("text", ["1,5", "1,500", "-1,500.0", "1.500,5", "1,500,000"])
def test_commas_in_numbers_are_no_channels(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, f"smiles;gap;charges\nC;{text};0,0,1,-1\n")
    with pytest.raises(ValueError, match=f"'gap': text: '{text}' .a decimal comma"):
        SmilesCSV(path, "gap", delimiter=";", fields={"gap": "scalar"})
    data = SmilesCSV(path, "charges", delimiter=";", fields={"charges": "scalar"})
    assert data.charges.tolist() == [[0, 0, 1, -1]]


def test_columns_of_text_and_mistakes_in_options(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    assert "left out  text: 'methanol'" in SmilesCSV(path).summary()
    with pytest.raises(ValueError, match="delimiter is one character"):
        SmilesCSV(path, delimiter="tab")
    with pytest.raises(TypeError, match="smiles is the name of a column, got 3"):
        SmilesCSV(path, smiles=3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="delimeter"):
        SmilesCSV(path, delimeter=";")
    with pytest.raises(FileNotFoundError):
        SmilesCSV(tmp_path / "other.csv")
