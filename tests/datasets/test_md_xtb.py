"""Frames of ethanol and malonaldehyde: labels, poses, splits in time, and users' mistakes."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from rdkit import Chem
from torch_geometric.loader import DataLoader

from semola_geo.datasets import MDXTB
from semola_geo.datasets._location import locate

MOLECULES = ("ethanol", "malonaldehyde")
EVERYTHING = ("energy", "forces", "dipole")
POSES: list[dict[str, Any]] = [
    {"orientation": "random"},
    {"orientation": "canonical"},
    {"orientation": "restricted", "max_angle": 20.0},
    {"orientation": "original", "offset": 2.0},
]


@pytest.mark.parametrize("molecule", MOLECULES)
def test_test_frames_are_no_neighbours_of_training_frames(molecule: str) -> None:
    rows = {split: MDXTB(molecule, split=split).idx for split in ("train", "val", "test")}
    assert {name: len(part) for name, part in rows.items()} == {
        "train": 1500,
        "val": 160,
        "test": 240,
    }
    for one, two in (("train", "val"), ("train", "test"), ("val", "test")):
        assert (rows[one][:, None] - rows[two]).abs().min() > 10  # 0.5 ps
    for everything in (MDXTB(molecule), MDXTB(molecule, split="all")):
        assert torch.equal(everything.idx, torch.arange(2000))


@pytest.mark.parametrize("molecule", MOLECULES)
@pytest.mark.parametrize("pose", POSES)
def test_labels_turn_with_the_molecule(molecule: str, pose: dict[str, Any]) -> None:
    common: dict[str, Any] = {"limit": 20, "dtype": torch.float64}
    plain = MDXTB(molecule, EVERYTHING, orientation="original", **common)
    turned = MDXTB(molecule, EVERYTHING, seed=3, **common, **pose)
    for a, b in zip(plain, turned, strict=True):
        x, y = (data.pos - data.pos.mean(0) for data in (a, b))
        torch.testing.assert_close(x @ x.T, y @ y.T)
        torch.testing.assert_close(torch.linalg.det(x[:3]), torch.linalg.det(y[:3]))  # chirality
        torch.testing.assert_close(x @ a.dipole[0], y @ b.dipole[0])
        torch.testing.assert_close(x @ a.forces.T, y @ b.forces.T)
        assert a.energy == b.energy
        assert b.forces.sum(0).abs().max() < 1e-4
        assert torch.linalg.cross(b.pos, b.forces).sum(0).abs().max() < 1e-3


@pytest.mark.parametrize("molecule", MOLECULES)
def test_atoms_are_those_of_the_molecule(molecule: str) -> None:
    dataset = MDXTB(molecule, limit=3)
    mol = Chem.AddHs(Chem.MolFromSmiles(dataset.smiles))
    assert dataset[0].z.tolist() == [atom.GetAtomicNum() for atom in mol.GetAtoms()]
    # All bonds but the one of the hopping proton hold in all frames.
    pos = MDXTB(molecule, orientation="original").pos.view(2000, 9, 3)
    for bond in mol.GetBonds():
        one, two = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
        longest = (pos[:, one] - pos[:, two]).norm(dim=1).max()
        hops = molecule == "malonaldehyde" and (one, two) == (4, 8)
        assert (longest > 1.5) == hops or (longest < 1.9 and not hops)


def test_what_the_group_rests_on_happens_in_the_data() -> None:
    """Methyl turns through three wells, and the proton visits both oxygens."""
    pos = MDXTB("malonaldehyde", orientation="original").pos.view(2000, 9, 3)
    first, second = ((pos[:, oxygen] - pos[:, 8]).norm(dim=1) for oxygen in (0, 4))
    assert 0.2 < (first < second).float().mean() < 0.8
    pos = MDXTB("ethanol", orientation="original").pos.view(2000, 9, 3)
    far = (pos[:, 3:6] - pos[:, 2:3]).norm(dim=2).argmax(1)  # the hydrogen anti to oxygen
    assert (torch.bincount(far, minlength=3) > 200).all()


def test_fields_shapes_and_energies() -> None:
    dataset = MDXTB("ethanol", EVERYTHING, "train")
    assert dataset.fields == MDXTB.FIELDS
    assert MDXTB.UNITS.keys() == MDXTB.FIELDS.keys()
    assert abs(dataset.energy.mean()) < 1e-4 and 0.1 < dataset.energy.std() < 0.2
    assert -320 < dataset.mean_energy < -300
    batch = next(iter(DataLoader(dataset, batch_size=8)))
    assert batch.forces.shape == batch.pos.shape == (72, 3)
    assert batch.dipole.shape == (8, 3) and batch.energy.shape == (8,)
    single = MDXTB("ethanol", limit=1)[0]
    assert single.pos.shape == (9, 3) and "forces" not in single


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"molecule": "aspirin"}, "molecule='aspirin'.*ethanol"),
        ({"targets": "force"}, "target 'force'.*forces"),
        ({"split": "dev"}, "split='dev'.*train, val, test"),
        ({"split": ""}, "split=''"),
        ({"orientation": "upright"}, "orientation='upright'"),
        ({"max_angle": 10.0}, "max_angle.*restricted"),
        ({"offset": -1.0}, "offset"),
        ({"limit": 0}, "limit"),
    ],
)
def test_mistakes_are_explained(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MDXTB(**options)


def test_missing_and_corrupted_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"md_xtb\.npz.*datasets/md_xtb/build\.py"):
        MDXTB(root=tmp_path)
    folder = locate("md_xtb", "md_xtb.npz").parent
    for name in ("md_xtb.npz", "SHA256SUMS"):
        shutil.copy(folder / name, tmp_path)
    content = bytearray((tmp_path / "md_xtb.npz").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "md_xtb.npz").write_bytes(content)
    with pytest.raises(ValueError, match="corrupted or was changed"):
        MDXTB(root=tmp_path)
