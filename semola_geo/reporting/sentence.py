"""The verdict in one plain English sentence, and how sure it is in a second one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from semola_geo.reporting.components import (
    TestedReflection,
    read_reflections,
    reflection_clause,
)
from semola_geo.reporting.exchange import (
    Exchange,
    exchange_clause,
    exchange_sentence,
    read_exchange,
)
from semola_geo.reporting.group_words import group_words
from semola_geo.reporting.output import output_sentence
from semola_geo.reporting.point_group import point_clause, read_point_group
from semola_geo.reporting.reading import Report, read_report
from semola_geo.reporting.reversal import read_reversals, reversal_clause, reversal_sentence

__all__ = ["confidence_sentence", "teacher_r2", "verdict_sentence"]

# Violations are written to a tenth of a per cent.
_FINEST = 0.001


def verdict_sentence(report: Mapping[str, Any] | Report) -> str:
    """One sentence that says what was established, and what was not.

    It counts a direction as a symmetry only when the verdict says so, and always mentions
    directions that are approximate, untested or undecided.

    Args:
        report: the mapping of ``report.json``. The optional keys ``target`` and ``objects``
            (e.g. ``"molecules"``) make the sentence concrete.

    Raises:
        TypeError, ValueError: as ``read_report``.

    >>> verdict_sentence({"ambient": "GL(1)", "name": "trivial", "dimension": 0, "target": "mass",
    ...                   "verdicts": [{"direction": [[1.0]], "verdict": "no symmetry"}]})
    'The mass in this data set has no continuous symmetry in GL(1): its one direction is ruled out.'
    """
    view = report if isinstance(report, Report) else read_report(report)
    exchange = read_exchange(view.data.get("permutations"))
    reversals = read_reversals(view.data.get("components"))
    if not (view.directions or view.dimension):
        motionless = _motionless(view, exchange, reversals)
        if motionless:
            return motionless
    # Both kinds of symmetries are told in one breath where there are both.
    joined = exchange if exchange is not None and exchange.order > 1 and _named(view) else None
    sentence = _continuous(view, joined)
    clauses = [
        reflection_clause(item, view.name) for item in read_reflections(view.data.get("components"))
    ]
    point = read_point_group(view.data.get("components"))
    if point is not None:
        clauses.append(point_clause(point))
    if reversals:
        clauses.append(reversal_clause(reversals))
    if exchange is not None and joined is None:
        clauses.append(exchange_clause(exchange))
    return "; ".join([sentence.removesuffix("."), *clauses]) + "." if clauses else sentence


def _motionless(
    view: Report, exchange: Exchange | None, reversals: Sequence[TestedReflection]
) -> str:
    """The sentence where no direction was tested; empty if nothing else was tested either."""
    if exchange is not None:
        sentence = exchange_sentence(exchange, _subject(view), view.factors[0])
        clause = reversal_clause(reversals)
        return f"{sentence.removesuffix('.')}; {clause}." if clause else sentence
    return reversal_sentence(reversals, _subject(view)) if reversals else ""


def _continuous(view: Report, exchange: Exchange | None) -> str:
    """The sentence about the connected group, and about exchanges that go with it."""
    rest = _clauses(view)
    if view.dimension > 0:
        return "; ".join([_positive(view, exchange), *rest]) + "."
    count = len(view.directions)
    ambient = view.factors[0]
    if count == 0:
        return f"No direction of {ambient} was tested, so nothing may be concluded."
    subject = _subject(view)
    ruled_out = len(view.having("none"))
    if ruled_out == count:
        every = "its one direction is" if count == 1 else f"all {count} directions are"
        return f"{_upper(subject)} has no continuous symmetry in {ambient}: {every} ruled out."
    opening = f"No symmetry of {subject} could be established in {ambient}"
    if len(view.having("untested")) == count:
        return (
            f"{opening}: the data never move along {_all_of(count)}, so nothing may be concluded."
        )
    if len(view.having("undecided")) == count:
        return f"{opening}: the trained models are too weak to decide on {_all_of(count)}."
    return f"{opening}: of {count} directions, " + _counts(view) + "."


def confidence_sentence(report: Mapping[str, Any] | Report) -> str:
    """How the target transforms, if that was found, and how sure the verdict is.

    The worst direction accepted, the best rejected, the teachers' R² and their help.

    >>> confidence_sentence({"ambient": "GL(2)", "name": "trivial", "dimension": 0,
    ...                      "verdicts": [], "teacher_r2": 0.41})
    'The teachers explain 41 % of the variance of data they have not seen.'
    """
    view = report if isinstance(report, Report) else read_report(report)
    target = str(view.data.get("target") or "target")
    transforms = output_sentence(view.data.get("output"), f"the {target}")
    sentences = [transforms] if transforms else []
    worst = [item.upper for item in view.having("symmetry") if item.upper is not None]
    best = [item.lower for item in view.having("none") if item.lower is not None]
    if worst:
        sentences.append(
            f"Each direction called a symmetry is violated by less than {_at_most(max(worst))} "
            "(upper end of its interval; 100 % is a generic direction)."
        )
    if best and min(best) > _FINEST:
        sentences.append(
            f"Each direction that is ruled out is violated by at least {_percent(min(best))}."
        )
    r2 = teacher_r2(view)
    if r2:
        low, high = min(r2), max(r2)
        if high <= 0.0:
            sentences.append(
                "The teachers explain none of the variance of data they have not seen."
            )
        else:
            span = _percent(high)
            if _percent(low) != span:
                span = f"{_percent(max(low, 0.0)).removesuffix(' %')}–{span}"
            sentences.append(
                f"The teachers explain {span} of the variance of data they have not seen."
            )
    helpers = view.data.get("helpers")
    if isinstance(helpers, list) and helpers:
        sentences.append(
            "Teachers of plain data explain too little; these were augmented, some along "
            f"{', others along '.join(map(str, helpers))}, and no direction was judged by "
            "teachers that had been moved along it."
        )
    return " ".join(sentences)


def teacher_r2(view: Report) -> list[float]:
    """The teachers' held-out R², as a list whatever form the report holds it in.

    >>> teacher_r2(read_report({"ambient": "GL(2)", "name": "", "dimension": 0, "verdicts": [],
    ...                         "teacher_r2": [0.9, None]}))
    [0.9]
    """
    value = view.data.get("teacher_r2")
    values = list(value.values()) if isinstance(value, dict) else value
    values = values if isinstance(values, list) else [values]
    return [float(item) for item in values if isinstance(item, int | float)]


def _named(view: Report) -> bool:
    return view.dimension > 0 and view.name.lower() not in {"", "unknown", "unnamed", "trivial"}


def _positive(view: Report, exchange: Exchange | None) -> str:
    words = group_words(view.name)
    subject = _upper(_subject(view))
    if words or _named(view):
        under = f"{words}, {view.name}" if words else view.name
        further = (
            ""
            if exchange is None
            else f", and under exchanges of nodes, {exchange.name}, order {exchange.order}"
        )
        return f"{subject} is symmetric under {under}, dimension {view.dimension}{further}"
    return (
        f"{subject} has a continuous symmetry of dimension {view.dimension} without a common name"
    )


def _clauses(view: Report) -> list[str]:
    further = "further " if view.dimension else ""
    clauses = []
    for key, one, many in (
        ("none", "is ruled out", "are ruled out"),
        ("approximate", "is an approximate symmetry", "are approximate symmetries"),
        ("untested", "is untested by this data", "are untested by this data"),
        ("undecided", "is undecided", "are undecided"),
    ):
        count = len(view.having(key))
        if count:
            noun = "direction" if count == 1 else "directions"
            clauses.append(f"{count} {further}{noun} {one if count == 1 else many}")
    return clauses


def _counts(view: Report) -> str:
    words = {
        "approximate": "approximately symmetric",
        "none": "ruled out",
        "untested": "untested by this data",
        "undecided": "undecided (the trained models are too weak)",
    }
    found = [(len(view.having(key)), text) for key, text in words.items()]
    parts = [f"{count} {'is' if count == 1 else 'are'} {text}" for count, text in found if count]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _subject(view: Report) -> str:
    target = view.data.get("target") or "target"
    if target.endswith("s") and not target.endswith("ss"):
        target = f"target {target}"  # Names such as "forces" would ask for a plural verb.
    objects = view.data.get("objects")
    return f"the {target} of these {objects}" if objects else f"the {target} in this data set"


def _all_of(count: int) -> str:
    return "its one direction" if count == 1 else f"any of its {count} directions"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _at_most(bound: float) -> str:
    """Write an upper bound; one that would round to zero, or is below it, as the finest step.

    >>> _at_most(0.004), _at_most(3e-6), _at_most(-2e-4)
    ('0.4 %', '0.1 %', '0.1 %')
    """
    return _percent(max(bound, _FINEST))


def _percent(value: float) -> str:
    digits = 0 if value >= 0.095 else 1
    return f"{100 * value:.{digits}f} %"
