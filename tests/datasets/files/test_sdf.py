"""Structure-data files: what is read, and what is refused with which words."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import torch
from rdkit import Chem
from rdkit.Chem import rdDistGeom

from semola_geo.datasets import SDF


def block(smiles: str = "CO", embed: bool = True, **properties: str) -> str:
    molecule = Chem.AddHs(Chem.MolFromSmiles(smiles)) if embed else Chem.MolFromSmiles(smiles)
    if embed:
        rdDistGeom.EmbedMolecule(molecule, randomSeed=0)
    for name, text in properties.items():
        molecule.SetProp(name.replace("__", "."), text)
    stream = io.StringIO()
    writer = Chem.SDWriter(stream)
    writer.write(molecule)
    writer.close()
    return str(stream.getvalue())


GOOD = block(gap="1.5", dipole="0 0 1")
CHARGES = " ".join(["0.5"] * 6)


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "mine.sdf"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    "content",
    [2 * GOOD, (2 * GOOD).replace("\n", "\r\n"), (2 * GOOD).rstrip("\n"), 2 * GOOD + "\n \n"],
    ids=["plain", "windows", "no newline", "blank lines"],
)
def test_molecules_and_their_properties_are_read(tmp_path: Path, content: str) -> None:
    data = SDF(write(tmp_path, content), ("gap", "dipole"), dtype=torch.float64)
    molecule = Chem.MolFromMolBlock(GOOD, removeHs=False)
    expected = torch.tensor(molecule.GetConformer().GetPositions())
    assert len(data) == 2
    for graph in data:
        torch.testing.assert_close(graph.pos, expected)
        assert graph.z.tolist() == [6, 8, 1, 1, 1, 1]
        assert graph.gap.tolist() == [1.5]
        assert graph.dipole.tolist() == [[0, 0, 1]]
    assert data.embedded == 0


def test_atom_properties_are_node_level(tmp_path: Path) -> None:
    data = SDF(write(tmp_path, block(atom__dprop__charges=CHARGES, atom__dprop__q=CHARGES)))
    assert data[0].charges.tolist() == data[0].q.tolist() == [0.5] * 6


def test_drawings_are_embedded_and_counted(tmp_path: Path) -> None:
    path = write(tmp_path, block("CO", embed=False, gap="1.5") + block("C", gap="2"))
    first, again = SDF(path, "gap"), SDF(path, "gap")
    assert (first.embedded, len(first)) == (1, 2)
    assert first[0].z.tolist() == [6, 8, 1, 1, 1, 1]
    assert first.pos.equal(again.pos)
    assert "1 record(s) had no coordinates" in first.summary()
    with pytest.raises(
        ValueError, match=r"record 0 .*'pos': has no 3-D coordinates, and embed='ne"
    ):
        SDF(path, "gap", embed="never")
    with pytest.raises(ValueError, match="embed='always' is unknown"):
        SDF(path, "gap", embed="always")  # type: ignore[arg-type]


def test_fragments_need_coordinates(tmp_path: Path) -> None:
    """RDKit does not know where two molecules are relative to each other."""
    path = write(tmp_path, GOOD + block("C.O", embed=False, gap="1.5", dipole="0 0 1"))
    with pytest.warns(UserWarning, match=r"skipped 1 record\(s\).*record 1 .*has 2 separate fragm"):
        assert len(SDF(path, "gap")) == 1


def test_one_molecule_needs_no_end(tmp_path: Path) -> None:
    path = write(tmp_path, Chem.MolToMolBlock(Chem.MolFromMolBlock(GOOD, removeHs=False)))
    assert len(SDF(path)) == 1


def test_impossible_valences_do_not_matter_where_there_are_coordinates(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace(" O ", " F "))
    assert SDF(path, "gap")[0].z.tolist() == [6, 9, 1, 1, 1, 1]


def test_atom_properties_of_another_length(tmp_path: Path) -> None:
    path = write(tmp_path, block(atom__dprop__q="0.5 0.5"))
    with pytest.raises(ValueError, match=r"record 0.*'q': has shape \[2\] where \[6\] is expected"):
        SDF(path, "q")


def test_wrong_records_can_be_skipped(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace(" C  ", " Xx ") + GOOD)
    with pytest.warns(UserWarning, match=r"skipped 1 record\(s\).*record 0"):
        data = SDF(path, "gap", on_error="skip")
    assert data.idx.tolist() == [1]
