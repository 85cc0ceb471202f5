"""The figure of a comparison: its score against throughput."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from semola_geo.comparison.score import score_of
from semola_geo.comparison.statistics import summarize

__all__ = ["score_against_throughput"]


def score_against_throughput(cells: Sequence[Mapping[str, Any]], path: str | Path) -> Path:
    """Draw the score on rotated test data against inference throughput, one point per method.

    Args:
        cells: Results of single cells.
        path: File to write; the suffix chooses the format.

    Returns:
        The path.
    """
    figure = Figure(figsize=(6.0, 4.0), layout="constrained")
    axes = figure.add_subplot()
    score = score_of(cells)
    for method, measured in summarize([cell for cell in cells if "error" not in cell]).items():
        value, speed = measured[score.moved], measured["throughput"]
        if value is None or speed is None:
            continue
        axes.errorbar(speed.mean, value.mean, yerr=value.deviation, fmt="o", capsize=3)
        axes.annotate(method, (speed.mean, value.mean), (6, 6), textcoords="offset points")
    unit = next((str(cell["unit"]) for cell in cells if cell.get("unit")), "")
    moved = next((str(cell["moved"]) for cell in cells if cell.get("moved")), "rotated")
    axes.set_xscale("log")
    axes.set_xlabel("inference throughput [graphs/s, one thread]")
    axes.set_ylabel(f"{score.heading(unit)} on {moved} test data")
    axes.margins(0.15)
    axes.grid(alpha=0.3)
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
    return path
