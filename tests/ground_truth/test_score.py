from __future__ import annotations

import math

import pytest
import torch

from semola_geo.discovery import Spectrum, SymmetryReport, Thresholds, Verdict
from semola_geo.ground_truth import TASKS
from semola_geo.ground_truth.score import mistake, outcome, score
from semola_geo.groups import parse_ambient

NAN = math.nan


@pytest.mark.parametrize(
    ("verdict", "violation", "leaving", "expected"),
    [
        ("symmetry", 0.0, 0.0, ""),
        ("symmetry", 0.019, 0.0, ""),
        ("symmetry", 0.021, 0.0, "false symmetry"),
        ("symmetry", 0.0, 0.3, "untested symmetry"),
        ("symmetry", NAN, 0.0, "false symmetry"),
        ("no symmetry", 0.5, 0.0, ""),
        ("no symmetry", 0.004, 0.0, "missed symmetry"),
        ("no symmetry", 0.5, 0.3, "claim without evidence"),
        ("no symmetry", NAN, 0.0, "claim without evidence"),
        ("approximate symmetry", 0.05, 0.0, ""),
        ("approximate symmetry", 0.0, 0.0, "wrong strength"),
        ("approximate symmetry", 0.3, 0.0, "wrong strength"),
        ("untested by this data", 0.5, 0.9, ""),
        ("untested by this data", 0.5, 0.1, "taken for untested"),
        ("undecided: teachers too weak", 0.0, 0.0, ""),
        ("undecided: teachers too weak", NAN, 1.0, ""),
    ],
)
def test_a_verdict_is_wrong_where_it_misses_by_a_factor_of_two(
    verdict: str, violation: float, leaving: float, expected: str
) -> None:
    assert mistake(verdict, violation, leaving) == expected


def test_more_dimensions_than_there_are_is_wrong() -> None:
    found = {"directions": [], "reflections": None, "dimension": 3, "true_dimension": 2}
    assert outcome(found) == "wrong"
    assert outcome({**found, "dimension": 2}) == "right"
    bad = {"mistake": "wrong about reflections"}
    assert outcome({**found, "dimension": 2, "reflections": bad}) == "wrong"


def report_on(directions: torch.Tensor, verdicts: list[Verdict], ambient: str) -> SymmetryReport:
    group = parse_ambient(ambient)
    size = len(group)
    zeros = torch.zeros(size, dtype=torch.float64)
    spectrum = Spectrum(
        eigenvalues=zeros,
        intervals=torch.zeros(size, 2, dtype=torch.float64),
        noise=zeros,
        ratio=zeros,
        support=zeros,
        directions=directions,
        verdicts=verdicts,
        agreement=1.0,
        ambient=group,
        length_scale=1.0,
        center=torch.zeros(3, dtype=torch.float64),
        in_candidate=torch.zeros(size, dtype=torch.bool),
    )
    return SymmetryReport(spectrum.algebra, spectrum, [0.9], 0)


def exact_directions(name: str) -> tuple[torch.Tensor, int]:
    """An orthonormal frame whose first columns span the symmetry of a task in GL(3)."""
    symmetry = TASKS[name].symmetry
    columns = parse_ambient("GL(3)").coordinates(symmetry).T
    frame = torch.linalg.qr(torch.cat([columns, torch.eye(9, dtype=torch.float64)], 1)).Q
    return frame, symmetry.dim


def test_the_truth_itself_is_right_in_all_respects() -> None:
    frame, count = exact_directions("so3_hidden")
    verdicts = [Verdict.SYMMETRY] * count + [Verdict.NONE] * (9 - count)
    found = score(TASKS["so3_hidden"], report_on(frame, verdicts, "GL(3)"))
    assert found["outcome"] == "right"
    assert found["angle"] < 1e-6
    assert found["name"] == found["true_name"] == "so(3)"
    assert [entry["mistake"] for entry in found["directions"]] == [""] * 9


def test_a_false_direction_beside_the_truth_is_found() -> None:
    frame, count = exact_directions("so3_scalar")
    verdicts = [Verdict.SYMMETRY] * (count + 1) + [Verdict.NONE] * (8 - count)
    found = score(TASKS["so3_scalar"], report_on(frame, verdicts, "GL(3)"))
    assert found["outcome"] == "wrong"
    assert [entry["mistake"] for entry in found["directions"]].count("false symmetry") == 1


def test_verdicts_are_held_to_the_bounds_that_they_were_given() -> None:
    frame, count = exact_directions("so3_scalar")
    verdicts = [Verdict.SYMMETRY] * 9
    report = report_on(frame, verdicts, "GL(3)")
    wide = score(TASKS["so3_scalar"], report, Thresholds(symmetry=5.0))
    assert [entry["mistake"] for entry in wide["directions"]] == [""] * 9
    plain = score(TASKS["so3_scalar"], report)
    assert plain == score(TASKS["so3_scalar"], report, Thresholds())
    said = [entry["mistake"] for entry in plain["directions"]]
    assert said == [""] * count + ["false symmetry"] * (9 - count)


def test_any_symmetry_of_pure_noise_is_false() -> None:
    frame = torch.eye(9, dtype=torch.float64)
    verdicts = [Verdict.SYMMETRY] + [Verdict.UNDECIDED] * 8
    found = score(TASKS["noise_only"], report_on(frame, verdicts, "GL(3)"))
    assert found["outcome"] == "wrong"
    assert found["directions"][0]["true_violation"] is None
