"""A report for a reader: sentence, text, figures and page from the mapping of ``report.json``.

Nothing here looks at models or data, so a saved report can be rendered again at any time:

    >>> from semola_geo.reporting import example_report, verdict_sentence
    >>> verdict_sentence(example_report())[:60]
    'The dipole of these molecules is symmetric under rotations a'
"""

from __future__ import annotations

from semola_geo.reporting.describe import Description, describe_generator
from semola_geo.reporting.example import example_report
from semola_geo.reporting.html import render_html
from semola_geo.reporting.save import report_json, save_report
from semola_geo.reporting.sentence import confidence_sentence, verdict_sentence
from semola_geo.reporting.space import Space, space_of
from semola_geo.reporting.text import render_text

__all__ = [
    "Description",
    "Space",
    "confidence_sentence",
    "describe_generator",
    "example_report",
    "render_html",
    "render_text",
    "report_json",
    "save_report",
    "space_of",
    "verdict_sentence",
]
