"""The report as one self-contained page."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from semola_geo.reporting.figures import draw_figures
from semola_geo.reporting.page import page_values
from semola_geo.reporting.reading import Report, read_report

__all__ = ["render_html"]


def render_html(
    report: Mapping[str, Any] | Report, *, figures: Mapping[str, str] | None = None
) -> str:
    """Render the page: no scripts, no external resources, light and dark, 400 to 1400 pixels.

    Args:
        report: the mapping of ``report.json``.
        figures: what ``draw_figures`` returned for it, when that was done already.

    Returns:
        HTML; the same text for the same report.

    Raises:
        TypeError, ValueError: as ``read_report``.

    >>> page = render_html({"ambient": "GL(2)", "name": "", "dimension": 0, "verdicts": []})
    >>> page.startswith("<!doctype html>")
    True
    """
    view = report if isinstance(report, Report) else read_report(report)
    values = page_values(view, draw_figures(view) if figures is None else figures)
    return _environment().get_template("report.html.j2").render(values) + "\n"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("semola_geo.reporting", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = _number
    environment.filters["share"] = lambda value: "–" if value is None else f"{value:.2f}"
    environment.globals["css"] = _stylesheet(environment)
    return environment


def _stylesheet(environment: Environment) -> Markup:
    loader = environment.loader
    assert loader is not None  # set above
    return Markup(loader.get_source(environment, "report.css")[0])


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    if value != 0 and abs(value) < 0.00005:
        return f"{value:.0e}".replace("-", "−")
    return f"{value:.{4 if abs(value) < 0.1 else 2}f}".replace("-", "−")
