"""The augmentation that a method trains with, out of what discovery found."""

from __future__ import annotations

import json
from dataclasses import asdict
from types import SimpleNamespace

import pytest
import torch
from hydra import compose, initialize_config_dir

from semola_geo import LieAlgebra, PermutationSubgroup, PointGroup, RandomSymmetryTransform
from semola_geo.cli.application import config_directory
from semola_geo.comparison.finding import Finding
from semola_geo.comparison.method import build_transform
from semola_geo.comparison.task import Task
from semola_geo.transforms import (
    LearnablePermutationTransform,
    LearnableSymmetryTransform,
    ProductTransform,
    RandomPermutationTransform,
)


@pytest.fixture(scope="module")
def setting():
    with initialize_config_dir(str(config_directory()), version_base="1.3"):
        config = compose("train", ["experiment=point_group_Td", "data.size=80", "method=semola"])
    return config, Task.from_config(config)


def found(elements):
    return Finding([], False, None if elements is None else elements.tolist())


def test_a_finite_group_that_was_found_is_trained_with(setting):
    group = PointGroup.from_name("T_d")
    transform = build_transform(*setting, found(group.elements))
    assert isinstance(transform, RandomSymmetryTransform) and transform.point_group == group


@pytest.mark.parametrize("elements", [None, torch.eye(3).double()[None]])
def test_without_one_training_is_plain(setting, elements):
    assert found(elements).finite_group is None
    assert build_transform(*setting, found(elements)) is None


@pytest.fixture(scope="module")
def bodies():
    overrides = ["experiment=permutation_bodies_force", "data.size=80", "method=semola"]
    with initialize_config_dir(str(config_directory()), version_base="1.3"):
        config = compose("train", overrides)
    return config, Task.from_config(config)


def test_exchanges_that_were_found_are_trained_with(bodies):
    transform = build_transform(*bodies, Finding([], permutations=[[1, 0, 2, 3, 4]]))
    assert isinstance(transform, RandomPermutationTransform)
    assert transform.group == PermutationSubgroup([[1, 0, 2, 3, 4]])
    assert build_transform(*bodies, Finding([], permutations=[])) is None


def test_a_known_group_of_exchanges_and_one_learned_from_scratch(bodies):
    task = bodies[1]
    with initialize_config_dir(str(config_directory()), version_base="1.3"):
        known, joint = (
            compose("train", ["experiment=permutation_bodies_force", f"method={name}"])
            for name in ("known_exchanges", "semola_joint")
        )
    transform = build_transform(known, task, None)
    assert isinstance(transform, RandomPermutationTransform)
    assert (transform.group.name, transform.group.order) == ("S2 x S3", 12)
    assert isinstance(build_transform(joint, task, None), LearnablePermutationTransform)


def test_a_known_group_that_nobody_named_is_asked_for(bodies):
    with initialize_config_dir(str(config_directory()), version_base="1.3"):
        config = compose("train", ["data=labelled_bodies", "method=known_exchanges"])
    with pytest.raises(TypeError, match="PermutationSubgroup"):
        build_transform(config, bodies[1], None)


def test_both_parts_of_a_product_are_trained_with(bodies):
    with initialize_config_dir(str(config_directory()), version_base="1.3"):
        config = compose("train", ["experiment=product_bodies_force", "method=semola"])
    rotations = LieAlgebra.from_name("so(3)").generators.tolist()
    swap = [[1, 0, 2, 3, 4]]
    both = build_transform(config, bodies[1], Finding(rotations, permutations=swap))
    assert isinstance(both, ProductTransform)
    assert (both.algebra.name, both.group.order) == ("so(3)", 2)
    one = build_transform(config, bodies[1], Finding([], permutations=swap))
    assert isinstance(one, RandomPermutationTransform)
    other = build_transform(config, bodies[1], Finding(rotations, permutations=[]))
    assert isinstance(other, LearnableSymmetryTransform)


def test_an_affine_algebra_without_translations_stays_affine(setting):
    """Rotations about the origin look linear in d = 4."""
    algebra = LieAlgebra.from_name("so(3)", affine=True)
    report = SimpleNamespace(
        algebra=algebra, point_group=None, permutations=None, components=[], reflections=False,
        time_reversal=None,
    )  # fmt: skip
    kept = Finding(**json.loads(json.dumps(asdict(Finding.of(report)))))
    assert kept.algebra.affine and kept.algebra.dimension == 3


def test_a_known_group_that_is_not_compact_is_drawn_as_far_as_the_test_goes():
    overrides = ["experiment=scattering", "data.count=40", "method=haar"]
    with initialize_config_dir(str(config_directory()), version_base="1.3"):
        config = compose("train", overrides)
    transform = build_transform(config, Task.from_config(config), None)
    assert (transform.ambient.name, transform.extent) == ("SO(1,3)", 0.5)
