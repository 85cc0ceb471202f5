"""Dipoles of qm9_xtb in a uniform field along z."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from semola_geo.datasets import QM9XTB
from semola_geo.datasets._location import locate
from semola_geo.datasets._qm9_field import FieldLabels

BOHR = 0.529177210903
STRENGTHS = (0.005, 0.01, 0.02, 0.04)
FILE = "qm9_xtb_field.npz"


def test_molecules_stand_the_same_way_in_every_field() -> None:
    free = QM9XTB(field=0.0, split="test", dtype=torch.float64)
    for strength in STRENGTHS:
        inside = QM9XTB(field=strength, split="test", dtype=torch.float64)
        assert torch.equal(inside.pos, free.pos)
        assert torch.equal(inside.idx, free.idx)
        assert (inside.dipole - free.dipole)[:, 2].min() > 0  # electrons are pushed towards -z


def test_without_a_field_it_is_the_dipole_of_the_other_file_turned() -> None:
    free = QM9XTB(field=0.0, split="val", offset=0.0, dtype=torch.float64)
    other = QM9XTB(split="val", dtype=torch.float64)
    torch.testing.assert_close(free.dipole.norm(dim=1), other.dipole.norm(dim=1))
    for a, b in zip(free[:40], other[:40], strict=True):
        x, y = a.pos - a.pos.mean(0), b.pos - b.pos.mean(0)
        torch.testing.assert_close(x @ a.dipole[0], y @ b.dipole[0])
        torch.testing.assert_close(torch.linalg.det(x[:3]), torch.linalg.det(y[:3]))


def test_orientations_are_random() -> None:
    labels = FieldLabels.read(locate("qm9_xtb", FILE), 0.0)
    rotation, identity = labels.rotation, torch.eye(3, dtype=torch.float64)
    torch.testing.assert_close(rotation @ rotation.mT, identity.expand_as(rotation))
    torch.testing.assert_close(torch.linalg.det(rotation), torch.ones(4980, dtype=torch.float64))
    # The trace of a uniform rotation has mean 0 and variance 1.
    trace = rotation.diagonal(dim1=1, dim2=2).sum(1)
    assert abs(float(trace.mean())) < 5 / 4980**0.5
    assert 0.9 < float(trace.var()) < 1.1


def test_a_weak_field_induces_what_the_polarizability_says() -> None:
    """Two files, two calculations: α along the field, in the laboratory's frame."""
    path = locate("qm9_xtb", FILE)
    with np.load(locate("qm9_xtb", "qm9_xtb.npz")) as archive:
        alpha = torch.from_numpy(archive["polarizability"]).double()
        dipole = torch.from_numpy(archive["dipole"]).double()
    labels = FieldLabels.read(path, 0.005)
    assert labels.dipole is not None
    turned = torch.einsum("mij,mj->mi", labels.rotation, dipole)
    induced = labels.dipole - turned
    expected = (labels.rotation @ alpha @ labels.rotation.mT)[:, :, 2] * 0.005 / BOHR**2
    assert (induced - expected).norm() < 0.05 * expected.norm()
    backwards = (labels.rotation.mT @ alpha @ labels.rotation)[:, :, 2] * 0.005 / BOHR**2
    assert (induced - backwards).norm() > 0.15 * expected.norm()


def test_a_seed_displaces_and_does_not_turn() -> None:
    one, two = (QM9XTB(field=0.02, seed=seed, limit=50, dtype=torch.float64) for seed in (0, 1))
    assert torch.equal(one.dipole, two.dipole)
    for a, b in zip(one, two, strict=True):
        assert not torch.allclose(a.pos, b.pos, atol=1e-2)
        torch.testing.assert_close(a.pos - a.pos.mean(0), b.pos - b.pos.mean(0))


def test_molecules_without_a_label_are_left_out() -> None:
    counts = {strength: len(QM9XTB(field=strength)) for strength in (0.0, *STRENGTHS)}
    assert counts == {0.0: 4980, 0.005: 4980, 0.01: 4980, 0.02: 4980, 0.04: 4972}
    strong = QM9XTB(field=0.04)
    assert bool(strong.dipole.isfinite().all())
    parts = [QM9XTB(field=0.04, split=split).idx for split in ("train", "val", "test")]
    assert [len(idx) for idx in parts] == [3772, 400, 800]
    assert torch.equal(torch.cat(parts).sort().values, strong.idx.sort().values)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"field": 0.03}, r"field=0\.03; shipped .*0\.0, 0\.005, 0\.01, 0\.02, 0\.04"),
        ({"field": -0.01}, r"field=-0\.01"),
        ({"field": float("nan")}, "field=nan"),
        ({"targets": "energy"}, "targets='dipole' alone"),
        ({"targets": ("dipole", "polarizability")}, "targets='dipole' alone"),
        ({"orientation": "canonical"}, "orientation='random'"),
        ({"orientation": "restricted"}, "orientation='random'"),
    ],
)
def test_what_has_no_labels_in_a_field_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        QM9XTB(**{"field": 0.01, **options})


@pytest.mark.parametrize("field", [True, "0.01"])
def test_a_field_is_a_number(field: Any) -> None:
    with pytest.raises(TypeError, match="strength in atomic units"):
        QM9XTB(field=field)


def test_files_of_different_molecules_are_not_mixed(tmp_path: Path) -> None:
    source = locate("qm9_xtb", FILE).parent
    for name in ("qm9_xtb.npz", FILE, "SHA256SUMS"):
        shutil.copy(source / name, tmp_path / name)
    assert len(QM9XTB(field=0.01, root=tmp_path, limit=5)) == 5
    with np.load(tmp_path / FILE) as archive:
        arrays = {name: archive[name] for name in archive.files}
    arrays["idx"] = arrays["idx"][::-1]
    np.savez_compressed(tmp_path / FILE, **arrays)
    with pytest.raises(ValueError, match="sha256"):
        QM9XTB(field=0.01, root=tmp_path)
    digest = hashlib.sha256((tmp_path / FILE).read_bytes()).hexdigest()
    sums = (tmp_path / "SHA256SUMS").read_text().splitlines()[:1]
    (tmp_path / "SHA256SUMS").write_text("\n".join([*sums, f"{digest}  {FILE}"]) + "\n")
    with pytest.raises(ValueError, match=r"other molecules.*build_field\.py"):
        QM9XTB(field=0.01, root=tmp_path)
