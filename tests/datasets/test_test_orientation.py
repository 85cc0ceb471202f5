"""``test_orientation``: test data in another pose, and nothing else changed."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from semola_geo.datasets import MDXTB, QM9XTB, ChargedBodies, Digits, TwoBody
from semola_geo.datasets._pose import Pose
from semola_geo.datasets._split_pose import SplitPose

CASES: list[Any] = [
    pytest.param(QM9XTB, "canonical", {"targets": ("dipole", "polarizability")}, id="QM9XTB"),
    pytest.param(QM9XTB, "restricted", {"targets": ("forces", "chirality")}, id="jittered"),
    pytest.param(MDXTB, "original", {"targets": ("energy", "forces", "dipole")}, id="MDXTB"),
    pytest.param(ChargedBodies, "canonical", {"count": 20, "before": 0.0}, id="ChargedBodies"),
    pytest.param(TwoBody, "restricted", {"count": 20, "masses": [2, 1]}, id="TwoBody"),
    pytest.param(Digits, "upright", {}, id="Digits"),
]


def same(first: Any, second: Any) -> bool:
    """Whether all fields of two data sets are the same, bit for bit."""
    names = [name for name, value in first._data.to_dict().items() if torch.is_tensor(value)]
    return all(first._data[name].equal(second._data[name]) for name in names)


@pytest.mark.parametrize(("cls", "usual", "options"), CASES)
def test_the_test_part_alone_is_turned(cls: Any, usual: str, options: dict[str, Any]) -> None:
    if cls is Digits:
        pytest.importorskip("sklearn")
    for split in ("train", "val", "test"):
        shifted = cls(split=split, orientation=usual, test_orientation="random", **options)
        plain = cls(split=split, orientation=usual, **options)
        turned = cls(split=split, orientation="random", **options)
        assert same(shifted, turned if split == "test" else plain)
        assert not same(plain, turned)


@pytest.mark.parametrize(("cls", "usual", "options"), CASES[3:])
def test_all_parts_together_are_turned_as_they_are_alone(
    cls: Any, usual: str, options: dict[str, Any]
) -> None:
    if cls is Digits:
        pytest.importorskip("sklearn")
    options = {"orientation": usual, "test_orientation": "random", **options}
    together = cls(**options)._data
    parts = [cls(split=split, **options)._data for split in ("train", "val", "test")]
    for name in together.to_dict():
        assert torch.cat([part[name] for part in parts]).equal(together[name])


def test_all_molecules_together_are_turned_as_they_are_alone() -> None:
    together = QM9XTB(orientation="canonical", test_orientation="random")
    found = {int(molecule.idx): molecule for molecule in together}
    for split in ("val", "test"):
        part = QM9XTB(split=split, orientation="canonical", test_orientation="random", limit=50)  # type: ignore[arg-type]
        assert all(found[int(one.idx)].pos.equal(one.pos) for one in part)


def test_a_shift_leaves_the_shuffle_of_labels_alone() -> None:
    options: dict[str, Any] = {"orientation": "canonical", "shuffle_targets": True}
    plain = QM9XTB("energy", "test", **options)
    assert QM9XTB("energy", "test", test_orientation="random", **options)._data.energy.equal(
        plain._data.energy
    )


def test_the_angle_is_that_of_whatever_is_restricted() -> None:
    both = SplitPose.check("restricted", "random", 10, None)
    assert both == SplitPose(Pose("restricted", 10.0, 0.0), Pose("random", 30.0, 1.0))
    assert SplitPose.check("canonical", "restricted", 10, 0.5).test == Pose("restricted", 10.0, 0.5)
    assert SplitPose.check("random", None, None, None).test is None


@pytest.mark.parametrize(
    ("cls", "options", "message"),
    [
        (QM9XTB, {"test_orientation": "original"}, "test_orientation='original' is unknown"),
        (MDXTB, {"test_orientation": "upright"}, "test_orientation='upright' is unknown"),
        (TwoBody, {"test_orientation": "original"}, "test_orientation='original' is unknown"),
        (ChargedBodies, {"test_orientation": "upright"}, "test_orientation='upright' is unknown"),
        (Digits, {"test_orientation": "canonical"}, "test_orientation='canonical' is unknown"),
        (
            QM9XTB,
            {"test_orientation": "canonical", "max_angle": 10.0},
            "got orientation='random' and test_orientation='canonical'",
        ),
        (TwoBody, {"orientation": "canonical", "max_angle": 10.0}, "max_angle=10.0 only applies"),
        (TwoBody, {"orientation": "restricted", "max_angle": 181}, "between 0 and 180; got 181"),
        (QM9XTB, {"field": 0.02, "test_orientation": "canonical"}, "needs test_orientation="),
        (ChargedBodies, {"field": 1.0, "test_orientation": "canonical"}, "a field along z stays"),
    ],
)
def test_mistakes_are_explained(cls: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        cls(**options)
