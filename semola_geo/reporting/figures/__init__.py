"""Figures of a report: each drawn from the plain mapping, none through global state."""

from __future__ import annotations

from collections.abc import Callable

from matplotlib.figure import Figure

from semola_geo.reporting.figures.equivariance import draw_equivariance
from semola_geo.reporting.figures.evidence import EvidenceRow, draw_evidence, evidence_rows
from semola_geo.reporting.figures.heatmap import draw_heatmap
from semola_geo.reporting.figures.motion import draw_motion
from semola_geo.reporting.figures.spectrum import draw_spectrum
from semola_geo.reporting.figures.style import figure_style
from semola_geo.reporting.figures.support import draw_support
from semola_geo.reporting.figures.svg import inline_svg, standalone_svg
from semola_geo.reporting.reading import Report

__all__ = ["FIGURE_NAMES", "EvidenceRow", "draw_figures", "evidence_rows", "standalone_svg"]

_FIGURES: dict[str, tuple[Callable[[Report], Figure | None], str]] = {
    "spectrum": (draw_spectrum, "Relative violation of each direction with interval and noise"),
    "support": (draw_support, "Share of each direction's motion that leaves the data"),
    "generators": (draw_heatmap, "Generators as matrices"),
    "evidence": (draw_evidence, "What is lost on held-out data with each candidate enforced"),
    "equivariance": (draw_equivariance, "Equivariance error against distance from the identity"),
}


FIGURE_NAMES = tuple(_FIGURES)


def draw_figures(report: Report) -> dict[str, str]:
    """Draw every figure the report has data for.

    Args:
        report: as read by ``read_report``.

    Returns:
        Name to inline ``<svg>`` text: ``spectrum``, ``support``, ``generators``, ``evidence``,
        ``equivariance``, and ``generator_1`` … one for each generator.
    """
    drawn: dict[str, str] = {}
    with figure_style():
        for name, (draw, description) in _FIGURES.items():
            figure = draw(report)
            if figure is not None:
                drawn[name] = inline_svg(figure, name, description)
        for index, words in enumerate(report.descriptions):
            name = f"generator_{index + 1}"
            drawn[name] = inline_svg(
                draw_motion(report, index), name, f"Motion of generator {index + 1}: {words.text}"
            )
    return drawn
