"""Equivariance error against the distance from the identity."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from semola_geo.reporting.figures.style import SMALL, WIDTH, bare_axes, new_figure
from semola_geo.reporting.reading import Report

__all__ = ["draw_equivariance"]

_LINES = (
    ("plain", "plain model", "#d55e00", "--"),
    ("enforced", "symmetry enforced", "#0072b2", "-"),
)


def draw_equivariance(report: Report) -> Figure | None:
    """Two lines: the model trained plainly, and the one with the symmetry enforced.

    Args:
        report: as read by ``read_report``; its ``equivariance_curve`` holds lists of one length.

    Returns:
        The figure, or None without a curve.
    """
    curve = report.data.get("equivariance_curve") or {}
    distance = curve.get("distance") or []
    lines = []
    for key, label, color, dash in _LINES:
        values = curve.get(key) or []
        points = [
            (float(x), float(y))
            for x, y in zip(distance, values, strict=False)
            if x is not None and y is not None
        ]
        if points:
            lines.append((label, color, dash, points))
    if not lines:
        return None
    figure = new_figure(232.0)
    axes = bare_axes(figure, 56.0, 14.0, WIDTH - 74.0, 172.0)
    for label, color, dash, points in lines:
        axes.plot(*zip(*points, strict=True), dash, color=color, linewidth=2.0, label=label)
    _set_scale(axes, [y for *_, points in lines for _, y in points])
    axes.set_xlim(left=0.0)
    axes.grid(axis="y", alpha=0.15, linewidth=0.7, color="#808080")
    axes.set_xlabel("distance from the identity", fontsize=SMALL)
    axes.set_ylabel("equivariance error", fontsize=SMALL)
    axes.legend(frameon=False, fontsize=SMALL, loc="best")
    return figure


def _set_scale(axes: Axes, values: Sequence[float]) -> None:
    positive = [value for value in values if value > 0]
    if len(positive) > 1 and max(positive) / min(positive) > 50.0:
        smallest = min(positive)
        axes.set_yscale("symlog", linthresh=smallest)
        ticks = [10.0**power for power in range(-9, 4)]
        shown = [tick for tick in ticks if smallest <= tick <= 1.2 * max(positive)]
        axes.set_yticks([0.0, *shown], [f"{tick:g}" for tick in (0.0, *shown)])
        axes.minorticks_off()
    axes.set_ylim(0.0, 1.12 * max([*values, 1e-12]))
