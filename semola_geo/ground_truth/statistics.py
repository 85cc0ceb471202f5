"""Pooled numbers of a suite: shares with exact binomial intervals, and rank correlations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scipy.stats import binomtest, spearmanr

from semola_geo.discovery import Verdict
from semola_geo.ground_truth.cell import task_named
from semola_geo.ground_truth.score import limits_of, mistake

__all__ = ["Share", "false_symmetry", "rank_correlation", "share_of", "summarize"]

Cell = Mapping[str, Any]
_FEWEST_STRENGTHS = 3


@dataclass(frozen=True)
class Share:
    """How many of some trials, with the exact 95 % interval of Clopper and Pearson.

    Attributes:
        count: Number of trials that count.
        trials: Number of trials.
        lower: Lower bound of the share; 0 without trials.
        upper: Upper bound; 1 without trials.
    """

    count: int
    trials: int
    lower: float
    upper: float

    @property
    def value(self) -> float:
        """The share itself; NaN without trials."""
        return self.count / self.trials if self.trials else float("nan")

    def __str__(self) -> str:
        if not self.trials:
            return "none to judge"
        bounds = f"{100 * self.lower:.1f} to {100 * self.upper:.1f} %"
        return f"{self.count} of {self.trials} = {100 * self.value:.1f} % ({bounds})"


def share_of(outcomes: Iterable[bool]) -> Share:
    """Count outcomes.

    >>> print(share_of([True] * 9 + [False]))
    9 of 10 = 90.0 % (55.5 to 99.7 %)
    """
    listed = list(outcomes)
    if not listed:
        return Share(0, 0, 0.0, 1.0)
    bounds = binomtest(sum(listed), len(listed)).proportion_ci(method="exact")
    return Share(sum(listed), len(listed), float(bounds.low), float(bounds.high))


def rank_correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Return Spearman's rank correlation; ``None`` for less than three pairs, or constant ones.

    >>> rank_correlation([(0.1, 1.0), (0.2, 5.0), (0.3, 9.0)])
    1.0
    """
    if len(pairs) < _FEWEST_STRENGTHS:
        return None
    left, right = zip(*pairs, strict=True)
    if min(len(set(left)), len(set(right))) < 2:
        return None
    return round(float(spearmanr(left, right).statistic), 12)


def false_symmetry(cell: Cell, entry: Mapping[str, Any]) -> str:
    """Say why "symmetry" would be wrong of a direction; empty where it would be right, or nearly.

    Args:
        cell: A cell.
        entry: One of its directions.

    >>> false_symmetry({}, {"true_violation": 0.3, "true_leaving": 0.0})
    'false symmetry'
    """
    violation = float("nan") if entry["true_violation"] is None else entry["true_violation"]
    return mistake(Verdict.SYMMETRY, violation, entry["true_leaving"], limits_of(cell))


def summarize(cells: Sequence[Cell]) -> dict[str, Any]:
    """Pool the results of a suite.

    Args:
        cells: Results of :func:`semola_geo.ground_truth.suite.run_suite`; failed ones are left out.

    Returns:
        Name of each pooled number → :class:`Share` as plain values, or a correlation.
    """
    done = [cell for cell in cells if "error" not in cell]
    largest = max((cell["size"] for cell in done), default=0)
    plain = [cell for cell in done if cell["noise"] == 0 and cell["size"] == largest]
    # Pure noise can end in "undecided" only, which is no answer about a dimension.
    exact = [cell for cell in plain if cell["task"] != "noise_only"]
    hard = [cell for cell in done if cell["noise"] > 0 or cell["size"] < largest]
    right = [cell for cell in done if cell["true_dimension"] and _dimension_right(cell)]
    judged = [cell for cell in plain if cell["reflections"]]
    shares = {
        "dimension exact, most data, no noise": _over(exact, _dimension_right),
        "wrong answer, less data or noise": _over(hard, lambda cell: cell["outcome"] == "wrong"),
        "false symmetry, directions that are none, untested or noise": share_of(_false(done)),
        "false symmetry, pure-noise labels": share_of(
            _false(cell for cell in done if cell["task"] == "noise_only")
        ),
        "angle of at most 1°, dimension right": _over(right, lambda cell: cell["angle"] <= 1.0),
        "name right, dimension right": _over(right, lambda cell: cell["name"] == cell["true_name"]),
        "verdict right about reflections": _over(judged, _reflections_right),
        "verdict wrong about reflections": _over(
            judged, lambda cell: bool(cell["reflections"]["mistake"])
        ),
    }
    for method in ("liegg", "liesd"):
        shares[f"dimension exact, {method}"] = share_of(
            cell["single_model"][method]["dimension"] == cell["true_dimension"]
            for cell in exact
            if method in cell["single_model"]
        )
    strengths = [cell["strength"] for cell in plain if cell["strength"]]
    return {
        **{name: {**asdict(share), "text": str(share)} for name, share in shares.items()},
        "rank correlation of weak breaking": rank_correlation(
            [(entry["true"], entry["measured"]) for entry in strengths]
        ),
    }


def _over(cells: Iterable[Cell], holds: Callable[[Cell], bool]) -> Share:
    return share_of(holds(cell) for cell in cells)


def _dimension_right(cell: Cell) -> bool:
    return bool(cell["dimension"] == cell["true_dimension"])


def _reflections_right(cell: Cell) -> bool:
    holds = task_named(cell["task"]).reflections
    return bool(cell["reflections"]["verdict"] == (Verdict.SYMMETRY if holds else Verdict.NONE))


def _false(cells: Iterable[Cell]) -> list[bool]:
    """Whether "symmetry" is said of each direction of which it would be wrong."""
    return [
        entry["verdict"] == Verdict.SYMMETRY
        for cell in cells
        for entry in cell["directions"]
        if false_symmetry(cell, entry)
    ]
