"""What figures of a suite share: one row per task, one dot per run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median_high
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.transforms import Transform

from semola_geo.reporting.figures.style import INK, SMALL, bare_axes

__all__ = [
    "BLUE",
    "GREY",
    "OUTCOMES",
    "RED",
    "ROW",
    "Cell",
    "Key",
    "bound",
    "boxes",
    "by_task",
    "dots",
    "key",
    "left_open",
    "row_axes",
    "told",
]

Cell = Mapping[str, Any]
Key = tuple[str, str, bool]
"""Words, colour, and whether the dot is filled."""

# Colours of the verdicts in reports: readable on white and on near-black.
BLUE, RED, GREY = "#0072b2", "#d55e00", "#808080"

OUTCOMES: tuple[Key, ...] = (
    ("right", BLUE, True),
    ("undecided", GREY, True),
    ("wrong", RED, False),
)
"""How runs end, and their dots; see :func:`semola_geo.ground_truth.score.outcome`."""

ROW = 17.0
"""Height of a row in pixels."""

_MANY = 6


def by_task(cells: Iterable[Cell]) -> dict[str, list[Cell]]:
    """Return the finished cells of each task, larger groups below.

    >>> by_task([{"task": "t1", "true_dimension": 1}, {"task": "t2", "error": "killed"}])
    {'t1': [{'task': 't1', 'true_dimension': 1}]}
    """
    grouped: dict[str, list[Cell]] = {}
    for cell in cells:
        if "error" not in cell:
            grouped.setdefault(cell["task"], []).append(cell)
    return dict(sorted(grouped.items(), key=lambda entry: entry[1][0]["true_dimension"]))


def left_open(cell: Cell) -> bool:
    """Whether a run was not told how the target transforms."""
    return bool(cell["discovery"].get("output") == "unknown")


def told(cells: Iterable[Cell]) -> list[Cell]:
    """Return the runs that were told how the target transforms, the usual ones.

    >>> told([{"discovery": {"output": "unknown"}}, {"discovery": {}}])
    [{'discovery': {}}]
    """
    return [cell for cell in cells if not left_open(cell)]


def row_axes(
    figure: Figure, left: float, top: float, width: float, names: Sequence[str], labels: bool = True
) -> Axes:
    """Axes with one row per name from top to bottom.

    Args:
        figure: Where to.
        left: Of the axes, in pixels; names stand left of it.
        top: Of the axes, in pixels.
        width: Of the axes, in pixels.
        names: Of the rows.
        labels: Whether names are written.
    """
    axes = bare_axes(figure, left, top, width, ROW * len(names))
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_yticks(range(len(names)), list(names) if labels else [""] * len(names), fontsize=SMALL)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    bands = [(0.0, position, 1.0, 1.0) for position in range(0, len(names), 2)]
    boxes(axes, bands, INK, alpha=0.05, transform=axes.get_yaxis_transform())
    return axes


def boxes(
    axes: Axes,
    places: Sequence[tuple[float, float, float, float]],
    color: str,
    alpha: float = 1.0,
    transform: Transform | None = None,
) -> None:
    """Draw boxes (left, row, width, height) of one colour, as a single path: files stay small."""
    corners = [
        (
            (left, row - height / 2),
            (left + width, row - height / 2),
            (left + width, row + height / 2),
            (left, row + height / 2),
            (left, row - height / 2),
        )
        for left, row, width, height in places
        if width > 0
    ]
    if not corners:
        return
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY] * len(corners)
    path = Path([point for box in corners for point in box], codes)
    patch = PathPatch(path, facecolor=color, alpha=alpha, linewidth=0)
    if transform is not None:
        patch.set_transform(transform)
    axes.add_artist(patch)


def dots(
    axes: Axes, position: float, values: Sequence[float], color: str, filled: bool = True
) -> None:
    """Draw one dot per run, one above the other; of many runs their range, and their median."""
    if not values:
        return
    if len(values) > _MANY:
        ends = [min(values), max(values)]
        axes.plot(ends, [position, position], "-", color=color, linewidth=2.0, alpha=0.6)
        values = [median_high(values)]
    # All dots of a row within three fifths of it, however many.
    step = min(0.14, 0.6 / max(len(values) - 1, 1))
    shift = position - step * (len(values) - 1) / 2
    axes.plot(
        sorted(values),
        [shift + step * number for number in range(len(values))],
        "o",
        color=color,
        markersize=4.5,
        fillstyle="full" if filled else "none",
    )


def bound(axes: Axes, value: float, label: str) -> None:
    """Draw a dashed line at a bound, and say above it what it is."""
    axes.axvline(value, color=INK, linewidth=0.9, alpha=0.7, linestyle=(0, (4, 3)))
    top = axes.get_xaxis_transform()
    axes.text(value, 1.0, label, transform=top, ha="center", va="bottom", fontsize=SMALL)


def key(figure: Figure, entries: Sequence[Key]) -> None:
    """Say at the bottom of a figure what its dots are."""
    handles = [
        figure.axes[0].plot(
            [], [], "o", color=color, markersize=4.5, fillstyle="full" if filled else "none",
            label=words,
        )[0]
        for words, color, filled in entries
    ]  # fmt: skip
    figure.legend(
        handles=handles, loc="lower center", ncols=len(entries), frameon=False, fontsize=SMALL,
        bbox_to_anchor=(0.5, 0.0), borderaxespad=0.1, columnspacing=1.4, handletextpad=0.2,
    )  # fmt: skip
