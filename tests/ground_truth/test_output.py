"""The error of an action on the output is that of the definition, where targets vary."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from semola_geo.algebra import LieAlgebra
from semola_geo.ground_truth import TASKS
from semola_geo.ground_truth.output import output_score
from semola_geo.representations import affine_matrices, parse_representation

ORIGIN = torch.zeros(3, dtype=torch.float64)


def action(algebra: LieAlgebra, representation: str) -> Tensor:
    linear = algebra.linear_parts
    shift = linear.new_zeros(linear.shape[:2])
    return affine_matrices(parse_representation(representation), linear, shift)


def found(matrices: Tensor, representation: str | None = None, *equivalents: str) -> dict[str, Any]:
    return {
        "matrices": matrices.tolist(),
        "representation": representation,
        "equivalents": equivalents,
        "spread": 0.0,
    }


@pytest.mark.parametrize("name", ["se3_vector", "so3_pseudovector", "so3_tensor", "gl2"])
def test_the_true_action_has_no_error_and_a_longer_one_has(name: str) -> None:
    task = TASKS[name]
    true = action(task.symmetry, task.target)
    exact = output_score(task, found(true, task.target), task.symmetry, 1.0, ORIGIN)
    longer = output_score(task, found(1.2 * true), task.symmetry, 1.0, ORIGIN)
    assert exact is not None and longer is not None
    assert exact["error"] < 1e-12 and exact["recognised"]
    # On symmetric matrices alone R of a tensor has a norm of its own, larger than that of A.
    assert longer["error"] == pytest.approx(0.2, rel=1e-6) and not longer["recognised"]


def test_a_tensor_is_judged_on_symmetric_matrices_alone() -> None:
    task = TASKS["so3_tensor"]
    matrices = action(task.symmetry, "ij=ji")
    skew = torch.zeros(10, dtype=torch.float64)
    skew[1], skew[3] = 1.0, -1.0
    score = output_score(
        task, found(matrices + torch.outer(skew, skew)), task.symmetry, 1.0, ORIGIN
    )
    assert score is not None and score["error"] < 1e-10


def test_an_invariant_target_is_measured_against_the_generators() -> None:
    task = TASKS["so3_scalar"]
    wrong = torch.zeros(3, 2, 2, dtype=torch.float64)
    wrong[0, 0, 0] = 0.1
    score = output_score(task, found(wrong), task.symmetry, 1.0, ORIGIN)
    size = float(task.symmetry.generators.flatten(1).norm(dim=1).max())
    assert score is not None and score["error"] == pytest.approx(0.1 / size)


def test_translations_are_measured_in_units_of_length() -> None:
    task = TASKS["t3"]
    wrong = torch.zeros(3, 2, 2, dtype=torch.float64)
    wrong[1, 0, 0] = 0.1
    length = float(task.symmetry.generators[:, :3, 3].norm(dim=1).max())
    for unit in (1.0, 4.0):
        score = output_score(task, found(wrong), task.symmetry, unit, ORIGIN)
        assert score is not None and score["error"] == pytest.approx(0.1 * unit / length)
    # A trace of rotation, as noise leaves it, is no unit.
    generators = task.symmetry.generators.clone()
    generators[:, 0, 1], generators[:, 1, 0] = 1e-3, -1e-3
    score = output_score(task, found(wrong), LieAlgebra(generators, affine=True), 1.0, ORIGIN)
    assert score is not None and score["error"] == pytest.approx(0.1 / length, rel=1e-3)


def test_a_distant_centre_makes_no_difference() -> None:
    task, far = TASKS["se3_scalar"], torch.tensor([30.0, 0.0, 0.0], dtype=torch.float64)
    wrong = torch.zeros(6, 2, 2, dtype=torch.float64)
    wrong[:, 0, 0] = 0.1
    moved = task.symmetry.normalize(1.0, -far)
    near, away = (
        output_score(task, found(wrong), algebra, 1.0, center)
        for algebra, center in ((task.symmetry, ORIGIN), (moved, far))
    )
    assert near is not None and away is not None
    assert away["error"] == pytest.approx(near["error"])


def test_names_that_the_group_cannot_tell_apart_are_right() -> None:
    task = TASKS["so3_pseudovector"]
    matrices = action(task.symmetry, "vector")
    score = output_score(
        task, found(matrices, "vector", "pseudovector"), task.symmetry, 1.0, ORIGIN
    )
    assert score is not None and score["recognised"]


def test_there_is_nothing_to_compare_where_nothing_was_found() -> None:
    task, matrices = TASKS["so3_scalar"], torch.zeros(3, 2, 2)
    nothing = LieAlgebra(torch.zeros(0, 3, 3))
    assert output_score(task, None, task.symmetry, 1.0, ORIGIN) is None
    assert output_score(task, found(matrices[:0]), nothing, 1.0, ORIGIN) is None
    assert output_score(TASKS["noise_only"], found(matrices), task.symmetry, 1.0, ORIGIN) is None
