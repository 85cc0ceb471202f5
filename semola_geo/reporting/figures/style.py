"""The one style of all figures, and colours that survive both light and dark pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

__all__ = ["ACCENT", "FONT", "INK", "SMALL", "WIDTH", "bare_axes", "figure_style", "new_figure"]

# Ink becomes `currentColor` in the SVG, so that lines and words follow the page they stand on.
INK = "#010203"
ACCENT = "#0072b2"
# One unit is one CSS pixel at natural size. Figures are drawn narrow, to be read on a telephone
# without scrolling, and are put side by side on wide screens.
WIDTH, FONT, SMALL = 400.0, 11.0, 10.0

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "semola_geo",
    "path.simplify": True,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": FONT,
    "axes.unicode_minus": True,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "axes.linewidth": 0.8,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
}
_SESSION = ("backend", "backend_fallback", "interactive", "toolbar", "timezone")


@contextmanager
def figure_style() -> Iterator[None]:
    """Draw and save under this style whatever the caller's matplotlib settings are."""
    # The stubs type every key as a literal of its own; a plain dict is what rc_context reads.
    defaults: dict[Any, Any] = {
        key: value
        for key, value in matplotlib.rcParamsDefault.items()
        if key not in _SESSION and not key.startswith("webagg")
    }
    with matplotlib.rc_context(defaults | _STYLE):
        yield


def new_figure(height: float, width: float = WIDTH) -> Figure:
    """An empty transparent figure, sizes in pixels at natural size."""
    figure = Figure(figsize=(width / 72.0, height / 72.0), dpi=72.0)
    figure.patch.set_alpha(0.0)
    return figure


def bare_axes(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Axes at a place given in pixels from the top left corner, without right and top spines."""
    total_width, total_height = (72.0 * size for size in figure.get_size_inches())
    axes = figure.add_axes(
        (
            left / total_width,
            1.0 - (top + height) / total_height,
            width / total_width,
            height / total_height,
        )
    )
    axes.patch.set_alpha(0.0)
    axes.spines[["top", "right"]].set_visible(False)
    return axes
