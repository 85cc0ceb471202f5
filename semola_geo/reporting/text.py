"""The report as plain text, for ``print(report)``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import Any

from semola_geo.reporting.cautions import find_cautions
from semola_geo.reporting.components import TestedReflection, read_reflections
from semola_geo.reporting.exchange import Exchange, TestedPermutation, read_exchange
from semola_geo.reporting.extent import candidate_sentence, extent_words
from semola_geo.reporting.figures import evidence_rows
from semola_geo.reporting.point_group import (
    PointSymmetry,
    TestedOperation,
    point_facts,
    read_point_group,
)
from semola_geo.reporting.reading import Direction, Report, read_report
from semola_geo.reporting.reference import reference_sentence
from semola_geo.reporting.reversal import REVERSAL_EXPLAINED, read_reversals, reversal_label
from semola_geo.reporting.sentence import confidence_sentence, verdict_sentence
from semola_geo.reporting.single_models import single_models_sentence
from semola_geo.reporting.structure import Structure, read_structure

__all__ = ["render_text"]

_WIDTH = 100
_SHORT = {"none": "no symmetry"}
_MEASURED = ("verdict", "violation", "interval", "noise", "off data")


def render_text(report: Mapping[str, Any] | Report) -> str:
    """Verdict, generators, one row a direction, and predictive evidence, at most 100 wide.

    Args:
        report: the mapping of ``report.json``.

    Raises:
        TypeError, ValueError: as ``read_report``.

    >>> print(render_text({"ambient": "GL(1)", "name": "", "dimension": 0, "verdicts": []}))
    No direction of GL(1) was tested, so nothing may be concluded.
    """
    view = report if isinstance(report, Report) else read_report(report)
    blocks = [fill(verdict_sentence(view), _WIDTH)]
    if confidence_sentence(view):
        blocks.append(fill(confidence_sentence(view), _WIDTH))
    blocks += [fill(f"CAUTION: {caution}", _WIDTH) for caution in find_cautions(view)]
    if view.descriptions:
        blocks.append(_listed("Generators", _generators(view), indent=6))
    structure = read_structure(view.data.get("structure"), view.space)
    if structure is not None and structure.facts:
        blocks.append(_structure(structure))
    if view.directions:
        blocks.append(_directions(view))
    reflections = read_reflections(view.data.get("components"))
    if reflections:
        rows = [(item.element, item) for item in reflections]
        blocks.append(_elements("reflection", rows))
    reversals = read_reversals(view.data.get("components"))
    if reversals:
        rows = [(reversal_label(item), item) for item in reversals]
        blocks.append(_elements("time reversal", rows))
        blocks.append(fill(REVERSAL_EXPLAINED, _WIDTH))
    point = read_point_group(view.data.get("components"))
    if point is not None:
        blocks += _point_group(point)
    exchange = read_exchange(view.data.get("permutations"))
    if exchange is not None:
        blocks += _exchange(exchange)
    if evidence_rows(view):
        blocks.append(_evidence(view))
    if candidate_sentence(view.data.get("candidate")):
        blocks.append(fill(candidate_sentence(view.data["candidate"]), _WIDTH))
    estimates = single_models_sentence(view.data.get("single_model"))
    if estimates:
        blocks.append(fill(estimates, _WIDTH))
    compared = reference_sentence(view.data.get("reference"), view.dimension)
    if compared:
        blocks.append(fill(compared, _WIDTH))
    return "\n\n".join(blocks)


def _generators(view: Report) -> list[str]:
    lines = []
    for index, words in enumerate(view.descriptions):
        reach = extent_words(view.data, index)
        text = f"{words.text} ({reach})" if reach else words.text
        lines.append(f"  {index + 1:>2}  {text}")
    return lines


def _directions(view: Report) -> str:
    rows: list[tuple[str, ...]] = [("#", "direction", *_MEASURED)]
    for row in view.directions:
        rows.append((str(row.number), _shorten(row.description.text, 32), *_measured(row)))
    told = [f"  {row.number}: {row.evidence}" for row in view.directions if row.evidence]
    return _listed(_table(rows, right={0, 3, 4, 5, 6}), told, indent=4)


def _structure(structure: Structure) -> str:
    lines = [f"  {label}: {words}" for label, words in structure.facts]
    return _listed("Structure", lines, indent=4)


def _elements(title: str, elements: Sequence[tuple[str, TestedReflection]]) -> str:
    rows: list[tuple[str, ...]] = [(title, *_MEASURED)]
    rows += [(label, *_measured(row)) for label, row in elements]
    notes = [f"  {row.note}" for _, row in elements if row.note]
    return "\n".join([_table(rows, right={2, 3, 4, 5}), *notes])


def _exchange(exchange: Exchange) -> list[str]:
    facts = [("group", f"{exchange.name}, order {exchange.order}"), *exchange.facts]
    blocks = [_facts("Permutations of nodes", facts)]
    rows: list[tuple[str, ...]] = [("permutation", "role", *_MEASURED)]
    for row in exchange.rows:
        rows.append((_shorten(row.cycles, 32), row.role, *_measured(row)))
    return [*blocks, _table(rows, right={3, 4, 5, 6})] if exchange.rows else blocks


def _point_group(point: PointSymmetry) -> list[str]:
    blocks = [_facts("Finite symmetries about the origin", point_facts(point))]
    rows: list[tuple[str, ...]] = [("operation", "role", *_MEASURED)]
    for row in point.rows:
        rows.append((_shorten(row.description, 44), row.role, *_measured(row)))
    return [*blocks, _table(rows, right={3, 4, 5, 6})] if point.rows else blocks


def _facts(title: str, facts: Sequence[tuple[str, str]]) -> str:
    return _listed(title, [f"  {name:<12}{words}" for name, words in facts], indent=14)


def _listed(title: str, lines: Sequence[str], indent: int) -> str:
    """A title and lines that go on below themselves, indented."""
    filled = (fill(line, _WIDTH, subsequent_indent=" " * indent) for line in lines)
    return "\n".join([title, *filled])


def _measured(
    row: Direction | TestedPermutation | TestedReflection | TestedOperation,
) -> tuple[str, ...]:
    interval = "–"
    if row.lower is not None and row.upper is not None:
        interval = f"[{row.lower:+.4f}, {row.upper:+.4f}]"
    key = "not looked for" if row.verdict is None else row.verdict.key
    return (
        _SHORT.get(key, key),
        _number(row.violation, "+.4f"),
        interval,
        _number(row.noise, ".4f"),
        _number(row.support, ".2f"),
    )


def _evidence(view: Report) -> str:
    rows = [("candidate", "dimension", "plain", "enforced", "lost", "at most", "reading")]
    rows += [
        (
            _shorten(row.algebra, 24),
            "–" if row.dimension is None else str(row.dimension),
            _number(row.plain, ".4g"),
            _number(row.enforced, ".4g"),
            _number(row.loss, "+.1%"),
            _number(row.upper, "+.1%"),
            row.reading,
        )
        for row in evidence_rows(view)
    ]
    return _table(rows, right={1, 2, 3, 4, 5})


def _table(rows: Sequence[Sequence[str]], right: set[int]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            text.rjust(width) if column in right else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "  ".join("─" * width for width in widths))
    return "\n".join(lines)


def _shorten(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)
