"""Hard groups: how far the directions are from the true ones, and how runs end."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from semola_geo.ground_truth.figures.rows import (
    OUTCOMES,
    ROW,
    Cell,
    bound,
    boxes,
    by_task,
    dots,
    key,
    row_axes,
)
from semola_geo.reporting.figures.style import INK, SMALL, new_figure

__all__ = ["draw_hard"]

_LEFT, _TOP, _ANGLES, _SHARES, _GAP = 180.0, 40.0, 190.0, 58.0, 14.0
_ALLOWED = 1.0
_LEAST, _LARGEST = 0.01, 90.0


def draw_hard(cells: Sequence[Cell]) -> Figure | None:
    """One row per task with a symmetry: angles to the truth, and shares of outcomes.

    Dots are runs on the most data, without label noise if there are such, and all wrong runs; lines
    reach over all others. There is no angle where the dimension is not right. Shares are right,
    undecided and wrong, from left to right.

    Args:
        cells: Results of the suite.

    Returns:
        The figure, or ``None`` where no cell is of a task with a symmetry.
    """
    tasks = by_task(cell for cell in cells if cell.get("true_dimension"))
    if not tasks:
        return None
    columns = sorted({(cell["noise"], cell["size"]) for own in tasks.values() for cell in own})
    width = _LEFT + _ANGLES + (_SHARES + _GAP) * len(columns) + 20.0
    figure = new_figure(_TOP + ROW * len(tasks) + 62.0, width)
    names = [f"{name}  ({own[0]['true_dimension']})" for name, own in tasks.items()]
    axes = row_axes(figure, _LEFT, _TOP, _ANGLES, names)
    _draw_angles(axes, list(tasks.values()))
    for number, (noise, size) in enumerate(columns):
        place = _LEFT + _ANGLES + _GAP + (_SHARES + _GAP) * number
        shares = row_axes(figure, place, _TOP, _SHARES, names, labels=False)
        head = f"N = {size}" + (f"\nnoise {noise:g}" if noise else "")
        shares.set_title(head, fontsize=SMALL, pad=4.0)
        if number == (len(columns) - 1) // 2:
            shares.set_xlabel("share of runs", fontsize=SMALL)
        _draw_shares(
            shares,
            [
                [cell for cell in own if (cell["noise"], cell["size"]) == (noise, size)]
                for own in tasks.values()
            ],
        )
    key(figure, OUTCOMES)
    return figure


def _draw_angles(axes: Axes, tasks: Sequence[Sequence[Cell]]) -> None:
    axes.set_xscale("log")
    axes.set_xlim(_LEAST * 0.7, _LARGEST * 1.3)
    bound(axes, _ALLOWED, "1°")
    for position, own in enumerate(tasks):
        known = [cell for cell in own if cell["angle"] is not None]
        if known:
            ends = [_inside(pick(cell["angle"] for cell in known)) for pick in (min, max)]
            axes.plot(ends, [position, position], "-", color=INK, alpha=0.45, linewidth=1.2)
        easiest = min((cell["noise"], -cell["size"]) for cell in own)
        for outcome, color, filled in OUTCOMES:
            angles = [
                _inside(cell["angle"])
                for cell in known
                if cell["outcome"] == outcome
                and (outcome == "wrong" or (cell["noise"], -cell["size"]) == easiest)
            ]
            dots(axes, position, angles, color, filled)
    axes.set_xticks([0.01, 0.1, 1.0, 10.0, 90.0], ["≤ 0.01", "0.1", "1", "10", "90"])
    axes.minorticks_off()
    axes.set_xlabel("largest principal angle [°]", fontsize=SMALL)


def _draw_shares(axes: Axes, tasks: Sequence[Sequence[Cell]]) -> None:
    axes.set_xlim(0.0, 1.0)
    ends = [0.0] * len(tasks)
    for outcome, color, _ in OUTCOMES:
        places = []
        for position, own in enumerate(tasks):
            share = sum(cell["outcome"] == outcome for cell in own) / max(len(own), 1)
            places.append((ends[position], float(position), share, 0.62))
            ends[position] += share
        boxes(axes, places, color)
    axes.set_xticks([0.0, 1.0], ["0", "1"])


def _inside(angle: float) -> float:
    return min(max(angle, _LEAST), _LARGEST)
