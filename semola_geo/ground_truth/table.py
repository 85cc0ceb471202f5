"""The table of a suite: one row per task, one column per size and level of noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from semola_geo.comparison.store import write_json
from semola_geo.comparison.table import align
from semola_geo.ground_truth.figures import write_figures
from semola_geo.ground_truth.statistics import summarize

__all__ = ["markdown", "suite_rows", "summary_lines", "text", "write_suite"]

Cell = Mapping[str, Any]
_OUTCOMES = ("right", "undecided", "wrong")
_NOTHING = "–"

LEGEND = (
    "Columns of sizes and noise: runs right / undecided / wrong. LieGG, LieSD: runs with the right "
    "dimension on the same teachers, most data, no noise; angles there are medians."
)


def suite_rows(cells: Sequence[Cell]) -> list[list[str]]:
    """Return the table as rows of text, the first one being the header.

    Args:
        cells: Results of :func:`semola_geo.ground_truth.suite.run_suite`.
    """
    done = [cell for cell in cells if "error" not in cell]
    columns = sorted({(cell["noise"], cell["size"]) for cell in done})
    header = ["task", "true algebra", "dim"]
    header += [f"N={size}" + (f", noise {noise:g}" if noise else "") for noise, size in columns]
    header += ["angle [°]", "seconds", "LieGG", "angle", "LieSD", "angle"]
    rows = [header]
    for name in dict.fromkeys(cell["task"] for cell in done):
        own = [cell for cell in done if cell["task"] == name]
        best = _easiest(own)
        row = [name, own[0]["true_name"], str(own[0]["true_dimension"])]
        row += [_outcomes(own, noise, size) for noise, size in columns]
        row += [_median([cell["angle"] for cell in best], 2)]
        row += [_median([cell["seconds"] for cell in best], 0)]
        for method in ("liegg", "liesd"):
            row += _single(best, method)
        rows.append(row)
    return rows


def text(cells: Sequence[Cell]) -> str:
    """Return the table and the pooled numbers for a terminal."""
    return "\n".join([align(suite_rows(cells)), "", LEGEND, "", *summary_lines(cells)])


def markdown(cells: Sequence[Cell]) -> str:
    """Return the table and the pooled numbers as Markdown."""
    header, *body = suite_rows(cells)
    rule = ["---", "---", *["---:"] * (len(header) - 2)]
    lines = ["| " + " | ".join(row) + " |" for row in (header, rule, *body)]
    return "\n".join([*lines, "", LEGEND, "", *(f"- {line}" for line in summary_lines(cells)), ""])


def summary_lines(cells: Sequence[Cell]) -> list[str]:
    """Return one sentence per pooled number, and per mistake or failure."""
    lines = []
    for name, value in summarize(cells).items():
        known = value["text"] if isinstance(value, dict) else value
        if isinstance(known, float):
            known = f"{known:.3f}"
        lines.append(f"{name}: {'not measured' if known is None else known}")
    for cell in cells:
        place = f"{cell['task']}, N={cell['size']}, noise {cell['noise']:g}, seed {cell['seed']}"
        if "error" in cell:
            lines.append(f"FAILED {place}: {cell['error']}")
        elif cell["outcome"] == "wrong":
            lines.append(f"wrong: {place}: {_mistakes(cell)}")
    return lines


def write_suite(cells: Sequence[Cell], folder: Path, settings: Mapping[str, Any]) -> list[Path]:
    """Write ``ground_truth.json``, ``ground_truth.md``, ``ground_truth.txt`` and figures.

    Args:
        cells: Results of all cells.
        folder: Output folder.
        settings: What the suite was run with.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"ground_truth.{suffix}" for suffix in ("json", "md", "txt")]
    content = {"settings": dict(settings), "summary": summarize(cells), "cells": list(cells)}
    write_json(paths[0], content)
    paths[1].write_text(markdown(cells))
    paths[2].write_text(text(cells) + "\n")
    figures, lacking = write_figures(cells, folder)
    for line in lacking:
        print(line)
    return [*paths, *figures]


def _easiest(cells: Sequence[Cell]) -> list[Cell]:
    noise = min(cell["noise"] for cell in cells)
    size = max(cell["size"] for cell in cells)
    return [cell for cell in cells if cell["noise"] == noise and cell["size"] == size]


def _outcomes(cells: Sequence[Cell], noise: float, size: int) -> str:
    here = [c["outcome"] for c in cells if c["noise"] == noise and c["size"] == size]
    return " / ".join(str(here.count(name)) for name in _OUTCOMES) if here else _NOTHING


def _single(cells: Sequence[Cell], method: str) -> list[str]:
    found = [c["single_model"][method] for c in cells if method in c["single_model"]]
    if not found:
        return [_NOTHING, _NOTHING]
    right = sum(f["dimension"] == cells[0]["true_dimension"] for f in found)
    return [f"{right} of {len(found)}", _median([f["angle"] for f in found], 1)]


def _median(values: Sequence[float | None], digits: int) -> str:
    known = [value for value in values if value is not None]
    return f"{median(known):.{digits}f}" if known else _NOTHING


def _mistakes(cell: Cell) -> str:
    named = [entry["mistake"] for entry in cell["directions"] if entry["mistake"]]
    if cell["reflections"] and cell["reflections"]["mistake"]:
        named.append(cell["reflections"]["mistake"])
    counts = [f"{named.count(name)} × {name}" for name in dict.fromkeys(named)]
    found = f"dimension {cell['dimension']} of {cell['true_dimension']}"
    return ", ".join([found, *counts])
