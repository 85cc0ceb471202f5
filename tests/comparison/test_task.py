from collections.abc import Sequence
from typing import Any, ClassVar

import pytest
import torch
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf
from torch_geometric.data import Data

from semola_geo.cli.application import config_directory
from semola_geo.comparison.task import Task


class Signs(Sequence[Data]):
    """A user's data set, whose class indicators are as wide as asked for."""

    CATEGORICAL: ClassVar[tuple[str, ...]] = ("sign",)

    def __init__(self, classes: int = 2, representation: str = "scalar") -> None:
        self.classes = classes
        self.fields = {"pos": "point", "sign": representation}

    def __len__(self) -> int:
        return 20

    def __getitem__(self, index: int) -> Data:  # type: ignore[override]
        return Data(pos=torch.zeros(2, 3), sign=torch.eye(self.classes)[:1])


def task(*overrides: str) -> Task:
    with initialize_config_dir(str(config_directory()), version_base="1.3"):
        return Task.from_config(compose("train", list(overrides)))


def signs(**options: Any) -> Task:
    data = {"_target_": f"{__name__}.Signs", **options}
    return Task.from_config(OmegaConf.create({"data": data, "target": "sign"}))


def test_a_data_set_says_which_targets_are_classes() -> None:
    pytest.importorskip("sklearn.datasets")
    digits = task("data=digits", "target=digit")
    assert digits.categorical and digits.dimension == 2


def test_other_targets_are_numbers() -> None:
    molecules = task("data.limit=20")
    assert not molecules.categorical and molecules.dimension == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"classes": 1}, r"'sign' is categorical, but it is a 'scalar' of shape \(1, 1\)"),
        ({"classes": 3, "representation": "vector"}, r"a 'vector' of shape \(1, 3\)"),
    ],
)
def test_classes_that_cannot_be_are_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        signs(**options)


def test_a_users_data_set_may_say_so_too() -> None:
    assert signs(classes=4).categorical
