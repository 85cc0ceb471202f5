"""Strength of a violation in units of the target: exact maps, pairs that differ, missing labels."""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric.data import Batch, Data

from semola_geo.discovery.change import TargetChange, squared_deviations
from semola_geo.discovery.measure import violation_forms
from semola_geo.fields import Fields

SLOPE = torch.tensor([3.0, 4.0], dtype=torch.float64)


def plane(count: int = 500, seed: int = 0) -> list[Data]:
    g = torch.Generator().manual_seed(seed)
    points = torch.randn(count, 1, 2, generator=g, dtype=torch.float64)
    return [Data(pos=x, y=x @ SLOPE) for x in points]


def change_of(slopes: list[Tensor], graphs: list[Data], folds: int = 5) -> Tensor:
    """Along both translations, for pairs of teachers with these slopes."""
    fields = Fields({"pos": "point", "y": "scalar"}, 2)
    inputs = Fields({"pos": "point"}, 2)
    shifts = torch.zeros(2, 3, 3, dtype=torch.float64)
    shifts[0, 0, 2] = shifts[1, 1, 2] = 1.0
    teachers = [lambda batch, a=slope: batch.pos @ a for slope in slopes]
    pairs = list(zip(teachers[::2], teachers[1::2], strict=True))
    parts = [Batch.from_data_list(graphs[k::folds]) for k in range(folds)]
    forms = [
        violation_forms(pairs, [part], fields, inputs, "y", shifts, weigh=False) for part in parts
    ]
    change = TargetChange.of(forms, [part.y for part in parts])
    return change.along(torch.eye(2, dtype=torch.float64))


def test_a_linear_target_changes_by_its_slope() -> None:
    graphs = plane()
    deviation = torch.cat([graph.y for graph in graphs]).std(correction=0)
    found = change_of([SLOPE, SLOPE], graphs, folds=1)
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


def test_bounds_hold_the_chance_of_the_draw() -> None:
    """Exact teachers, so that only the deviation of the target of few graphs is uncertain."""
    exact = SLOPE.abs() / SLOPE.norm()  # of points with unit deviation
    held = 0
    for seed in range(200):
        found = change_of([SLOPE, SLOPE], plane(200, seed), folds=10)
        held += int(((found[:, 1] <= exact) & (exact <= found[:, 2])).all())
    # Nominally 190; four standard deviations of a count of 200 are 12.
    assert held >= 178


def test_what_is_not_violated_has_no_negative_strength() -> None:
    form = torch.tensor([[[-0.01]], [[0.005]]], dtype=torch.float64)[None]
    change = TargetChange(form, torch.full_like(form, 0.02), torch.ones(1).double())
    value, lower, upper = change.along(torch.ones(1, 1).double())[0].tolist()
    assert value == lower == 0.0 < upper


def test_rows_without_a_label_count_as_the_others_do() -> None:
    lacking = torch.tensor([[1.0], [3.0], [float("nan")]])
    assert squared_deviations([lacking]).tolist() == [3.0]
    forces = torch.tensor([[1.0, 0.0], [-1.0, 0.0]])
    assert squared_deviations([forces, forces]).tolist() == [2.0, 2.0]
