"""How the target transforms, where discovery was not told: the error of R."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from semola_geo.ground_truth.figures.rows import (
    OUTCOMES,
    ROW,
    Cell,
    bound,
    by_task,
    dots,
    key,
    left_open,
    row_axes,
)
from semola_geo.reporting.figures.style import SMALL, new_figure

__all__ = ["ALLOWED", "draw_output", "output_cells"]

ALLOWED = 0.05
"""Error of R, relative to R or A, that counts as right."""

_LEFT, _TOP, _WIDTH = 130.0, 24.0, 520.0
_RIGHT = 108.0
_LEAST, _LARGEST = 1e-3, 3.0


def output_cells(cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells of runs that were not told, and hold what they found, if anything."""
    return [cell for cell in cells if left_open(cell) and "output" in cell]


def draw_output(cells: Sequence[Cell]) -> Figure | None:
    """One row per task: the relative error of R against the bound of 5 %, and the name it got.

    Args:
        cells: Results of the suite with ``discovery.output=unknown``.

    Returns:
        The figure, or ``None`` where no cell holds an R to compare with the truth.
    """
    tasks = by_task(output_cells(cells))
    if not any(cell["output"] for own in tasks.values() for cell in own):
        return None
    figure = new_figure(_TOP + ROW * len(tasks) + 62.0, _WIDTH)
    axes = row_axes(figure, _LEFT, _TOP, _WIDTH - _LEFT - _RIGHT, list(tasks))
    axes.set_xscale("log")
    axes.set_xlim(_LEAST, _LARGEST)
    bound(axes, ALLOWED, "5 %")
    axes.text(1.04, 1.0, "named right", transform=axes.transAxes, va="bottom", fontsize=SMALL)
    for position, own in enumerate(tasks.values()):
        for outcome, color, filled in OUTCOMES:
            errors = [
                min(max(cell["output"]["error"], _LEAST), _LARGEST)
                for cell in own
                if cell["output"] and cell["outcome"] == outcome
            ]
            dots(axes, position, errors, color, filled)
        named = sum(bool(cell["output"] and cell["output"]["recognised"]) for cell in own)
        axes.text(
            1.04,
            position,
            f"{named} of {len(own)}",
            transform=axes.get_yaxis_transform(),
            va="center",
            fontsize=SMALL,
        )
    axes.set_xticks([0.001, 0.01, 0.1, 1.0], ["≤ 0.1 %", "1 %", "10 %", "100 %"])
    axes.minorticks_off()
    axes.set_xlabel("‖R − R true‖ / max(‖R true‖, ‖A‖)", fontsize=SMALL)
    key(figure, [(f"{name} symmetry", color, filled) for name, color, filled in OUTCOMES])
    return figure
