"""The table of a comparison: plain text for the terminal, Markdown for a README."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from semola_geo.comparison.found import found_by_seeds, found_text
from semola_geo.comparison.score import score_of
from semola_geo.comparison.statistics import Spread, summarize

__all__ = ["align", "comparison_rows", "markdown", "text_table"]

_NOT_MEASURED = "–"


def comparison_rows(cells: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Return the table of a comparison as rows of text, the first one being the header.

    Args:
        cells: Results of single cells; failed ones carry ``"error"`` and are counted out.
    """
    unit = next((str(cell["unit"]) for cell in cells if cell.get("unit")), "")
    angle = next((str(cell["reference"]) for cell in cells if cell.get("reference")), "")
    score = score_of(cells)
    heading = score.heading(unit)
    moved = next((str(cell["moved"]) for cell in cells if cell.get("moved")), "rotated")
    header = ["method", f"test {heading}", f"{moved} {heading}", "equiv. error", "symmetry found"]
    header += [f"angle to {angle} [°]" if angle else "angle [°]", "discovery [s]", "training [s]"]
    header += ["CPU [s]", "graphs/s", "parameters", "memory [MB]"]
    rows = [header]
    for method, measured in summarize([cell for cell in cells if "error" not in cell]).items():
        rows.append(
            [
                method,
                _number(measured[score.test], score.digits),
                _number(measured[score.moved], score.digits),
                _number(measured["equivariance_error"], 4),
                _symmetry([cell for cell in cells if cell["method"] == method]),
                _number(measured["largest_angle"], 2),
                _number(measured["discovery_seconds"], 0),
                _number(measured["training_seconds"], 0),
                _number(measured["cpu_seconds"], 0),
                _number(measured["throughput"], 0, spread=False),
                _number(measured["parameters"], 0, spread=False),
                _number(measured["peak_memory_mb"], 0, spread=False),
            ]
        )
    return rows


def align(rows: Sequence[Sequence[str]]) -> str:
    """Lay rows out in columns: the first flush left, the others flush right.

    >>> print(align([["method", "error"], ["none", "0.1"]]))
    method  error
    ------  -----
    none      0.1
    """
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [_line(row, widths) for row in rows]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def text_table(cells: Sequence[Mapping[str, Any]], width: int = 160) -> str:
    """Return the comparison for a terminal; turned on its side where it would not fit.

    Args:
        cells: Results of single cells.
        width: Columns of the terminal.
    """
    rows = comparison_rows(cells)
    upright = align(rows)
    if max(map(len, upright.splitlines())) <= width:
        return upright
    return align([list(column) for column in zip(*rows, strict=True)])


def markdown(cells: Sequence[Mapping[str, Any]]) -> str:
    """Return the comparison as a Markdown table, with mean ± standard deviation over seeds."""
    header, *body = comparison_rows(cells)
    rule = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (header, rule, *body)) + "\n"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(row, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(text.rjust(size) for text, size in others)])


def _number(value: Spread | None, digits: int, *, spread: bool = True) -> str:
    if value is None:
        return _NOT_MEASURED
    text = f"{value.mean:,.{digits}f}"
    return f"{text} ± {value.deviation:,.{digits}f}" if spread and value.count > 1 else text


def _symmetry(cells: Sequence[Mapping[str, Any]]) -> str:
    """Say which group the seeds of a method found, if it looks for one."""
    found = [found_text(cell) for cell in cells if cell.get("algebra_name") is not None]
    return found_by_seeds(found) if found else _NOT_MEASURED
