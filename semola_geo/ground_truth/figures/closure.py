"""Is what was found a Lie algebra at all? Closure defects of candidates, before and after."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from semola_geo.ground_truth.figures.rows import (
    BLUE,
    GREY,
    RED,
    ROW,
    Cell,
    by_task,
    dots,
    key,
    row_axes,
)
from semola_geo.reporting.figures.style import SMALL, new_figure

__all__ = ["CLOSED", "closure_cells", "draw_closure"]

CLOSED = 1e-6
"""Defect below which discovery takes a span for closed."""


_LEFT, _TOP, _WIDTH = 130.0, 8.0, 480.0
# Below this is rounding: drawn at the edge.
_ROUNDING = 1e-16


def closure_cells(cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells that hold the closure defect of a candidate of several generators."""
    held = [cell for cell in cells if cell.get("closure_defect") and cell.get("evidence")]
    return [cell for cell in held if cell["evidence"][-1]["dimension"] > 1]


def draw_closure(cells: Sequence[Cell]) -> Figure | None:
    """One row per task: the defect of a span that plain teachers propose, and of what it became.

    Of each run the last candidate that was tried. What is not closed was not counted as evidence.

    A candidate of one generator is closed whatever it is, and is left out.

    Args:
        cells: Results of the suite.

    Returns:
        The figure, or ``None`` where no cell holds the closure defect of a larger candidate.
    """
    tasks = by_task(closure_cells(cells))
    if not tasks:
        return None
    figure = new_figure(_TOP + ROW * len(tasks) + 62.0, _WIDTH)
    axes = row_axes(figure, _LEFT, _TOP, _WIDTH - _LEFT - 16.0, list(tasks))
    axes.set_xscale("log")
    axes.set_xlim(_ROUNDING / 3, 3.0)
    for position, own in enumerate(tasks.values()):
        defects = [
            [max(cell["closure_defect"][name], _ROUNDING) for cell in own]
            for name in ("before", "after")
        ]
        dots(axes, position, defects[0], RED, filled=False)
        dots(axes, position, [value for value in defects[1] if value < CLOSED], BLUE)
        dots(axes, position, [value for value in defects[1] if value >= CLOSED], GREY)
    axes.set_xticks([1e-16, 1e-12, 1e-8, 1e-4, 1.0], ["≤ 1e−16", "1e−12", "1e−8", "1e−4", "1"])
    axes.minorticks_off()
    axes.set_xlabel("closure defect: part of the brackets that leaves the span", fontsize=SMALL)
    key(
        figure,
        [
            ("proposed by plain teachers", RED, False),
            ("refined, closed", BLUE, True),
            ("not closed", GREY, True),
        ],
    )
    return figure
