"""Every task has exactly the symmetry that it claims: by finite elements, and no direction more."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from semola_geo.fields import Fields
from semola_geo.ground_truth import TASKS, GroundTruthTask
from semola_geo.ground_truth.task import Inputs
from semola_geo.ground_truth.truth import exact_batch, exact_forms, exact_support, truth_along
from semola_geo.groups import GroupElement, matrix_exponential, parse_ambient

SYMMETRIC = [name for name, task in TASKS.items() if task.symmetry.dim]
EXACT = [name for name, task in TASKS.items() if task.label is not None]
LIMITED = [name for name, task in TASKS.items() if task.constraint is not None]
WEAK = [name for name, task in TASKS.items() if task.weak is not None]
GRAPHS = 20


def draw(task: GroundTruthTask, count: int = GRAPHS, seed: int = 3) -> Inputs:
    return task.draw(count, torch.Generator().manual_seed(seed))


def moved(task: GroundTruthTask, inputs: Inputs, element: GroupElement) -> Inputs:
    fields = Fields(task.inputs, element.dimension)
    out = {}
    for name, values in inputs.items():
        rows = torch.arange(len(values)).repeat_interleave(values.shape[1])
        acted = element.act(values.flatten(0, 1), fields[name], rows)
        out[name] = acted.reshape(values.shape)
    return out


def violation(task: GroundTruthTask, element: GroupElement) -> Tensor:
    """|f(gx) − ρ(g)f(x)| of every graph and component."""
    inputs = draw(task, len(element))
    target = Fields(task.fields, element.dimension)["y"]
    before, after = task.label(inputs), task.label(moved(task, inputs, element))
    return (after - element.act(before, target)).abs()


def random_elements(generators: Tensor, affine: bool, extent: float = 0.7) -> GroupElement:
    weights = torch.randn(GRAPHS, len(generators), generator=torch.Generator().manual_seed(5))
    combined = torch.einsum("bk,kij->bij", extent * weights.double(), generators)
    return GroupElement(matrix_exponential(combined), affine)


@pytest.mark.parametrize("name", SYMMETRIC)
def test_labels_are_equivariant_under_the_group_of_the_task(name: str) -> None:
    task = TASKS[name]
    elements = random_elements(task.symmetry.generators, task.symmetry.affine)
    assert float(violation(task, elements).max()) < 1e-10


@pytest.mark.parametrize("name", EXACT)
def test_no_other_direction_is_a_symmetry(name: str) -> None:
    task = TASKS[name]
    basis = parse_ambient(task.ambient).basis
    batch = exact_batch(task, 400)
    supported, _ = exact_support(task, batch, basis).split(0.25)
    forms = exact_forms(task, batch, basis)
    scale = supported.T @ forms.scale @ supported
    values = torch.linalg.eigvalsh(
        torch.linalg.solve(torch.linalg.cholesky(scale), supported.T @ forms.violation @ supported)
        @ torch.linalg.inv(torch.linalg.cholesky(scale)).T
    )
    count = task.symmetry.dim
    assert float(values[:count].abs().max() if count else 0.0) < 1e-10
    # Twice the bound below which discovery calls a direction a symmetry.
    assert len(values) == count or float(values[count]) > 0.02


@pytest.mark.parametrize("name", SYMMETRIC)
def test_data_move_along_the_symmetry(name: str) -> None:
    task = TASKS[name]
    assert float(truth_along(task, task.symmetry.generators).leaving.max()) < 1e-10


@pytest.mark.parametrize("name", LIMITED)
def test_data_satisfy_their_constraints_and_their_symmetry_keeps_them(name: str) -> None:
    task = TASKS[name]
    inputs = draw(task)
    assert float(task.constraint(inputs).abs().max()) < 1e-12
    if task.symmetry.dim:
        elements = random_elements(task.symmetry.generators, task.symmetry.affine)
        assert float(task.constraint(moved(task, inputs, elements)).abs().max()) < 1e-10
    basis = parse_ambient(task.ambient).basis
    _, unsupported = exact_support(task, exact_batch(task, 400), basis).split(0.25)
    assert unsupported.shape[1] > 0


def test_reflections_are_as_the_tasks_say() -> None:
    judged = {name: task for name, task in TASKS.items() if task.reflections is not None}
    assert {task.reflections for task in judged.values()} == {True, False}
    mirror = GroupElement(torch.diag(torch.tensor([-1.0, 1.0, 1.0]).double()).repeat(GRAPHS, 1, 1))
    for task in judged.values():
        assert (float(violation(task, mirror).max()) < 1e-10) is task.reflections


def test_weak_directions_are_broken_in_order() -> None:
    strengths = [float(truth_along(TASKS[n], TASKS[n].weak.generators).violation) for n in WEAK]
    assert strengths == sorted(strengths)
    assert 0.01 < strengths[0] < 0.1 < strengths[-1]


def test_the_suite_is_as_wide_as_promised() -> None:
    assert len(TASKS) >= 24
    assert sum(task.symmetry.dim == 0 and not task.constraint for task in TASKS.values()) >= 6
    assert len(LIMITED) >= 4
    assert {task.target for task in TASKS.values()} == {
        "scalar",
        "vector",
        "pseudovector",
        "ij=ji",
    }


@pytest.mark.parametrize("name", TASKS)
def test_a_seed_draws_the_same_graphs(name: str) -> None:
    task = TASKS[name]
    one, two, other = (task.data(8, 0.3, seed) for seed in (0, 0, 1))
    for first, second, third in zip(one, two, other, strict=True):
        for field in task.fields:
            assert torch.equal(first[field], second[field])
        assert not torch.equal(first["y"], third["y"])


def test_noise_has_the_stated_size() -> None:
    task, count = TASKS["se3_vector"], 2000
    plain, noisy = (torch.cat([g["y"] for g in task.data(count, n, 0)]) for n in (0.0, 0.5))
    deviation = (plain - plain.mean(0)).square().mean().sqrt()
    ratio = float((noisy - plain).square().mean().sqrt() / deviation)
    # Six standard errors of a mean square over 6000 normal numbers.
    assert abs(ratio**2 - 0.25) < 6 * 0.25 * (2 / (3 * count)) ** 0.5


def test_noise_of_a_symmetric_tensor_is_symmetric() -> None:
    y = torch.cat([graph["y"] for graph in TASKS["so3_tensor"].data(5, 1.0, 0)])
    assert torch.equal(y, y.mT)


@pytest.mark.parametrize(("count", "noise"), [(1, 0.0), (10, -0.1)])
def test_impossible_data_are_refused(count: int, noise: float) -> None:
    with pytest.raises(ValueError, match="count >= 2 and noise >= 0"):
        TASKS["t1"].data(count, noise, 0)


def test_a_volume_has_one_symmetry_more_where_its_action_is_left_open() -> None:
    """Dilations multiply it by a number, which no declared scalar allows; see the experiment."""
    dilation = torch.eye(3, dtype=torch.float64)[None] / 3**0.5
    told, left_open = (
        float(truth_along(TASKS["sl3"], dilation, declared).violation) for declared in (True, False)
    )
    assert told > 0.1
    assert abs(left_open) < 1e-9


@pytest.mark.parametrize("name", ["se3_vector", "so3_pseudovector", "so3_tensor", "gl2"])
def test_a_symmetry_stays_one_where_the_action_of_the_output_is_left_open(name: str) -> None:
    task = TASKS[name]
    assert float(truth_along(task, task.symmetry.generators, False).violation.abs().max()) < 1e-9
