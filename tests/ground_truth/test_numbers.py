"""Numbers of a page are counted over the cells that the figure shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from semola_geo.ground_truth import TASKS
from semola_geo.ground_truth.information import angle_bound
from semola_geo.ground_truth.numbers import numbers

MakeCell = Callable[..., dict[str, Any]]


def test_nothing_is_said_about_what_was_not_measured(cell: MakeCell) -> None:
    assert numbers([{"task": "t1", "error": "killed"}]) == {}
    assert list(numbers([cell()])) == ["hard_groups", "pooled"]


def test_angles_count_where_the_dimension_is_right(cell: MakeCell) -> None:
    lines = numbers(
        [
            cell(),
            cell(seed=3, angle=2.0),
            cell(task="t1", angle=9.0, outcome="wrong"),
            cell(noise=0.3, outcome="undecided", angle=None),
        ]
    )["hard_groups"].splitlines()
    assert lines[0].startswith("- N = 2000, no noise: 3 runs (2 tasks, seeds 0, 3), right 2, ")
    assert (
        "undecided 0, wrong 1; angle of at most 1° where the dimension is right: 1 of 3 = 33.3 %"
        in lines[0]
    )
    assert lines[1].endswith("none to judge")


def test_closure_and_action_come_from_runs_that_hold_them(cell: MakeCell) -> None:
    found = numbers(
        [
            cell(closure_defect={"before": 0.01, "after": 1e-16}),
            cell(closure_defect={"before": 0.03, "after": 2e-16}, seed=1),
            cell(closure_defect={"before": 0.7, "after": 0.7}, seed=2),
            cell(
                discovery={"output": "unknown"},
                output={"error": 0.04, "recognised": True},
                closure_defect={"before": 5.0, "after": 5.0},
            ),
            cell(discovery={"output": "unknown"}, output={"error": 0.06, "recognised": False}),
            cell(discovery={"output": "unknown"}, output=None, outcome="undecided"),
        ]
    )
    assert "closed: 2 of 3 = 66.7 %" in found["closure"]
    assert "before: median 0.02, largest 0.03; after: largest 2e-16" in found["closure"]
    assert "symmetry right 2, undecided 1, wrong 0" in found["unknown_output"]
    assert found["unknown_output"].count("1 of 2 = 50.0 %") == 2
    assert "3 runs" in found["hard_groups"]


def test_intervals_miss_the_truth_on_either_side(cell: MakeCell) -> None:
    def entry(lower: float, upper: float, truth: float | None, verdict: str) -> dict[str, Any]:
        return {
            "interval": [lower, upper],
            "true_violation": truth,
            "true_leaving": 0.0,
            "verdict": verdict,
        }

    directions = [
        entry(-0.01, 0.004, 0.005, "symmetry"),
        entry(-0.01, 0.01, 0.005, "symmetry"),
        entry(0.1, 0.2, 0.3, "no symmetry"),
        entry(0.4, 0.5, 0.3, "no symmetry"),
        entry(0.2, 0.4, 0.3, "undecided: teachers too weak"),
        entry(float("nan"), float("nan"), 0.3, "undecided: teachers too weak"),
        entry(0.1, 0.2, 0.3, "untested by this data"),
        entry(0.1, 0.2, None, "undecided: teachers too weak"),
    ]
    lines = numbers([cell(directions=directions)])["intervals"].splitlines()
    assert [line.split(": ")[1].split(" =")[0] for line in lines] == ["1 of 2", "1 of 3", "1 of 3"]


def test_absence_says_where_nothing_was_said(cell: MakeCell) -> None:
    entry = {
        "verdict": "no symmetry",
        "true_violation": 0.4,
        "true_leaving": 0.0,
        "interval": [0.3, 0.5],
    }
    none = cell(true_dimension=0, dimension=0, directions=[entry] * 4)
    lines = numbers([none])["absence"].splitlines()
    assert lines[0].startswith("- no symmetry at all: 0 of 4 = 0.0 % (0.0 to ")
    assert lines[1].startswith("- runs, this library: 0 of 1")


def test_noisy_angles_stand_beside_those_of_an_efficient_estimator(cell: MakeCell) -> None:
    noisy = {"noise": 0.3, "size": 2000}
    bound = float(angle_bound(TASKS["so3_scalar"], 2000, 0.3).median())
    cells = [
        cell(task="so3_scalar", angle=3 * bound, **noisy),
        cell(task="so3_scalar", angle=None, outcome="undecided", seed=1, **noisy),
        cell(task="planar", angle=70.0, **noisy),  # on a constraint
        cell(task="scaling", angle=80.0, **noisy),  # kept by all changes of coordinates
        cell(task="so3_scalar", angle=90.0),  # without noise
    ]
    (line,) = numbers(cells)["information"].splitlines()
    assert line.startswith("- N = 2000, noise 0.3, dimension right in 1 of 2 runs: at most 1° in 0")
    assert line.endswith("median 3.00")


def test_pooled_numbers_count_all_runs(cell: MakeCell) -> None:
    cells = [
        cell(timing={"teachers": 10.0, "support": 0.5, "spectrum": 0.7}),
        cell(angle=3.0, noise=0.3, name="so(2)", timing={"teachers": 10.0, "spectrum": 0.1}),
        cell(angle=None, outcome="undecided", seed=1),
    ]
    names, angles, cost = numbers(cells)["pooled"].splitlines()
    assert names.startswith("- name right where the dimension is: 1 of 2")
    assert "all runs: 1 of 2" in angles and "without noise: 1 of 1" in angles
    assert "median 6.5 %, largest 12 %, at most 10 % in 1 of 2" in cost


def test_strength_stands_beside_the_true_one(cell: MakeCell) -> None:
    def weak(true: float, measured: float, change: list[float]) -> dict[str, Any]:
        return cell(
            strength={"true": true, "measured": measured, "true_change": true, "change": change}
        )

    cells = [
        weak(0.1, 0.2, [0.1, 0.09, 0.11]),
        weak(0.2, 0.4, [0.21, 0.19, 0.22]),
        weak(0.3, 0.5, [0.32, 0.31, 0.33]),
    ]
    (line,) = numbers(cells)["strength"].splitlines()
    assert "3 runs, λ: rank correlation 1.000, median of measured over true 2.00" in line
    assert "measured over true 1.000 to 1.067, true one inside of its bounds in 2 of 3" in line
