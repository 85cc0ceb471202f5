"""The spectrum: how strongly the target violates each direction, with interval and noise."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from semola_geo.reporting.bounds import Bounds, read_bounds
from semola_geo.reporting.figures.style import INK, SMALL, WIDTH, bare_axes, new_figure
from semola_geo.reporting.reading import Direction, Report
from semola_geo.reporting.verdicts import VERDICTS, Verdict

__all__ = ["draw_spectrum"]

_DECADES = (0.001, 0.01, 0.1, 1.0, 10.0)
_ROW, _TOP, _LEFT = 21.0, 26.0, 100.0


def draw_spectrum(report: Report) -> Figure | None:
    """One row a direction: λ, its interval, the noise floor; lines at both bounds of verdicts.

    Args:
        report: as read by ``read_report``.

    Returns:
        The figure, or None when the report holds no direction.
    """
    rows, bounds = report.directions, read_bounds(report)
    if not rows:
        return None
    kinds = [verdict for verdict in VERDICTS if report.having(verdict.key)]
    legend = 17.0 * ((len(kinds) + 1) // 2)
    height = _ROW * len(rows)
    figure = new_figure(_TOP + height + 44.0 + legend)
    axes = bare_axes(figure, _LEFT, _TOP, WIDTH - _LEFT - 12.0, height)
    # Linear between ±ε: what lies below ε is not worth a decade of its own.
    axes.set_xscale("symlog", linthresh=bounds.symmetry, linscale=0.9)
    low, high = _limits(rows, bounds)
    axes.set_xlim(low, high)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    _draw_background(axes, low, bounds)
    for position, row in enumerate(rows):
        _draw_row(axes, position, row)
    axes.set_yticks(
        range(len(rows)), [f"{row.description.short}  {row.number}" for row in rows], fontsize=SMALL
    )
    axes.tick_params(axis="y", length=0)
    # Decades next to ε would stand in its way.
    sizes = [bounds.symmetry, *(size for size in _DECADES if size >= 2 * bounds.symmetry)]
    signed = sorted({0.0, *sizes, *(-size for size in sizes)})
    ticks = [tick for tick in signed if low <= tick <= high]
    axes.set_xticks(ticks, [f"{tick:g}".replace("-", "−") for tick in ticks])
    axes.minorticks_off()
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("relative violation λ  (0: exact symmetry, 1: generic)", fontsize=SMALL)
    handles = [
        axes.plot([], [], verdict.marker, label=verdict.label, **_mark(verdict))[0]
        for verdict in kinds
    ]
    figure.legend(
        handles=handles, loc="lower center", ncols=2, frameon=False, fontsize=SMALL,
        bbox_to_anchor=(0.5, 0.0), borderaxespad=0.1, columnspacing=1.2, handletextpad=0.3,
    )  # fmt: skip
    return figure


def _limits(rows: tuple[Direction, ...], bounds: Bounds) -> tuple[float, float]:
    values = [
        value
        for row in rows
        for value in (row.violation, row.lower, row.upper)
        if value is not None
    ]
    low = min([0.0, *values])
    high = max([bounds.symmetry, bounds.broken, *values])
    return min(-0.6 * bounds.symmetry, 1.6 * low), max(1.3, 1.6 * high)


def _draw_background(axes: Axes, low: float, bounds: Bounds) -> None:
    axes.axvspan(low, 0.0, color=INK, alpha=0.06, linewidth=0)
    axes.axvline(0.0, color=INK, linewidth=0.9, alpha=0.55)
    top = axes.get_xaxis_transform()
    # Labels of bounds that lie close together make room for each other.
    close = bounds.broken < 3 * bounds.symmetry
    for line, label, aside in (
        (bounds.symmetry, f"ε = {bounds.symmetry:g}", "right"),
        (bounds.broken, f"{bounds.broken:g}", "left"),
    ):
        axes.axvline(line, color=INK, linewidth=0.9, alpha=0.7, linestyle=(0, (4, 3)))
        place = aside if close else "center"
        axes.text(line, 1.0, label, transform=top, ha=place, va="bottom", fontsize=SMALL)
    axes.text(low, 1.0, "only noise", transform=top, ha="left", va="bottom", fontsize=SMALL - 0.5)


def _draw_row(axes: Axes, position: int, row: Direction) -> None:
    color = row.verdict.color
    if row.violation is None:
        axes.plot(0.0, position, row.verdict.marker, **_mark(row.verdict))
        axes.text(0.12, position, "not measured", fontsize=SMALL, va="center", alpha=0.75)
        return
    if row.noise is not None and row.noise > 0:
        axes.barh(position, row.noise, height=0.72, color=INK, alpha=0.13, linewidth=0)
    if row.lower is not None and row.upper is not None:
        axes.hlines(position, row.lower, row.upper, color=color, linewidth=2.4)
        ends, low, high = (row.lower, row.upper), position - 0.18, position + 0.18
        axes.vlines(ends, low, high, color=color, linewidth=1.4)
    axes.plot(row.violation, position, row.verdict.marker, **_mark(row.verdict))


def _mark(verdict: Verdict) -> dict[str, Any]:
    # Hollow where nothing may be concluded, so that such rows recede.
    style = "none" if verdict.key == "untested" else "full"
    return {"color": verdict.color, "markersize": 7.5, "fillstyle": style}
