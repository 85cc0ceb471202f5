"""The augmentation that a method trains with, out of what discovery found."""

from __future__ import annotations

import pytest
import torch
from hydra import compose, initialize_config_dir

from semola_geo import PointGroup, RandomSymmetryTransform
from semola_geo.cli.application import config_directory
from semola_geo.comparison.method import build_transform
from semola_geo.comparison.plan import Plan
from semola_geo.comparison.task import Task


@pytest.fixture(scope="module")
def setting():
    with initialize_config_dir(str(config_directory()), version_base="1.3"):
        config = compose("train", ["experiment=point_group_Td", "data.size=80", "method=semola"])
    return config, Task.from_config(config)


def planned(elements):
    return Plan(0, {}, [], 0.0, 0.0, False, None if elements is None else elements.tolist())


def test_a_finite_group_that_was_found_is_trained_with(setting):
    group = PointGroup.from_name("T_d")
    plan = planned(group.elements)
    transform = build_transform(*setting, plan.algebra, plan.reflections, plan.finite_group)
    assert isinstance(transform, RandomSymmetryTransform) and transform.point_group == group


@pytest.mark.parametrize("elements", [None, torch.eye(3).double()[None]])
def test_without_one_training_is_plain(setting, elements):
    plan = planned(elements)
    assert plan.finite_group is None
    assert build_transform(*setting, plan.algebra, plan.reflections, plan.finite_group) is None
