"""Permutations of nodes in a report: the group, and the permutations that were tested."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from semola_geo.reporting.plain import in_words
from semola_geo.reporting.verdicts import Verdict, parse_verdict

__all__ = [
    "Exchange",
    "TestedPermutation",
    "exchange_clause",
    "exchange_sentence",
    "read_exchange",
]

_SILENT = {
    "none": "ruled out",
    "approximate": "approximately symmetric",
    "untested": "untested by this data",
    "undecided": "undecided (the trained models are too weak)",
}

_RELATION = {
    "equal": "the same group was found",
    "subgroup": "a subgroup of index {index} was found",
    "contains": "a larger group was found",
    "neither": "another group was found",
}


@dataclass(frozen=True)
class TestedPermutation:
    """One permutation with its evidence, as the renderers see it."""

    cycles: str
    role: str
    verdict: Verdict
    violation: float | None
    lower: float | None
    upper: float | None
    noise: float | None
    support: float | None


@dataclass(frozen=True)
class Exchange:
    """A group of permutations of nodes.

    Attributes:
        name: Its structure.
        order: Number of elements.
        facts: What else is known about it, as pairs of words.
        rows: Its generators, then those that came closest without passing.
        counts: Verdict → number of permutations that were tested one by one.
    """

    name: str
    order: int
    facts: list[tuple[str, str]]
    rows: list[TestedPermutation]
    counts: list[tuple[Verdict, int]]


def read_exchange(value: Any) -> Exchange | None:
    """Read the entry ``permutations`` of ``report.json``; ``None`` where it holds no group.

    Raises:
        ValueError: If a verdict is none of the five.

    >>> read_exchange({"order": 16, "name": "D8", "orbits": [[0, 1, 2], [3]]}).facts
    [('orbits', '{0 1 2} {3}')]
    """
    if not isinstance(value, Mapping) or not isinstance(value.get("order"), int):
        return None
    orbits = value.get("orbits") or []
    facts = [("orbits", " ".join("{" + " ".join(map(str, orbit)) + "}" for orbit in orbits))]
    cycles = value.get("cycles") or []
    if cycles:
        facts.append(("generators", ", ".join(map(str, cycles))))
    facts += _compared(value.get("known"), int(value["order"]))
    rows = [_row(item, "generator") for item in value.get("verdicts") or []]
    rows += [_row(item, "closest other") for item in value.get("nearest_others") or []]
    tested = value.get("tested") or {}
    return Exchange(
        name=str(value.get("name") or "a permutation group"),
        order=int(value["order"]),
        facts=facts,
        rows=rows,
        counts=[(parse_verdict(text), int(count)) for text, count in tested.items()],
    )


def exchange_sentence(exchange: Exchange, subject: str, ambient: str) -> str:
    """One sentence about the group, and about what was not established.

    >>> group = read_exchange({"order": 1, "name": "trivial", "tested": {"no symmetry": 28}})
    >>> exchange_sentence(group, "the energy", "S(8)")
    'No exchange of nodes in S(8) that the energy allows was found: 28 of 28 tested are ruled out.'
    """
    if exchange.order > 1:
        upper = subject[:1].upper() + subject[1:]
        return (
            f"{upper} is symmetric under {exchange.name}, a permutation group of order "
            f"{exchange.order}."
        )
    opening = f"No exchange of nodes in {ambient} that {subject} allows was found"
    return f"{opening}{_counted(exchange)}."


def exchange_clause(exchange: Exchange) -> str:
    """What is known about the group, as a clause that follows what is known about motions.

    >>> exchange_clause(read_exchange({"order": 12, "name": "S2 x S3"}))
    'exchanges of nodes are symmetries: S2 x S3, order 12'
    >>> none = read_exchange({"order": 1, "name": "trivial", "tested": {"no symmetry": 10}})
    >>> exchange_clause(none)
    'no exchange of nodes was found to be a symmetry: 10 of 10 tested are ruled out'
    """
    if exchange.order > 1:
        return f"exchanges of nodes are symmetries: {exchange.name}, order {exchange.order}"
    return f"no exchange of nodes was found to be a symmetry{_counted(exchange)}"


def _counted(exchange: Exchange) -> str:
    """How many permutations were not accepted, and why."""
    total = sum(count for _, count in exchange.counts)
    parts = [
        f"{count} of {total} tested {'is' if count == 1 else 'are'} {_SILENT[verdict.key]}"
        for verdict, count in exchange.counts
        if verdict.key in _SILENT
    ]
    return f": {', '.join(parts)}" if parts else ""


def _compared(known: Any, order: int) -> list[tuple[str, str]]:
    """How the group lies to a known one; empty where none was given."""
    if not isinstance(known, Mapping):
        return []
    words = f"{known.get('name')}, order {known.get('order')}: {_RELATION[known['relation']]}"
    if known["relation"] == "subgroup":
        words = words.format(index=int(known["order"]) // order)
    missing = [
        f"{cycles} {_SILENT[parse_verdict(text).key]}"
        for cycles, text in (known.get("missing") or {}).items()
        if parse_verdict(text).key in _SILENT
    ]
    return [("known", words + (f"; of it, {', '.join(missing)}" if missing else ""))]


def _row(item: Mapping[str, Any], role: str) -> TestedPermutation:
    lower, upper = (*(item.get("interval") or ()), None, None)[:2]
    return TestedPermutation(
        cycles=in_words(item.get("cycles")),
        role=role,
        verdict=parse_verdict(item.get("verdict", "")),
        violation=_number(item.get("violation")),
        lower=_number(lower),
        upper=_number(upper),
        noise=_number(item.get("noise")),
        support=_number(item.get("support")),
    )


def _number(value: Any) -> float | None:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if usable else None
