"""Support: along which directions the data move at all."""

from __future__ import annotations

from matplotlib.figure import Figure

from semola_geo.reporting.figures.style import INK, SMALL, WIDTH, bare_axes, new_figure
from semola_geo.reporting.reading import Report

__all__ = ["draw_support"]

_ROW, _TOP, _LEFT = 21.0, 26.0, 100.0


def draw_support(report: Report) -> Figure | None:
    """One bar a direction: the share of the motion that leaves the data.

    Near 0 the data move this way; near 1 they never do, and the direction is untested.

    Args:
        report: as read by ``read_report``.

    Returns:
        The figure, or None when no direction has a support.
    """
    rows = report.directions
    if all(row.support is None for row in rows):
        return None
    height = _ROW * len(rows)
    figure = new_figure(_TOP + height + 44.0)
    axes = bare_axes(figure, _LEFT, _TOP, WIDTH - _LEFT - 34.0, height)
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    for position, row in enumerate(rows):
        axes.barh(position, 1.0, height=0.6, color=INK, alpha=0.06, linewidth=0)
        if row.support is None:
            axes.text(0.02, position, "unknown", fontsize=SMALL, va="center")
            continue
        share = min(max(row.support, 0.0), 1.0)
        axes.barh(position, max(share, 0.006), height=0.6, color=row.verdict.color, linewidth=0)
        axes.text(1.02, position, f"{row.support:.2f}", fontsize=SMALL, va="center")
    axes.set_yticks(
        range(len(rows)), [f"{row.description.short}  {row.number}" for row in rows], fontsize=SMALL
    )
    axes.set_xticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0", "", "0.5", "", "1"])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    top = axes.get_xaxis_transform()
    axes.text(0.0, 1.0, "← the data move this way", transform=top, va="bottom", fontsize=SMALL)
    axes.text(1.0, 1.0, "never →", transform=top, va="bottom", ha="right", fontsize=SMALL)
    axes.set_xlabel("share of the motion that leaves the data", fontsize=SMALL)
    return figure
