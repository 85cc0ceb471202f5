"""Small, deterministic SVG text that can stand in a page or in a file of its own."""

from __future__ import annotations

import re
from html import escape
from io import StringIO

from matplotlib.figure import Figure

from semola_geo.reporting.figures.style import INK

__all__ = ["inline_svg", "standalone_svg"]

_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
_RULES = "svg *{stroke-linejoin:round;stroke-linecap:butt}"
_THEME = "svg{color:#1b2430}@media(prefers-color-scheme:dark){svg{color:#e4e8ee}}"
# Where a figure stands in a page whose scheme is not the viewer's, it brings its own paper.
_PAPER = ".paper{fill:#fff}@media(prefers-color-scheme:dark){.paper{fill:#14181f}}"


def inline_svg(figure: Figure, name: str, description: str) -> str:
    """The figure as an ``<svg>`` element for HTML.

    Args:
        figure: drawn and to be saved under ``figure_style()``.
        name: prefix of all ids, so that several figures can share a page.
        description: what a screen reader says.

    Returns:
        An element without namespaces, dates or scripts; ink is ``currentColor``; coordinates
        are rounded to 0.01 pixel.
    """
    buffer = StringIO()
    figure.savefig(buffer, format="svg", metadata=_METADATA, transparent=True)
    text = buffer.getvalue()
    body = text[text.index("<svg") :].strip()
    body = body[body.index(">") + 1 : body.rindex("</svg>")]
    body = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", body, flags=re.S)
    body = re.sub(r"<defs>\s*</defs>", "", body)
    body = body.replace("xlink:href", "href").replace(INK, "currentColor")
    body = re.sub(
        r"(font(?:-family)?:[^;\"]*?)'DejaVu Sans'[^;\"]*", r"\1system-ui, sans-serif", body
    )
    body = _prefix_ids(body, name)
    body = re.sub(r'<g>\s*<path [^>]*style="fill: none; opacity: 0"/>\s*</g>', "", body)
    body = re.sub(r'( d| x| y|transform)="([^"]*)"', _round_attribute, body)
    body = re.sub(r"\n\s*", "\n", body).strip()
    width, height = (72.0 * size for size in figure.get_size_inches())
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" role="img" '
        f'aria-label="{escape(description, quote=True)}">\n{body}\n</svg>'
    )


def standalone_svg(inline: str, paper: bool = False) -> str:
    """The same figure as the text of an ``.svg`` file that follows the viewer's colour scheme.

    Args:
        inline: what ``inline_svg`` returned.
        paper: whether it has a background of its own, rather than none.

    >>> standalone_svg('<svg viewBox="0 0 4 3" role="img" aria-label="a"></svg>').count("<style>")
    1
    """
    end = inline.index(">")
    box = re.search(r'viewBox="0 0 (\S+) (\S+)"', inline)
    size = f' width="{box.group(1)}" height="{box.group(2)}"' if box else ""
    head = inline[4:end]
    rules = _RULES + _THEME + (_PAPER if paper else "")
    sheet = '\n<rect class="paper" width="100%" height="100%"/>' if paper else ""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg"{size}{head}>\n'
        f"<style>{rules}</style>{sheet}{inline[end + 1 :]}\n"
    )


def _prefix_ids(body: str, name: str) -> str:
    used = set(re.findall(r"url\(#([^)]+)\)", body)) | set(re.findall(r'href="#([^"]+)"', body))

    def rename(match: re.Match[str]) -> str:
        return f' id="{name}-{match.group(1)}"' if match.group(1) in used else ""

    body = re.sub(r' id="([^"]+)"', rename, body)
    return re.sub(r'(url\(#|href="#)', rf"\g<1>{name}-", body)


def _round_attribute(match: re.Match[str]) -> str:
    def shorten(number: re.Match[str]) -> str:
        return f"{round(float(number.group()), 2) + 0.0:g}"

    digits = r"-?\d+\.\d+(?:e-?\d+)?"
    return f'{match.group(1)}="{re.sub(digits, shorten, match.group(2))}"'
