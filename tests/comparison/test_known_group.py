import pytest
from hydra import compose, initialize_config_dir

from semola_geo.cli.application import config_directory
from semola_geo.comparison.evaluate import build_mover
from semola_geo.comparison.known_group import in_dimension
from semola_geo.comparison.method import build_transform
from semola_geo.comparison.task import Task
from semola_geo.transforms import RandomSymmetryTransform


@pytest.mark.parametrize(
    ("name", "dimension", "expected"),
    [("SO(d)", 2, "SO(2)"), ("E(d)", 3, "E(3)"), ("SO(3)", 2, "SO(3)"), ("T_d", 3, "T_d")],
)
def test_the_dimension_is_put_in_where_it_is_open(name: str, dimension: int, expected: str) -> None:
    assert in_dimension(name, dimension) == expected


def test_momenta_are_not_turned_by_default() -> None:
    with pytest.raises(ValueError, match=r"these have d = 4; say which group"):
        in_dimension("SO(d)", 4)


@pytest.mark.parametrize(
    ("overrides", "group"),
    [
        (["data=two_body", "target=next_pos", "data.count=20"], "SO(2)"),
        (["data.limit=20"], "SO(3)"),
        (["data.limit=20", "evaluation.group='O(3)'"], "O(3)"),
    ],
)
def test_known_augmentation_is_by_what_the_test_data_are_moved_by(
    overrides: list[str], group: str
) -> None:
    with initialize_config_dir(str(config_directory()), version_base="1.3"):
        config = compose("train", ["method=haar", *overrides])
    task = Task.from_config(config)
    for transform in (build_transform(config, task, None), build_mover(task, config.evaluation)):
        assert isinstance(transform, RandomSymmetryTransform)
        assert transform.ambient.name == group
