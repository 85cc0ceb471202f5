"""The generators as matrices: small multiples of signed heat-maps."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from semola_geo.reporting.figures.style import INK, SMALL, WIDTH, bare_axes, new_figure
from semola_geo.reporting.reading import Report
from semola_geo.reporting.space import Space

__all__ = ["draw_heatmap"]

_POSITIVE, _NEGATIVE = "#0072b2", "#d55e00"


def draw_heatmap(report: Report) -> Figure | None:
    """One square a generator; blue is positive, orange negative, strength is opacity.

    Each matrix is scaled to a largest entry of 1; translations are in units of the length scale.

    Args:
        report: as read by ``read_report``.

    Returns:
        The figure, or None without generators.
    """
    count = len(report.generators)
    if count == 0:
        return None
    columns = min(3, count)
    rows = math.ceil(count / columns)
    gap, margin = 30.0, 30.0
    side = min(124.0, (WIDTH - margin - gap * columns) / columns)
    tall = side * len(report.space.axes) / (len(report.space.axes) + int(report.space.affine))
    figure = new_figure(rows * (tall + 50.0) + 4.0)
    left = margin + (WIDTH - margin - columns * (side + gap) + gap) / 2 - gap / 2
    for index, matrix in enumerate(report.generators):
        row, column = divmod(index, columns)
        axes = bare_axes(
            figure, left + column * (side + gap), row * (tall + 50.0) + 38.0, side, tall
        )
        _draw_matrix(axes, _shown(matrix, report.space), report.space)
        title = f"{index + 1}  {report.descriptions[index].short}"
        axes.set_title(title, fontsize=SMALL + 0.5, pad=17.0)
    return figure


def _shown(matrix: NDArray[np.float64], space: Space) -> NDArray[np.float64]:
    linear, shift = space.split(matrix)
    shown = np.hstack([linear, shift[:, None]]) if space.affine else linear
    largest = float(np.abs(shown).max())
    return shown / largest if largest else shown


def _draw_matrix(axes: Axes, matrix: NDArray[np.float64], space: Space) -> None:
    height, width = matrix.shape
    for row in range(height):
        for column in range(width):
            value = float(matrix[row, column])
            color = _POSITIVE if value > 0 else _NEGATIVE if value < 0 else INK
            alpha = max(0.05, min(1.0, 0.75 * abs(value)))
            corner = (column + 0.03, row + 0.03)
            axes.add_patch(Rectangle(corner, 0.94, 0.94, facecolor=color, alpha=alpha, linewidth=0))
            if abs(value) >= 0.005:
                text = f"{value:.2f}".removesuffix(".00").replace("-", "−")
                axes.text(
                    column + 0.5, row + 0.5, text, ha="center", va="center", fontsize=SMALL - 0.5
                )
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    axes.set_aspect("equal")
    labels = [*space.axes, *(["shift"] if space.affine else [])]
    axes.set_xticks([0.5 + index for index in range(width)], labels, fontsize=SMALL - 1)
    axes.set_yticks(
        [0.5 + index for index in range(height)],
        [f"d{axis}" for axis in space.axes],
        fontsize=SMALL - 1,
    )
    axes.tick_params(length=0, pad=2, labeltop=True, labelbottom=False)
    axes.spines[["left", "bottom"]].set_visible(False)
