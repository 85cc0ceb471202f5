"""LieGG and LieSD on models whose symmetry, and whose error, are known."""

from __future__ import annotations

import pytest
import torch
from torch_geometric.data import Batch

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery.measure import violation_forms
from semola_geo.discovery.output.forms import free_output_forms
from semola_geo.discovery.single_model import liegg_estimate, liesd_estimate
from semola_geo.fields import Fields
from semola_geo.groups import parse_ambient

GROUP = parse_ambient("GL(3)")


def angle(estimate) -> float:
    found = LieAlgebra(GROUP.combine(estimate.chosen))
    return max(found.principal_angles(LieAlgebra.from_name("so(3)")))


@pytest.fixture
def batch(clouds) -> Batch:
    return Batch.from_data_list(clouds(60, offset=0.0))


def test_both_find_the_symmetry_of_an_exact_invariant(batch, teacher) -> None:
    inputs = Fields({"pos": "vector"}, 3)
    declared = Fields({"pos": "vector", "y": "scalar"}, 3)
    arguments = ([(teacher.so, teacher.so)], [batch], declared, inputs, "y", GROUP.basis)
    liegg = liegg_estimate(violation_forms(*arguments))
    liesd = liesd_estimate(free_output_forms(*arguments), len(GROUP), 1)
    for estimate in (liegg, liesd):
        assert estimate.dimension == 3
        assert angle(estimate) < 1e-4


def test_liesd_is_not_told_that_a_vector_is_one(batch, teacher) -> None:
    inputs = Fields({"pos": "vector"}, 3)
    numbers = Fields({"pos": "vector", "y": "scalar"}, 3)
    arguments = ([(teacher.dipole, teacher.dipole)], [batch], numbers, inputs, "y", GROUP.basis)
    estimate = liesd_estimate(free_output_forms(*arguments), len(GROUP), 3)
    assert estimate.dimension == 3
    assert angle(estimate) < 1e-4


def test_error_of_one_model_hides_what_two_models_show(batch, teacher) -> None:
    """Independent errors enter the single form squared, and cancel in the cross product."""

    def with_error(seed):
        weights = torch.randn(3, generator=torch.Generator().manual_seed(seed)).double()

        def model(data: Batch):
            error = (data.pos.reshape(data.num_graphs, -1, 3)[:, 0] * weights).sum(1)
            return teacher.so(data) + 0.5 * error

        return model

    inputs, declared = Fields({"pos": "vector"}, 3), Fields({"pos": "vector", "y": "scalar"}, 3)
    models = [(with_error(2 * k), with_error(2 * k + 1)) for k in range(40)]
    forms = violation_forms(models, [batch], declared, inputs, "y", GROUP.basis)
    rotations = GROUP.coordinates(LieAlgebra.from_name("so(3)")).T
    single = sum(rotations.T @ form.single @ rotations for form in forms).trace()
    crossed = sum(rotations.T @ form.violation @ rotations for form in forms).trace()
    assert abs(float(crossed)) < 0.5 * float(single)


def test_a_spectrum_without_gap_means_no_symmetry() -> None:
    from semola_geo.discovery.forms import ViolationForms

    forms = ViolationForms.zeros(4)
    forms.single += torch.diag(torch.tensor([0.5, 0.7, 0.9, 1.2]).double())
    forms.scale += torch.eye(4).double()
    assert liegg_estimate([forms]).dimension == 0


def test_the_whole_ambient_group_can_be_found() -> None:
    from semola_geo.discovery.forms import ViolationForms

    forms = ViolationForms.zeros(4)
    forms.single += 1e-4 * torch.eye(4).double()
    forms.scale += torch.eye(4).double()
    assert liegg_estimate([forms]).dimension == 4
