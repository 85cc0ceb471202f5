"""Writing a report to a folder: JSON, page and figures."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from semola_geo.reporting.figures import FIGURE_NAMES, draw_figures, standalone_svg
from semola_geo.reporting.html import render_html
from semola_geo.reporting.plain import to_plain
from semola_geo.reporting.reading import read_report

__all__ = ["report_json", "save_report"]


def report_json(report: Mapping[str, Any]) -> str:
    """The text of ``report.json``: sorted keys, NaN as null, one line for a row of numbers.

    >>> print(report_json({"b": float("nan"), "a": [1.5, 2]}), end="")
    {
      "a": [1.5, 2],
      "b": null
    }
    """
    text = json.dumps(to_plain(report), sort_keys=True, indent=2, ensure_ascii=False)
    # Strings hold no raw line feed in JSON, so this only ever joins lists of numbers.
    return re.sub(r"\[\n[\s\d.,eE+\-nul]*?\]", _one_line, text) + "\n"


def save_report(report: Mapping[str, Any], directory: str | PathLike[str]) -> list[Path]:
    """Write ``report.json``, ``report.html`` and ``figures/*.svg``; the same bytes every time.

    Args:
        report: the mapping of ``report.json``.
        directory: created when missing; files of the same name are replaced, and figures left
            there by an earlier report are removed.

    Returns:
        The files written, JSON first.

    Raises:
        TypeError, ValueError: as ``read_report``, before anything is written.
    """
    view = read_report(report)
    folder = Path(directory)
    contents = {folder / "report.json": report_json(view.data)}
    drawn = draw_figures(view)
    contents[folder / "report.html"] = render_html(view, figures=drawn)
    for name, svg in drawn.items():
        contents[folder / "figures" / f"{name}.svg"] = standalone_svg(svg)
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    for name in (*FIGURE_NAMES, "generator_*"):
        for stale in (folder / "figures").glob(f"{name}.svg"):
            stale.unlink()
    for path, text in contents.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    return list(contents)


def _one_line(match: re.Match[str]) -> str:
    return re.sub(r"\s*\n\s*", " ", match.group()).replace("[ ", "[").replace(" ]", "]")
