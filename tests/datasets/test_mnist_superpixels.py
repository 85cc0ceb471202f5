"""Superpixels from a small file in the format that PyTorch Geometric's class reads."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from torch_geometric.loader import DataLoader

from semola_geo.datasets import MNISTSuperpixels

DOUBLE: dict[str, Any] = {"dtype": torch.float64}


@pytest.fixture
def root(tmp_path: Path, published: ModuleType) -> Path:
    published.write_superpixels(tmp_path)
    return tmp_path


def test_published_parts_are_kept_and_centred(root: Path, published: ModuleType) -> None:
    train, val, test = (MNISTSuperpixels(root, s, **DOUBLE) for s in ("train", "val", "test"))  # type: ignore[arg-type]
    assert [len(part) for part in (train, val, test)] == [22, 2, 5]
    for data, raw in zip(test, published.digits(5, 1), strict=True):
        torch.testing.assert_close(data.pos, raw["pos"].double() - 13.5)
        torch.testing.assert_close(data.intensity, raw["x"].double().flatten())
        assert (data.label, data.digit.argmax()) == (raw["y"], raw["y"])
    seen = torch.cat([train._data.intensity, val._data.intensity]).view(24, 6)
    known = torch.stack([d["x"].flatten() for d in published.digits(24, 0)]).double()
    assert seen[seen[:, 0].argsort()].equal(known[known[:, 0].argsort()])
    batch = next(iter(DataLoader(train, batch_size=4)))
    assert (batch.digit.shape, batch.intensity.shape) == ((4, 10), (24,))
    assert MNISTSuperpixels.CATEGORICAL == ("digit",)


def test_only_test_digits_are_turned_if_asked_for(root: Path) -> None:
    options: dict[str, Any] = {"test_orientation": "random", **DOUBLE}
    assert MNISTSuperpixels(root, **options)._data.pos.equal(
        MNISTSuperpixels(root, **DOUBLE)._data.pos
    )
    turned = MNISTSuperpixels(root, "test", **options)
    for a, b in zip(turned, MNISTSuperpixels(root, "test", **DOUBLE), strict=True):
        torch.testing.assert_close(a.pos @ a.pos.T, b.pos @ b.pos.T)
        assert not torch.allclose(a.pos, b.pos, atol=1e-2)
        assert torch.linalg.det(a.pos[:2]).sign() == torch.linalg.det(b.pos[:2]).sign()
    assert turned[2].pos.equal(MNISTSuperpixels(root, "test", limit=3, **options)[2].pos)


def test_restricted_digits_are_turned_to_both_sides_but_no_further(root: Path) -> None:
    options: dict[str, Any] = {"orientation": "restricted", "max_angle": 30, **DOUBLE}
    turned, upright = MNISTSuperpixels(root, **options), MNISTSuperpixels(root, **DOUBLE)
    angles = []
    for a, b in zip(upright, turned, strict=True):
        torch.testing.assert_close(a.pos @ a.pos.T, b.pos @ b.pos.T)
        crossed = a.pos[:, 0] * b.pos[:, 1] - a.pos[:, 1] * b.pos[:, 0]
        angles.append(torch.atan2(crossed.sum(), (a.pos * b.pos).sum()).rad2deg())
    found = torch.stack(angles)
    # 22 uniform angles: all on one side with probability 2^-21.
    assert found.min() < 0 < found.max()
    assert 15 < found.abs().max() <= 30 + 1e-9


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"targets": "letter"}, "target 'letter' is unknown"),
        ({"split": "all"}, "split='all' is unknown"),
        ({"orientation": "sideways"}, "orientation='sideways'"),
        ({"test_orientation": "sideways"}, "test_orientation='sideways'"),
        ({"limit": 0}, "limit counts digits"),
        ({"max_angle": 30}, "max_angle=30 only applies to orientation='restricted'"),
    ],
)
def test_mistakes_are_explained(root: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MNISTSuperpixels(root, **options)


def test_missing_files_are_named_and_nothing_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"MNISTSuperpixels\.pt.*download=True"):
        MNISTSuperpixels(tmp_path)
