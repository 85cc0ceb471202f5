"""Strength of a violation in units of the target: exact maps, pairs that differ, missing labels."""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric.data import Batch, Data

from semola_geo.discovery.change import TargetChange, target_variance
from semola_geo.discovery.measure import violation_forms
from semola_geo.fields import Fields

SLOPE = torch.tensor([3.0, 4.0], dtype=torch.float64)


def plane(count: int = 500) -> list[Data]:
    g = torch.Generator().manual_seed(0)
    points = torch.randn(count, 1, 2, generator=g, dtype=torch.float64)
    return [Data(pos=x, y=x @ SLOPE) for x in points]


def change_of(slopes: list[Tensor], graphs: list[Data]) -> Tensor:
    """Along both translations, for pairs of teachers with these slopes."""
    fields = Fields({"pos": "point", "y": "scalar"}, 2)
    inputs = Fields({"pos": "point"}, 2)
    shifts = torch.zeros(2, 3, 3, dtype=torch.float64)
    shifts[0, 0, 2] = shifts[1, 1, 2] = 1.0
    teachers = [lambda batch, a=slope: batch.pos @ a for slope in slopes]
    pairs = list(zip(teachers[::2], teachers[1::2], strict=True))
    batch = Batch.from_data_list(graphs)
    forms = violation_forms(pairs, [batch], fields, inputs, "y", shifts, weigh=False)
    change = TargetChange.of(forms, target_variance(graphs, "y"))
    return change.along(torch.eye(2, dtype=torch.float64))


def test_a_linear_target_changes_by_its_slope() -> None:
    graphs = plane()
    deviation = torch.cat([graph.y for graph in graphs]).std(correction=0)
    found = change_of([SLOPE, SLOPE], graphs)
    expected = (SLOPE.abs() / deviation)[:, None].expand(2, 3)
    torch.testing.assert_close(found, expected)


def test_units_of_the_target_do_not_matter() -> None:
    graphs = plane()
    large = [Data(pos=graph.pos, y=1000 * graph.y) for graph in graphs]
    slopes = [SLOPE * s for s in (0.9, 1.0, 1.1, 1.05)]
    one = change_of(slopes, graphs)
    torch.testing.assert_close(change_of([1000 * s for s in slopes], large), one)


def test_pairs_that_differ_widen_the_bounds() -> None:
    graphs = plane()
    found = change_of([SLOPE * s for s in (0.8, 0.9, 1.1, 1.2)], graphs)
    assert bool((found[:, 1] < found[:, 0]).all()) and bool((found[:, 0] < found[:, 2]).all())
    # The geometric mean of a pair is what its cross product says.
    mean = ((0.8 * 0.9 + 1.1 * 1.2) / 2) ** 0.5
    deviation = torch.cat([graph.y for graph in graphs]).std(correction=0)
    torch.testing.assert_close(found[:, 0], mean * SLOPE / deviation)


def test_what_is_not_violated_has_no_negative_strength() -> None:
    form = torch.tensor([[[-0.01]], [[0.005]]], dtype=torch.float64)
    noise = torch.full((2, 1, 1), 0.02, dtype=torch.float64)
    value, lower, upper = TargetChange(form, noise).along(torch.ones(1, 1).double())[0].tolist()
    assert value == lower == 0.0 < upper


def test_rows_without_a_label_count_as_the_others_do() -> None:
    graphs = [Data(y=torch.tensor([[1.0]])), Data(y=torch.tensor([[3.0]]))]
    lacking = [*graphs, Data(y=torch.tensor([[float("nan")]]))]
    assert target_variance(lacking, "y") == 1.0
    forces = [Data(f=torch.tensor([[1.0, 0.0], [-1.0, 0.0]]))]
    assert target_variance(forces, "f") == 2.0
