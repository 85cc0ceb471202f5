from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from semola_geo.ground_truth.statistics import rank_correlation, share_of, summarize

MakeCell = Callable[..., dict[str, Any]]


@given(st.integers(1, 200), st.data())
def test_bounds_are_the_shares_that_chance_still_explains(trials: int, data: Any) -> None:
    count = data.draw(st.integers(0, trials))
    share = share_of([True] * count + [False] * (trials - count))
    assert share.lower <= share.value <= share.upper
    if count:
        assert binom.sf(count - 1, trials, share.lower) == pytest.approx(0.025, rel=1e-6)
    if count < trials:
        assert binom.cdf(count, trials, share.upper) == pytest.approx(0.025, rel=1e-6)


def test_nothing_to_judge_is_not_zero() -> None:
    share = share_of([])
    assert (share.lower, share.upper) == (0.0, 1.0)
    assert str(share) == "none to judge"


def test_ranks_count_and_nothing_else() -> None:
    assert rank_correlation([(0.1, 1.0), (0.2, 50.0), (0.3, 51.0)]) == 1.0
    assert rank_correlation([(0.1, 3.0), (0.2, 2.0), (0.3, 1.0)]) == -1.0
    assert rank_correlation([(0.1, 3.0), (0.2, 2.0)]) is None
    assert rank_correlation([(0.1, 3.0), (0.1, 2.0), (0.1, 1.0)]) is None


def direction(verdict: str, violation: float | None = 0.5) -> dict[str, Any]:
    return {"verdict": verdict, "true_violation": violation, "true_leaving": 0.0}


@pytest.fixture
def cell(cell: MakeCell) -> MakeCell:
    """Nine directions without a mistake, and one of two single-model estimates right."""
    return partial(
        cell,
        directions=[direction("no symmetry")] * 9,
        single_model={"liegg": {"dimension": 3}, "liesd": {"dimension": 2}},
    )


def test_each_number_is_pooled_over_the_cells_it_is_about(cell: MakeCell) -> None:
    wrong = [direction("symmetry")] + [direction("no symmetry")] * 4 + [direction("symmetry", 0.0)]
    pooled = summarize(
        [
            cell(),
            cell(angle=2.0, name="unknown"),
            # Wrong about another direction: its angle counts all the same.
            cell(angle=45.0, outcome="wrong", size=500),
            cell(size=500, outcome="wrong", directions=wrong, dimension=4, angle=None),
            cell(noise=0.3, outcome="undecided", dimension=0),
            cell("noise_only", dimension=0, true_dimension=0, directions=wrong, outcome="wrong"),
            {"task": "t1", "size": 2000, "noise": 0.0, "seed": 0, "error": "killed"},
        ]
    )
    counts = {
        name: (value["count"], value["trials"])
        for name, value in pooled.items()
        if isinstance(value, dict)
    }
    assert counts == {
        "dimension exact, most data, no noise": (2, 2),
        "wrong answer, less data or noise": (2, 3),
        "false symmetry, directions that are none, untested or noise": (2, 46),
        "false symmetry, pure-noise labels": (1, 5),
        "angle of at most 1°, dimension right": (1, 3),
        "name right, dimension right": (2, 3),
        "verdict right about reflections": (0, 0),
        "verdict wrong about reflections": (0, 0),
        "dimension exact, liegg": (2, 2),
        "dimension exact, liesd": (0, 2),
    }
    assert pooled["rank correlation of weak breaking"] is None


@pytest.mark.parametrize(
    ("task", "verdict", "mistake", "right"),
    [
        ("o3_scalar", "symmetry", "", True),
        ("so3_chiral", "no symmetry", "", True),
        ("o3_scalar", "undecided: teachers too weak", "", False),
        ("so3_chiral", "untested by this data", "", False),
        ("so3_chiral", "symmetry", "wrong about reflections", False),
    ],
)
def test_silence_about_reflections_is_not_right(
    cell: MakeCell, task: str, verdict: str, mistake: str, right: bool
) -> None:
    pooled = summarize([cell(task, reflections={"verdict": verdict, "mistake": mistake})])
    assert pooled["verdict right about reflections"]["count"] == right
    assert pooled["verdict wrong about reflections"]["count"] == bool(mistake)


def test_weak_breaking_is_ranked(cell: MakeCell) -> None:
    strengths = [(0.01, 0.02), (0.05, 0.04), (0.2, 0.3)]
    cells = [cell(strength={"true": true, "measured": found}) for true, found in strengths]
    assert summarize(cells)["rank correlation of weak breaking"] == 1.0
