"""Is what was found a Lie algebra at all? Closure defects of candidates, before and after."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from semola_geo.ground_truth.figures.rows import BLUE, RED, ROW, Cell, by_task, dots, key, row_axes
from semola_geo.reporting.figures.style import SMALL, new_figure

__all__ = ["closure_cells", "draw_closure"]

_LEFT, _TOP, _WIDTH = 130.0, 8.0, 480.0
# Below this is rounding: drawn at the edge.
_ROUNDING = 1e-16


def closure_cells(cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells that hold the closure defect of a candidate of several generators."""
    held = [cell for cell in cells if cell.get("closure_defect") and cell.get("evidence")]
    return [cell for cell in held if cell["evidence"][-1]["dimension"] > 1]


def draw_closure(cells: Sequence[Cell]) -> Figure | None:
    """One row per task: the defect of the plain teachers' null space, and of what it became.

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
        for name, color, filled in (("before", RED, False), ("after", BLUE, True)):
            defects = [max(cell["closure_defect"][name], _ROUNDING) for cell in own]
            dots(axes, position, defects, color, filled)
    axes.set_xticks([1e-16, 1e-12, 1e-8, 1e-4, 1.0], ["≤ 1e−16", "1e−12", "1e−8", "1e−4", "1"])
    axes.minorticks_off()
    axes.set_xlabel("closure defect: part of the brackets that leaves the span", fontsize=SMALL)
    key(figure, [("null space of plain teachers", RED, False), ("refined candidate", BLUE, True)])
    return figure
