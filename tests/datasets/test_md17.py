"""MD17 from small archives in the format that PyTorch Geometric's class reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from semola_geo.datasets import MD17

DOUBLE: dict[str, Any] = {"dtype": torch.float64, "sizes": (8, 4, 6)}
KCAL_MOL = 0.04336411530877  # eV
BOTH = ("energy", "forces")


def trajectory(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positions, energies and forces of springs between three atoms."""
    pos = np.random.default_rng(seed).normal(size=(count, 3, 3))
    centred = pos - pos.mean(1, keepdims=True)
    energies = -406_737.0 + 0.5 * np.square(centred).sum((1, 2))
    return pos, energies, -centred


@pytest.fixture
def root(tmp_path: Path) -> Path:
    z = np.array([8, 1, 1], np.uint8)
    pos, energies, forces = trajectory(30)
    revised = tmp_path / "raw" / "rmd17" / "npz_data" / "rmd17_ethanol.npz"
    revised.parent.mkdir(parents=True)
    np.savez(revised, nuclear_charges=z, coords=pos, energies=energies, forces=forces)
    original = tmp_path / "ethanol" / "raw" / "md17_ethanol.npz"
    original.parent.mkdir(parents=True)
    np.savez(original, z=z, R=pos, E=energies[:, None], F=forces)
    coupled = tmp_path / "ethanol CCSD(T)" / "raw"
    coupled.mkdir(parents=True)
    for seed, (part, count) in enumerate({"train": 20, "test": 10}.items()):
        r, e, f = trajectory(count, seed + 1)
        np.savez(coupled / f"ethanol_ccsd_t-{part}.npz", z=z, R=r, E=e[:, None], F=f)
    return tmp_path


@pytest.mark.parametrize("molecule", ["revised ethanol", "ethanol"])
def test_units_and_energies_survive(root: Path, molecule: str) -> None:
    data = MD17(molecule, root, BOTH, orientation="original", **DOUBLE)
    pos, energies, forces = trajectory(30)
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


def test_published_test_frames_are_used(root: Path) -> None:
    options = {**DOUBLE, "orientation": "original"}
    test = MD17("ethanol CCSD(T)", root, BOTH, "test", **options)
    pos, energies, _ = trajectory(10, 2)
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
