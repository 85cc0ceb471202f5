"""MD17 from small archives in the format that PyTorch Geometric's class reads."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from semola_geo.datasets import MD17

DOUBLE: dict[str, Any] = {"dtype": torch.float64, "sizes": (8, 4, 6)}
KCAL_MOL = 0.04336411530877  # eV
BOTH = ("energy", "forces")


@pytest.fixture
def root(tmp_path: Path, published: ModuleType) -> Path:
    published.write_md17(tmp_path)
    return tmp_path


@pytest.mark.parametrize("molecule", ["revised ethanol", "ethanol"])
def test_units_and_energies_survive(root: Path, published: ModuleType, molecule: str) -> None:
    data = MD17(molecule, root, BOTH, orientation="original", **DOUBLE)
    pos, energies, forces = published.trajectory(30)
    centred = pos - pos.mean(1, keepdims=True)
    assert len(data) == 30
    # Positions and forces pass through the float32 of PyTorch Geometric, energies do not.
    for i, frame in enumerate(data):
        np.testing.assert_allclose(frame.pos, centred[i], atol=1e-6)
        np.testing.assert_allclose(frame.forces, KCAL_MOL * forces[i], atol=1e-6)
        energy = frame.energy.item() + data.mean_energy
        assert energy == pytest.approx(KCAL_MOL * energies[i], rel=1e-12)
        assert frame.z.tolist() == [8, 1, 1]
    train = MD17(molecule, root, "energy", "train", **DOUBLE)
    assert abs(train._data.energy.mean()) < 1e-9


def test_forces_turn_with_the_molecule(root: Path) -> None:
    still = MD17("revised ethanol", root, BOTH, orientation="original", **DOUBLE)
    turned = MD17("revised ethanol", root, BOTH, **DOUBLE)
    for a, b in zip(still, turned, strict=True):
        torch.testing.assert_close(a.energy, b.energy)
        assert not torch.allclose(a.forces, b.forces, atol=1e-3)
        # The force on every atom is minus its position, whatever the pose.
        torch.testing.assert_close(b.forces, KCAL_MOL * (b.pos.mean(0) - b.pos), atol=1e-6, rtol=0)


def test_splits_are_disjoint_and_repeat(root: Path) -> None:
    parts = [MD17("revised ethanol", root, "energy", s, **DOUBLE) for s in ("train", "val", "test")]  # type: ignore[arg-type]
    assert [len(part) for part in parts] == [8, 4, 6]
    together = torch.cat([part._data.idx for part in parts])
    assert len(together.unique()) == 18
    everything = MD17("revised ethanol", root, "energy", **DOUBLE)
    first = parts[2][0]
    assert first.pos.equal(everything[int(first.idx)].pos)
    other = MD17("revised ethanol", root, "energy", "train", seed=1, **DOUBLE)
    assert not other._data.idx.equal(parts[0]._data.idx)
    assert everything.fields == {"pos": "point", "energy": "scalar"}


def test_published_test_frames_are_used(root: Path, published: ModuleType) -> None:
    options = {**DOUBLE, "orientation": "original"}
    test = MD17("ethanol CCSD(T)", root, BOTH, "test", **options)
    pos, energies, _ = published.trajectory(10, 2)
    np.testing.assert_allclose(test[0].pos, pos[0] - pos[0].mean(0), atol=1e-6)
    assert test[5].energy.item() + test.mean_energy == pytest.approx(KCAL_MOL * energies[5])
    train = MD17("ethanol CCSD(T)", root, BOTH, "train", **options)
    assert train._data.idx.max() < 20


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"targets": "dipole"}, "target 'dipole' is unknown"),
        ({"split": "dev"}, "split='dev' is unknown"),
        ({"sizes": (8, 0, 6)}, "sizes are the frames"),
        ({"sizes": (950, 50, 1000)}, "has 30 frames, too few"),
        ({"molecule": "water"}, "molecule='water' is unknown; choose one of aspirin"),
        ({"orientation": "upright"}, "orientation='upright' is unknown"),
    ],
)
def test_mistakes_are_explained(root: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MD17(**{"molecule": "revised ethanol", "root": root, **options})


def test_missing_files_are_named_and_nothing_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"rmd17_aspirin\.npz.*download=True"):
        MD17("revised aspirin", tmp_path)


def lists(folder: Path, train: str, test: str) -> list[Path]:
    """Published splits, in the format of the revised MD17."""
    files = [folder / "index_train_01.csv", folder / "index_test_01.csv"]
    for file, content in zip(files, (train, test), strict=True):
        file.write_bytes(content.encode())
    return files


def numbers(rows: list[int]) -> str:
    return "".join(f"{row}\n" for row in rows)


TRAIN, TEST = [29, 3, 7, 12, 0, 21, 16, 5, 9, 28, 2, 4], [1, 27, 6, 8, 10, 11, 13]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("molecule", ["revised ethanol", "ethanol"])
def test_published_lists_of_frames_are_used(
    root: Path, published: ModuleType, molecule: str, end: str
) -> None:
    files = lists(root, *(numbers(rows).replace("\n", end) for rows in (TRAIN, TEST)))
    options = {**DOUBLE, "orientation": "original", "index_files": files}
    train, val, test = (
        MD17(molecule, root, BOTH, split, **options)  # type: ignore[arg-type]
        for split in ("train", "val", "test")
    )
    assert sorted([*train._data.idx.tolist(), *val._data.idx.tolist()]) == sorted(TRAIN)
    assert (len(train), len(val)) == (8, 4)
    assert test._data.idx.tolist() == TEST[:6]
    pos, _, _ = published.trajectory(30)
    for graph in test:
        frame = pos[int(graph.idx)]
        np.testing.assert_allclose(graph.pos, frame - frame.mean(0), atol=1e-6)
    # Energies are measured from the mean over frames that are trained on.
    assert abs(train._data.energy.mean()) < 1e-9
    again = MD17(molecule, root, BOTH, "train", **{**options, "seed": 1})
    assert not again._data.idx.equal(train._data.idx)
    assert set(again._data.idx.tolist()) < set(TRAIN)


@pytest.mark.parametrize(
    ("train", "test", "message"),
    [
        (
            numbers([*TRAIN, 30]),
            numbers(TEST),
            r"train_01\.csv, line 13: row 30 is not among the 30",
        ),
        (numbers(TRAIN), numbers([1, 1]), r"test_01\.csv, line 2: row 1 is on line 1 already"),
        (
            numbers(TRAIN),
            numbers([*TEST, 7]),
            r"1 row\(s\) are in both .*train_01.*, the first is 7",
        ),
        (numbers(TRAIN) + "-1\n", numbers(TEST), r"train_01\.csv, line 13: expected .*got '-1'"),
        (numbers(TRAIN) + "1.0\n", numbers(TEST), r"train_01\.csv, line 13: .*got '1\.0'"),
        ("0,1,2\n", numbers(TEST), r"train_01\.csv, line 1: .*got '0,1,2'"),
        ("index\n", numbers(TEST), r"train_01\.csv, line 1: .*got 'index'"),
        ("", numbers(TEST), r"train_01\.csv is empty"),
        ("\n\n", numbers(TEST), r"train_01\.csv lists no rows"),
        (
            numbers(TRAIN[:11]),
            numbers(TEST),
            r"has 11 training frames, too few for sizes=\[8, 4, 6\]",
        ),
    ],
)
def test_wrong_lists_are_refused_by_file_and_line(
    root: Path, train: str, test: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        MD17("revised ethanol", root, index_files=lists(root, train, test), **DOUBLE)


def test_lists_come_in_pairs_and_not_beside_published_parts(root: Path) -> None:
    files = lists(root, numbers(TRAIN), numbers(TEST))
    for wrong in (files[:1], str(files[0])):
        with pytest.raises(ValueError, match="index_files are two files"):
            MD17("revised ethanol", root, index_files=wrong, **DOUBLE)
    with pytest.raises(ValueError, match="has training and test frames of its own"):
        MD17("ethanol CCSD(T)", root, index_files=files, **DOUBLE)
    with pytest.raises(FileNotFoundError, match=r"no file .*index_test_09\.csv"):
        MD17("ethanol", root, index_files=[files[0], root / "index_test_09.csv"], **DOUBLE)


@pytest.mark.parametrize("molecule", ["revised ethanol", "ethanol CCSD(T)"])
def test_test_frames_alone_are_turned_if_asked_for(root: Path, molecule: str) -> None:
    for split in ("train", "val", "test"):
        options: dict[str, Any] = {"split": split, **DOUBLE}
        shifted = MD17(
            molecule, root, BOTH, orientation="original", test_orientation="random", **options
        )
        pose: Any = "random" if split == "test" else "original"
        expected = MD17(molecule, root, BOTH, orientation=pose, **options)
        for name in ("pos", *BOTH):
            assert shifted._data[name].equal(expected._data[name])
