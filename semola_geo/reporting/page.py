"""What the page shows, as plain values for the template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from semola_geo.reporting.bounds import read_bounds
from semola_geo.reporting.cautions import find_cautions
from semola_geo.reporting.components import is_reflection, read_reflections, reflection_name
from semola_geo.reporting.exchange import read_exchange
from semola_geo.reporting.extent import candidate_sentence, extent_words
from semola_geo.reporting.figures import FIGURE_NAMES, evidence_rows
from semola_geo.reporting.output import output_facts
from semola_geo.reporting.plain import in_words
from semola_geo.reporting.point_group import is_point_group, point_facts, read_point_group
from semola_geo.reporting.reading import Report
from semola_geo.reporting.reversal import (
    REVERSAL_EXPLAINED,
    is_reversal,
    read_reversals,
    reversal_clause,
    reversal_label,
)
from semola_geo.reporting.sentence import confidence_sentence, teacher_r2, verdict_sentence
from semola_geo.reporting.single_models import single_models_sentence
from semola_geo.reporting.structure import read_structure
from semola_geo.reporting.verdicts import VERDICTS

__all__ = ["page_values"]

# Said in a sentence.
_RANGES = ("extents", "extents_range_degrees")
_SCALE = (
    "λ is 0 for a symmetry, 1 for a generic target, and 2 where the target has the opposite sign."
)
_REFLECTIONS_EXPLAINED = (
    "Teachers predict before and after a reflection, averaged over what was found. λ is 0 for a "
    "symmetry, 1 for a generic target, and 2 where reflections change its sign."
)


def page_values(report: Report, figures: Mapping[str, str]) -> dict[str, Any]:
    """Collect every value of the template; only the figures are markup, all else is text.

    Args:
        report: as read by ``read_report``.
        figures: name to inline ``<svg>`` text.
    """
    data = report.data
    return {
        "report": report,
        "sentence": verdict_sentence(report),
        "confidence": confidence_sentence(report).replace(" %", "\u00a0%"),
        "cautions": find_cautions(report),
        "facts": _facts(report),
        "tally": [(item, len(report.having(item.key))) for item in VERDICTS],
        "verdicts": VERDICTS,
        "generators": _generators(report),
        "figures": {**dict.fromkeys(FIGURE_NAMES, ""), **figures},
        "evidence": evidence_rows(report),
        "bounds": read_bounds(report),
        "has_change": any(row.change for row in report.directions),
        "has_evidence_words": any(row.evidence for row in report.directions),
        "components": _entries(data.get("components")),
        "single_elements": _single_elements(data.get("components")),
        "point": read_point_group(data.get("components")),
        "point_facts": _point_facts(data.get("components")),
        "permutations": _permutations(data.get("permutations")),
        "exchange": read_exchange(data.get("permutations")),
        "candidate": _candidate(data.get("candidate")),
        "single_models": single_models_sentence(data.get("single_model")),
        "structure": read_structure(data.get("structure"), report.space),
        "candidate_reach": candidate_sentence(data.get("candidate")),
        "settings": [*_settings(data), ("seed", in_words(data.get("seed")) or "–")],
        "timing": _pairs(data.get("timing")),
        "versions": _pairs(data.get("versions")),
        "notes": [str(note) for note in data.get("notes") or []],
    }


def _facts(report: Report) -> list[tuple[str, str]]:
    data = report.data
    exchange = read_exchange(data.get("permutations"))
    reversals = read_reversals(data.get("components"))
    facts = []
    if exchange is not None and not report.directions:
        facts = [("Symmetry group", exchange.name), ("Order", f"{exchange.order:,}")]
    elif report.directions or not reversals:
        facts = [("Symmetry algebra", _name(report)), ("Dimension", _dimension(report))]
    for item in read_reflections(data.get("components")):
        facts.append(("Reflections", reflection_name(item, report.name)))
    if exchange is not None and report.directions:
        facts.append(("Exchanges of nodes", f"{exchange.name}, order {exchange.order:,}"))
    point = read_point_group(data.get("components"))
    if point is not None and point.name:
        facts.append(("Point group", f"{point.title}, order {point.order}"))
    if reversals:
        facts.append(("Time reversal", reversal_clause(reversals).removeprefix("time reversal ")))
    facts.append(("Searched in", report.ambient))
    if data.get("target"):
        facts.append(("Target", str(data["target"])))
    facts += output_facts(data.get("output"))
    r2 = teacher_r2(report)
    if r2:
        facts.append(("Teachers' held-out R²", ", ".join(f"{value:.3f}" for value in r2)))
    if isinstance(data.get("length_scale"), int | float):
        facts.append(("Length scale", f"{data['length_scale']:.4g} data units"))
    defect = data.get("closure_defect")
    if isinstance(defect, Mapping):
        before, after = (in_words(defect.get(key)) or "?" for key in ("before", "after"))
        facts.append(("Closure defect", f"{before} before, {after} after repair"))
    return facts


def _permutations(value: Any) -> list[tuple[str, str]]:
    exchange = read_exchange(value)
    if exchange is None:
        return _pairs(value)
    tested = [f"{count} {verdict.label}" for verdict, count in exchange.counts]
    rows = [("group", exchange.name), ("order", f"{exchange.order:,}"), *exchange.facts]
    return rows + ([("tested one by one", ", ".join(tested))] if tested else [])


def _point_facts(value: Any) -> list[tuple[str, str]]:
    point = read_point_group(value)
    return [] if point is None else point_facts(point)


def _single_elements(value: Any) -> list[dict[str, Any]]:
    """Tables of single elements: heading, explanation, and rows with their labels."""
    reflections, reversals = read_reflections(value), read_reversals(value)
    tables = []
    if reflections:
        tables.append(
            {
                "title": "Reflections",
                "lead": _REFLECTIONS_EXPLAINED,
                "rows": [(item.element, item) for item in reflections],
            }
        )
    if reversals:
        tables.append(
            {
                "title": "Time reversal",
                "lead": f"{REVERSAL_EXPLAINED} {_SCALE}",
                "rows": [(reversal_label(item), item) for item in reversals],
            }
        )
    return tables


def _name(report: Report) -> str:
    if report.dimension == 0:
        return "none established"
    return report.name or "without a name"


def _dimension(report: Report) -> str:
    count = len(report.directions)
    return f"{report.dimension}, of {count} directions" if count else str(report.dimension)


def _generators(report: Report) -> list[dict[str, Any]]:
    return [
        {
            "number": index + 1,
            "words": words,
            "extent": extent_words(report.data, index),
        }
        for index, words in enumerate(report.descriptions)
    ]


def _pairs(value: Any) -> list[tuple[str, str]]:
    """A mapping as rows of a two-column table; anything else as its one row."""
    if not value:
        return []
    if not isinstance(value, Mapping):
        return [("", in_words(value))]
    return [(str(key).replace("_", " "), in_words(item)) for key, item in value.items()]


def _candidate(candidate: Any) -> list[tuple[str, str]]:
    if isinstance(candidate, Mapping):
        candidate = {key: value for key, value in candidate.items() if key not in _RANGES}
    return _pairs(candidate)


def _settings(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    settings = data.get("settings")
    if isinstance(settings, Mapping) and isinstance(settings.get("support"), str):
        # Older reports name the method where the bound on the support belongs.
        names = {"support": "support_method"}
        settings = {names.get(key, key): value for key, value in settings.items()}
    return _pairs(settings)


def _entries(value: Any) -> list[str]:
    """Components of the group, one line each, but for those that have a table."""
    if isinstance(value, Mapping):
        return [f"{key}: {words}" for key, words in _pairs(value)]
    told = (is_reflection, is_reversal, is_point_group)
    rest = [item for item in value or [] if not any(kind(item) for kind in told)]
    return [in_words(item) for item in rest]
