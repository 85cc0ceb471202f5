"""Loss balancing: what moving each weight of the objective does to angle and error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from semola_geo.reporting.figures.style import INK, SMALL, bare_axes, new_figure

__all__ = ["draw_weights"]

_WIDTH, _LEFT, _TOP, _PANEL, _HEIGHT, _GAP = 620.0, 62.0, 26.0, 262.0, 128.0, 26.0
_LEGEND = 40.0
_DIGITS = (1, 1.5, 2, 2.5, 3, 4, 5, 7)
_TICKS = [digit * 10.0**power for power in range(-3, 2) for digit in _DIGITS]
_LOSSES = (("default", "one default of this library"), ("paper", "five-term loss of the paper"))
_MEASURES = (
    ("angle", "angle to se(3) [°]"),
    ("moved_test_error", "error on turned test data"),
)
# Colour-blind safe (Okabe and Ito), and a marker each.
_STYLES = (
    ("#0072b2", "o"),
    ("#d55e00", "s"),
    ("#009e73", "^"),
    ("#cc79a7", "D"),
)


_MOST_TICKS = 8


def draw_weights(rows: Sequence[Mapping[str, Any]]) -> Figure | None:
    """Two columns, ours and the paper's loss; one line per weight, one faint dot per run.

    Args:
        rows: What :func:`semola_geo.ground_truth.balance.sweep` returns.

    Returns:
        The figure, or ``None`` without rows.
    """
    if not rows:
        return None
    bottom = _TOP + 2 * _HEIGHT + _GAP
    figure = new_figure(bottom + 40.0 + _LEGEND, _WIDTH)
    for column, (loss, title) in enumerate(_LOSSES):
        own = [row for row in rows if row["loss"] == loss]
        for line, (measure, label) in enumerate(_MEASURES):
            left = _LEFT + column * (_PANEL + _GAP)
            axes = bare_axes(figure, left, _TOP + line * (_HEIGHT + _GAP), _PANEL, _HEIGHT)
            _draw_panel(axes, own, measure)
            # The same scale for both losses.
            values = [row[measure] for row in rows]
            low, high = min(values) / 1.15, max(values) * 1.15
            axes.set_ylim(low, high)
            ticks = [tick for tick in _TICKS if low <= tick <= high]
            ticks = ticks[:: 1 + len(ticks) // _MOST_TICKS]
            axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
            axes.minorticks_off()
            if column == 0:
                axes.set_ylabel(label, fontsize=SMALL)
            else:
                axes.tick_params(axis="y", labelleft=False)
            if line == 0:
                axes.set_title(title, fontsize=SMALL + 1)
                axes.tick_params(axis="x", labelbottom=False)
            else:
                axes.set_xlabel("weight, in multiples of the default", fontsize=SMALL)
                if axes.get_legend_handles_labels()[0]:
                    _legend(axes)
    return figure


def _draw_panel(axes: Axes, rows: Sequence[Mapping[str, Any]], measure: str) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    base = [row[measure] for row in rows if row["weight"] == "default"]
    if base:
        axes.axhline(fmean(base), color=INK, linewidth=0.9, alpha=0.7, linestyle=(0, (4, 3)))
    names = [name for name in dict.fromkeys(row["weight"] for row in rows) if name != "default"]
    for name, (color, marker) in zip(sorted(names), _STYLES, strict=False):
        found: dict[float, list[float]] = {}
        for row in rows:
            if row["weight"] == name:
                found.setdefault(row["factor"], []).append(row[measure])
        # Multiples of a weight that is 0 by default do not pass through the default.
        if 1.0 not in found and base:
            found[1.0] = base
        points = sorted(found.items())
        axes.plot(
            [factor for factor, _ in points],
            [fmean(values) for _, values in points],
            marker,
            linestyle="-",
            linewidth=1.4,
            markersize=4.5,
            color=color,
            label=name,
        )
        for factor, values in points:
            axes.plot([factor] * len(values), values, marker, color=color, alpha=0.35, markersize=3)
    axes.set_xticks([0.1, 0.316, 1.0, 3.16, 10.0], ["1/10", "", "1", "", "10"])


def _legend(axes: Axes) -> None:
    axes.legend(
        loc="upper center", ncols=2, frameon=False, fontsize=SMALL, borderaxespad=0.0,
        bbox_to_anchor=(0.5, -0.3), columnspacing=1.2, handletextpad=0.4,
    )  # fmt: skip
