"""Figures of a suite: one per objection that a sceptic has to a discovered symmetry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from semola_geo.ground_truth.figures.absence import draw_absence
from semola_geo.ground_truth.figures.closure import draw_closure
from semola_geo.ground_truth.figures.hard import draw_hard
from semola_geo.ground_truth.figures.output import draw_output
from semola_geo.ground_truth.figures.rows import Cell, told
from semola_geo.reporting.figures.style import figure_style
from semola_geo.reporting.figures.svg import inline_svg, standalone_svg

__all__ = ["FIGURES", "SuiteFigure", "save_figure", "write_figures"]


class SuiteFigure:
    """A figure that results of a suite can be drawn as.

    Attributes:
        draw: Results → figure, or ``None`` where they lack its numbers.
        description: What a screen reader says.
        lacking: What to say where numbers are lacking, and what to do about it.
    """

    def __init__(
        self, draw: Callable[[Sequence[Cell]], Figure | None], description: str, lacking: str
    ) -> None:
        self.draw, self.description, self.lacking = draw, description, lacking


FIGURES = {
    "hard_groups": SuiteFigure(
        draw_hard,
        "Largest principal angle to the true algebra, and shares of right, undecided and wrong "
        "runs, for each task with a symmetry",
        "no run is of a task with a symmetry",
    ),
    "absence": SuiteFigure(
        draw_absence,
        "How often a symmetry is reported where there is none or nothing can be known",
        "no run has a direction that is no symmetry",
    ),
    "closure": SuiteFigure(
        draw_closure,
        "Closure defect of the null space of plain teachers and of the refined candidate",
        "no run holds the closure defect of a candidate of several generators; results of an "
        "earlier version do not",
    ),
    "unknown_output": SuiteFigure(
        draw_output,
        "Relative error of the output's action for each task, against the bound of 5 %",
        "no run left the output's action open; run experiment=ground_truth_output",
    ),
}
"""Name of each figure of a suite → how it is drawn."""


def write_figures(cells: Sequence[Cell], folder: Path) -> tuple[list[Path], list[str]]:
    """Draw every figure that these results have numbers for, as ``<name>.svg``.

    Runs that were told how the target transforms and runs that were not are not mixed: where there
    are both, the former are drawn, but for the figure that is about the latter.

    Args:
        cells: Results of :func:`semola_geo.ground_truth.suite.run_suite`.
        folder: Output folder.

    Returns:
        Files that were written, and one sentence per figure that could not be drawn.
    """
    done = [cell for cell in cells if "error" not in cell]
    paths, lacking = [], []
    for name, entry in FIGURES.items():
        path = folder / f"{name}.svg"
        if any(
            save_figure(entry.draw, rows, path, entry.description) for rows in (told(done), done)
        ):
            paths.append(path)
        else:
            lacking.append(f"no figure {name!r}: {entry.lacking}")
    return paths, lacking


def save_figure(
    draw: Callable[[Sequence[Cell]], Figure | None],
    rows: Sequence[Cell],
    path: Path,
    description: str,
) -> bool:
    """Draw a figure and write it as a file that is readable on light and dark pages.

    Args:
        draw: Rows → figure.
        rows: What to draw.
        path: File to write.
        description: What a screen reader says.

    Returns:
        Whether there was anything to draw.
    """
    with figure_style():
        figure = draw(rows)
        if figure is None:
            return False
        inline = inline_svg(figure, path.stem, description)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(standalone_svg(inline, paper=True))
    return True
