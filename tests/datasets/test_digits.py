from __future__ import annotations

import pytest
import torch
from torch_geometric.loader import DataLoader

from semola_geo.datasets import Digits

sklearn = pytest.importorskip("sklearn.datasets")


def test_images_can_be_drawn_again_from_their_points() -> None:
    images = torch.tensor(sklearn.load_digits().images)
    drawn = {}
    for data in Digits():
        image = torch.zeros(8, 8, dtype=torch.float64)
        column, row = (data.pos[:, 0] + 3.5).long(), (3.5 - data.pos[:, 1]).long()
        image[row, column] = 16 * data.intensity.double()
        drawn[image.numpy().tobytes()] = int(data.label)
    labels = sklearn.load_digits().target.tolist()
    assert drawn == {
        image.numpy().tobytes(): label for image, label in zip(images, labels, strict=True)
    }


def test_splits_are_disjoint_and_indicators_name_the_label() -> None:
    parts = [Digits(split=split) for split in ("train", "val", "test")]  # type: ignore[arg-type]
    assert [len(part) for part in parts] == [1348, 179, 270]
    assert torch.cat([part._data.label for part in parts]).equal(Digits()._data.label)
    assert Digits()._data.digit.argmax(1).equal(Digits()._data.label)
    assert Digits.CATEGORICAL == ("digit",)
    assert not Digits(seed=1)._data.label.equal(Digits()._data.label)


def test_random_poses_turn_each_digit_by_one_angle() -> None:
    upright = Digits(dtype=torch.float64)
    turned = Digits(orientation="random", dtype=torch.float64)
    for one, other in zip(upright[:50], turned[:50], strict=True):
        torch.testing.assert_close(one.pos @ one.pos.T, other.pos @ other.pos.T)
        assert torch.linalg.det(one.pos[:2]).sign() == torch.linalg.det(other.pos[:2]).sign()
        assert one.intensity.equal(other.intensity)
    by_split = Digits(split="test", orientation="random", dtype=torch.float64)
    assert by_split._data.pos.equal(turned._data.pos[-len(by_split._data.pos) :])


def test_batches_and_mistakes() -> None:
    batch = next(iter(DataLoader(Digits(split="val"), batch_size=7)))
    assert batch.digit.shape == (7, 10)
    assert batch.intensity.shape == batch.pos.shape[:1]
    with pytest.raises(ValueError, match="split='dev' is unknown"):
        Digits(split="dev")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="orientation='sideways'"):
        Digits(orientation="sideways")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="max_angle=30 only applies to orientation='restricted'"):
        Digits(max_angle=30)
    with pytest.raises(ValueError, match="between 0 and 180; got 200"):
        Digits(orientation="restricted", max_angle=200)


def test_restricted_poses_turn_to_both_sides_but_no_further() -> None:
    upright = Digits(dtype=torch.float64)
    turned = Digits(orientation="restricted", max_angle=30, dtype=torch.float64)
    angles = []
    for one, other in zip(upright[:200], turned[:200], strict=True):
        # Of the rotation that takes all points along: its cosine and sine are sums over points.
        crossed = one.pos[:, 0] * other.pos[:, 1] - one.pos[:, 1] * other.pos[:, 0]
        angles.append(torch.atan2(crossed.sum(), (one.pos * other.pos).sum()).rad2deg())
    found = torch.stack(angles)
    assert found.abs().max() <= 30 + 1e-9
    # 200 uniform angles: each outer sixth is missed with probability (5/6)^200 < 2e-16.
    assert found.min() < -20
    assert found.max() > 20


def test_poses_repeat_every_image_in_angles_of_its_own() -> None:
    data = Digits(split="val", orientation="random", poses=3, dtype=torch.float64)
    assert len(data) == 3 * 179
    assert data[0].image.dtype == torch.long
    assert torch.bincount(data._data.image).unique().tolist() == [0, 3]
    first = [data[i] for i in range(3)]
    assert len({int(one.image) for one in first}) == 1
    assert not first[0].pos.allclose(first[1].pos)
    torch.testing.assert_close(first[0].pos @ first[0].pos.T, first[1].pos @ first[1].pos.T)
    others = set(Digits(split="train", orientation="random", poses=3)._data.image.tolist())
    assert not others & set(data._data.image.tolist())


def test_one_pose_of_several_is_what_it_was_alone() -> None:
    alone = Digits(split="val", orientation="random")
    several = Digits(split="val", orientation="random", poses=2)
    assert several[0].pos.equal(alone[0].pos)
    assert several[-2].pos.equal(alone[-1].pos)


def test_upright_copies_and_no_pose_are_refused() -> None:
    with pytest.raises(ValueError, match="poses=2 would repeat upright digits unchanged"):
        Digits(poses=2)
    with pytest.raises(ValueError, match="poses must be at least 1, got 0"):
        Digits(orientation="random", poses=0)
