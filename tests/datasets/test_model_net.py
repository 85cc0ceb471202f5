"""ModelNet from small OFF files in the folders that PyTorch Geometric's class reads."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

from semola_geo.datasets import ModelNet
from semola_geo.datasets._surface import sample_surface

DOUBLE: dict[str, Any] = {"dtype": torch.float64, "points": 64}


@pytest.fixture
def root(model_net_root: Path) -> Path:
    return model_net_root


def test_clouds_lie_on_their_shapes(root: Path, published: ModuleType) -> None:
    data = ModelNet(root, "test", **DOUBLE)
    assert len(data) == 10
    assert data.categories == sorted(published.CATEGORIES)
    assert data.CATEGORICAL == ("category",)
    for graph in data:
        assert graph.pos.mean(0).abs().max() < 1e-12
        assert graph.pos.norm(dim=1).max() == pytest.approx(1.0)
        # Every normal is an axis, and points that share a normal share their face's coordinate.
        assert graph.normal.abs().sort(dim=1).values.equal(torch.eye(3)[2].double().expand(64, 3))
        for normal in graph.normal.unique(dim=0):
            heights = (graph.pos @ normal)[(graph.normal == normal).all(1)]
            assert heights.max() - heights.min() < 1e-9
        assert graph.category.argmax() == graph.label


def test_published_parts_are_kept(root: Path) -> None:
    train, val = (ModelNet(root, split, **DOUBLE) for split in ("train", "val"))  # type: ignore[arg-type]
    assert (len(train), len(val)) == (18, 2)
    labels = torch.cat([train._data.label, val._data.label])
    assert labels.bincount().tolist() == 10 * [2]
    assert train._data.pos.equal(ModelNet(root, **DOUBLE)._data.pos)
    assert not train._data.pos.equal(ModelNet(root, seed=1, **DOUBLE)._data.pos)
    assert ModelNet(root, limit=3, **DOUBLE)[2].pos.equal(train[2].pos)


@pytest.mark.parametrize("pose", ["vertical", "random"])
def test_only_test_shapes_are_turned_if_asked_for(root: Path, pose: Any) -> None:
    assert ModelNet(root, test_orientation=pose, **DOUBLE)._data.pos.equal(
        ModelNet(root, **DOUBLE)._data.pos
    )
    aligned = ModelNet(root, "test", **DOUBLE)
    for a, b in zip(aligned, ModelNet(root, "test", test_orientation=pose, **DOUBLE), strict=True):
        assert not torch.allclose(a.pos, b.pos, atol=1e-2)
        torch.testing.assert_close(a.pos @ a.normal.T, b.pos @ b.normal.T)
        assert (pose == "vertical") == torch.allclose(a.pos[:, 2], b.pos[:, 2])
        assert torch.linalg.det(a.pos[:3]).sign() == torch.linalg.det(b.pos[:3]).sign()


def test_restricted_shapes_are_turned_by_at_most_their_angle(root: Path) -> None:
    aligned = ModelNet(root, **DOUBLE)
    angles = []
    options: dict[str, Any] = {"orientation": "restricted", "max_angle": 20}
    for a, b in zip(aligned, ModelNet(root, **options, **DOUBLE), strict=True):
        u, _, vh = torch.linalg.svd(b.pos.T @ a.pos)
        turn = u @ torch.diag(torch.tensor([1, 1, torch.linalg.det(u @ vh)]).double()) @ vh
        torch.testing.assert_close(a.pos @ turn.T, b.pos)
        torch.testing.assert_close(a.normal @ turn.T, b.normal)
        angles.append(((turn.trace() - 1) / 2).clamp(-1, 1).arccos().rad2deg())
    # 18 angles of density about θ²: all are below half with probability 8^-18.
    assert 10 < max(angles) < 20 + 1e-6
    test = ModelNet(root, "test", test_orientation="restricted", max_angle=20, **DOUBLE)
    assert test._data.pos.equal(ModelNet(root, "test", **options, **DOUBLE)._data.pos)


def test_points_are_uniform_on_a_surface() -> None:
    """Of N points a share p falls on a part of the area; its variance is p (1 − p) / N."""
    vertices = torch.tensor([[0.0, 0, 0], [3, 0, 0], [0, 1, 0], [3, 1, 0], [0, 0, 1]])
    faces = torch.tensor([[0, 1, 0], [1, 3, 2], [2, 2, 4]])
    count, generator = 20_000, torch.Generator().manual_seed(0)
    points, normals = sample_surface(vertices, faces, count, generator)
    for inside, share in (
        (normals[:, 0].abs() > 0.5, 0.5 / 3.5),
        ((points[:, 0] > 1) & (points[:, 0] < 2) & (points[:, 1] < 0.5), 0.5 / 3.5),
    ):
        spread = (share * (1 - share) / count) ** 0.5
        assert abs(inside.double().mean() - share) < 5 * spread
    with pytest.raises(ValueError, match="no area"):
        sample_surface(vertices, torch.tensor([[0], [0], [1]]), 5, generator)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"targets": "shape"}, "target 'shape' is unknown"),
        ({"split": "dev"}, "split='dev' is unknown"),
        ({"name": "20"}, "name='20' is unknown"),
        ({"points": 0}, "points must be at least 1"),
        ({"limit": 0}, "limit must be at least 1"),
        ({"orientation": "sideways"}, "orientation='sideways' is unknown"),
        ({"max_angle": 20}, "max_angle=20 only applies to orientation='restricted'"),
        ({"test_orientation": "sideways"}, "test_orientation='sideways' is unknown"),
    ],
)
def test_mistakes_are_explained(root: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ModelNet(root, **options)


def test_missing_files_are_named_and_nothing_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"bathtub.*download=True"):
        ModelNet(tmp_path)
