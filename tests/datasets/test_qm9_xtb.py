from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from torch_geometric.data import Data
from torch_geometric.loader import DataLoader

from semola_geo.datasets import QM9XTB

ORIENTATIONS: list[dict[str, Any]] = [
    {"orientation": "random"},
    {"orientation": "random", "offset": 3.0, "seed": 7},
    {"orientation": "canonical"},
    {"orientation": "restricted", "max_angle": 20.0},
]
LABELS = ("dipole", "energy", "polarizability")


def centred(data: Data) -> Tensor:
    return data.pos - data.pos.mean(0)


def test_splits_are_disjoint_and_cover_everything() -> None:
    parts = {split: QM9XTB(split=split).idx for split in ("train", "val", "test")}
    assert {split: len(idx) for split, idx in parts.items()} == {
        "train": 3780,
        "val": 400,
        "test": 800,
    }
    together = torch.cat(list(parts.values()))
    assert len(together.unique()) == len(together) == 4980
    for everything in (QM9XTB(), QM9XTB(split="all")):
        assert torch.equal(everything.idx.sort().values, together.sort().values)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_labels_turn_with_the_molecule(orientation: dict[str, Any]) -> None:
    """Scalars made of coordinates and labels are the same in every pose, signs included."""
    reference = QM9XTB(LABELS, limit=40, seed=123, dtype=torch.float64)
    posed = QM9XTB(LABELS, limit=40, dtype=torch.float64, **orientation)
    for a, b in zip(reference, posed, strict=True):
        x, y = centred(a), centred(b)
        assert not torch.allclose(x, y, atol=1e-2)
        torch.testing.assert_close(torch.cdist(x, x), torch.cdist(y, y))
        torch.testing.assert_close(x @ a.dipole[0], y @ b.dipole[0])
        torch.testing.assert_close(x @ a.polarizability[0] @ x.T, y @ b.polarizability[0] @ y.T)
        torch.testing.assert_close(torch.linalg.det(x[:3]), torch.linalg.det(y[:3]))  # chirality
        assert torch.equal(a.energy, b.energy)
        assert torch.equal(a.z, b.z)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_forces_exert_no_net_force_and_no_torque(orientation: dict[str, Any]) -> None:
    for data in QM9XTB("forces", limit=40, dtype=torch.float64, **orientation):
        torque = torch.linalg.cross(data.pos, data.forces).sum(0)
        assert data.forces.sum(0).abs().max() < 1e-4
        assert torque.abs().max() < 1e-3


def test_jittered_atoms_are_displaced_by_the_documented_amount() -> None:
    options: dict[str, Any] = {"orientation": "random", "offset": 0.0, "limit": 300}
    rest = QM9XTB("energy", geometry="equilibrium", **options)
    moved = QM9XTB("energy", geometry="jittered", **options)
    sd = (moved.pos - rest.pos).std()
    assert 0.05 < sd < 0.10
    assert (moved.energy > rest.energy).all()  # the equilibrium is a minimum, nearly


def test_default_poses_are_random_and_displaced() -> None:
    centroid = torch.stack([data.pos.mean(0) for data in QM9XTB()])
    assert centroid.std(0).sub(1).abs().max() < 0.05
    dipole = QM9XTB().dipole
    covariance = dipole.T @ dipole / len(dipole)
    isotropic = torch.eye(3) * covariance.trace() / 3
    assert (covariance - isotropic).abs().max() < 0.1 * covariance.trace() / 3


@pytest.mark.parametrize("orientation", ["random", "canonical", "restricted"])
def test_offset_zero_centres(orientation: Any) -> None:
    for data in QM9XTB(limit=20, orientation=orientation, offset=0.0):
        assert data.pos.mean(0).abs().max() < 1e-5


def test_poses_depend_on_seed_and_molecule_only() -> None:
    first, again, other = QM9XTB(), QM9XTB(("energy", "dipole")), QM9XTB(seed=1)
    assert torch.equal(first.pos, again.pos)
    assert torch.equal(first.dipole, again.dipole)
    assert not torch.allclose(first.dipole, other.dipole, atol=1e-2)
    by_index = {int(data.idx): data for data in first}
    for data in QM9XTB(split="test", limit=10):
        assert torch.equal(data.pos, by_index[int(data.idx)].pos)


def test_restricted_stays_near_canonical() -> None:
    still = QM9XTB(orientation="canonical", limit=50, dtype=torch.float64)
    for angle in (0.0, 5.0):
        near = QM9XTB(orientation="restricted", max_angle=angle, limit=50, dtype=torch.float64)
        for a, b in zip(still, near, strict=True):
            cosine = torch.cosine_similarity(a.dipole, b.dipole).clamp(-1, 1)
            assert torch.rad2deg(torch.arccos(cosine)) <= angle + 1e-3


def test_only_declared_floating_fields_are_served() -> None:
    for targets in ((), "dipole", LABELS, ("energy", "forces"), ("homo", "mu", "cv")):
        dataset = QM9XTB(targets, limit=3)
        floating = [
            k
            for k, v in dataset[0].to_dict().items()
            if torch.is_tensor(v) and v.is_floating_point()
        ]
        assert sorted(floating) == sorted(dataset.fields)
        assert dataset.fields == {name: QM9XTB.FIELDS[name] for name in dataset.fields}
    assert QM9XTB.UNITS.keys() == QM9XTB.FIELDS.keys()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_batches(dtype: torch.dtype) -> None:
    dataset = QM9XTB((*LABELS, "gap"), split="val", dtype=dtype)
    batch = next(iter(DataLoader(dataset, batch_size=8)))
    atoms = int(batch.batch.numel())
    shapes = {"dipole": (8, 3), "energy": (8,), "polarizability": (8, 3, 3), "gap": (8,)}
    for name, shape in {**shapes, "pos": (atoms, 3)}.items():
        assert batch[name].shape == shape
        assert batch[name].dtype == dtype
    assert batch.z.shape == (atoms,)
    assert batch.z.dtype == batch.idx.dtype == torch.long
    assert len(batch.smiles) == 8
    forces = next(iter(DataLoader(QM9XTB("forces", limit=8), batch_size=8)))
    assert forces.forces.shape == forces.pos.shape


def test_behaves_like_any_pyg_data_set() -> None:
    dataset = QM9XTB(limit=30)
    permuted = dataset[torch.tensor([5, 3])]
    assert [int(data.idx) for data in permuted] == [int(dataset[5].idx), int(dataset[3].idx)]
    assert len(dataset[:10]) == 10
    assert len(dataset[torch.arange(30) % 2 == 0]) == 15
    assert len(dataset.copy([1, 2])) == 2
    assert dataset[0] is not dataset[0]
    single = QM9XTB(limit=1)[0]
    assert single.to_dict().keys() == dataset[0].to_dict().keys()
    assert single.smiles == dataset[0].smiles
    assert torch.equal(single.pos, dataset[0].pos)


def test_transform_is_applied_at_access() -> None:
    def mark(data: Data) -> Data:
        data.seen = True
        return data

    dataset = QM9XTB(limit=4, transform=mark)
    assert all(data.seen for data in dataset)
    dataset.transform = None
    assert "seen" not in dataset[0]


def test_shuffled_targets_belong_to_nobody() -> None:
    true, shuffled = (
        QM9XTB(("energy", "dipole"), split="val", shuffle_targets=flag) for flag in (False, True)
    )
    assert torch.equal(true.pos, shuffled.pos)
    assert torch.equal(true.energy.sort().values, shuffled.energy.sort().values)
    assert (true.energy != shuffled.energy).float().mean() > 0.99
    correlation = torch.corrcoef(torch.stack([true.energy, shuffled.energy]))[0, 1]
    assert correlation.abs() < 0.25
    partner = (shuffled.energy[:, None] - true.energy[None]).abs().argmin(1)
    assert torch.equal(true.dipole[partner].norm(dim=1), shuffled.dipole.norm(dim=1))


def test_xtb_agrees_with_density_functional_labels_in_trend() -> None:
    dataset = QM9XTB(("dipole", "polarizability", "mu", "alpha"))
    magnitude = dataset.dipole.norm(dim=-1)
    isotropic = dataset.polarizability.diagonal(dim1=1, dim2=2).mean(-1)
    assert torch.corrcoef(torch.stack([magnitude, dataset.mu]))[0, 1] > 0.95
    assert torch.corrcoef(torch.stack([isotropic, dataset.alpha]))[0, 1] > 0.75
    assert (torch.linalg.eigvalsh(dataset.polarizability) > 0).all()
    torch.testing.assert_close(dataset.polarizability, dataset.polarizability.mT, atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"targets": "dipoles"}, "target 'dipoles'.*dipole"),
        ({"targets": ("dipole", "dipole")}, "twice"),
        ({"targets": ("pos",)}, "target 'pos'"),
        ({"targets": ("forces", "dipole")}, "no dipole for geometry='jittered'"),
        ({"targets": "forces", "geometry": "equilibrium"}, "no forces for geometry='equilibrium'"),
        ({"geometry": "relaxed"}, "geometry='relaxed'.*'equilibrium', 'jittered'"),
        ({"split": "dev"}, "split='dev'.*'train', 'val', 'test'"),
        ({"orientation": "upright"}, "orientation='upright'.*'canonical'"),
        ({"max_angle": 10.0}, "max_angle.*restricted"),
        ({"orientation": "restricted", "max_angle": 181.0}, "between 0 and 180"),
        ({"orientation": "restricted", "max_angle": float("nan")}, "between 0 and 180"),
        ({"offset": -1.0}, "offset"),
        ({"offset": float("nan")}, "offset"),
        ({"limit": 0}, "limit"),
        ({"targets": "forces", "shuffle_targets": True}, "graph-level"),
        ({"shuffle_targets": True, "limit": 1}, "at least 2"),
    ],
)
def test_mistakes_are_explained(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        QM9XTB(**options)
