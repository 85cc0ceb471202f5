"""Finite point groups in a report: the group, its elements, and what came closest."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from semola_geo.reporting.verdicts import Verdict, parse_verdict

__all__ = [
    "PointSymmetry",
    "TestedOperation",
    "is_point_group",
    "point_clause",
    "point_facts",
    "read_point_group",
]


@dataclass(frozen=True)
class TestedOperation:
    """Operations of one kind with the evidence of the worst of them, as the renderers see it."""

    symbol: str
    description: str
    role: str
    verdict: Verdict
    violation: float | None
    lower: float | None
    upper: float | None
    noise: float | None
    support: float | None


@dataclass(frozen=True)
class PointSymmetry:
    """A finite group of rotations and reflections.

    Attributes:
        name: Schoenflies name; empty where nothing passed.
        symbol: Hermann-Mauguin symbol; empty for groups that are not crystallographic.
        order: Number of elements that are symmetries, the identity among them.
        verdict: What is known about the group as a whole.
        complete: Whether no larger group is left open.
        operations: How many elements there are of each kind, in words.
        generators: Its generators in words.
        rows: Its elements, kind by kind, then those that came closest without passing.
        silent: Share of O(3) that leaves the data.
        searched: Number of elements that were looked at.
    """

    name: str
    symbol: str
    order: int
    verdict: Verdict
    complete: bool
    operations: str
    generators: list[str]
    rows: list[TestedOperation]
    silent: float | None
    searched: int

    @property
    def title(self) -> str:
        """Both names, such as ``"T_d (-43m)"``, with a caution where more may hold."""
        both = f"{self.name} ({self.symbol})" if self.symbol else self.name
        return both if self.complete or not both else f"at least {both}"


def read_point_group(value: Any) -> PointSymmetry | None:
    """Read the entry ``components`` of ``report.json``; ``None`` where it holds no point group.

    Raises:
        ValueError: If a verdict is none of the five.

    >>> entry = {"kind": "point group", "group": "C_s", "hermann_mauguin": "m", "order": 2,
    ...          "verdict": "symmetry"}
    >>> read_point_group([entry]).title
    'C_s (m)'
    """
    items = value if isinstance(value, list) else []
    entry = next((item for item in items if is_point_group(item)), None)
    if entry is None:
        return None
    counts = sorted((entry.get("operations") or {}).items(), key=_usual_order)
    members = [_row(item, "element") for item in entry.get("elements") or []]
    others = [_row(item, "closest other") for item in entry.get("nearest_others") or []]
    order, complete = int(entry.get("order") or 1), bool(entry.get("complete", True))
    # An open group has a part that passed.
    name = str(entry.get("group") or (entry.get("name") if order > 1 else "") or "")
    return PointSymmetry(
        name=name,
        symbol=str(entry.get("hermann_mauguin") or "") if name else "",
        order=order,
        verdict=parse_verdict(entry.get("verdict", "")),
        complete=complete,
        operations=" + ".join(f"{count} {kind}" for kind, count in counts),
        generators=[str(words) for words in entry.get("descriptions") or []],
        rows=[*_worst_of_each_kind(members), *others],
        silent=_number(entry.get("silent")),
        searched=int(entry.get("searched") or 0),
    )


def is_point_group(item: Any) -> bool:
    """Whether an entry of ``components`` is about a finite point group."""
    return isinstance(item, Mapping) and item.get("kind") == "point group"


def point_clause(group: PointSymmetry) -> str:
    """What is known about finite symmetries, as a clause.

    >>> closest = {"verdict": "no symmetry", "violation": 0.4}
    >>> none = {"kind": "point group", "verdict": "no symmetry", "nearest_others": [closest]}
    >>> point_clause(read_point_group([none]))
    'no rotation or reflection about the origin is a symmetry: the closest is violated by 40 %'
    """
    if group.verdict.key == "symmetry":
        many = f"{group.order} rotations and reflections about the origin are symmetries"
        if group.complete:
            return f"{many}: the point group {group.title}"
        return f"{many}, the point group {group.name}; a larger group is left open"
    if group.verdict.key == "none":
        lowest = min((r.violation for r in group.rows if r.violation is not None), default=None)
        closest = "" if lowest is None else f": the closest is violated by {100 * lowest:.0f} %"
        return f"no rotation or reflection about the origin is a symmetry{closest}"
    words = {
        "approximate": "hold only approximately, the closest ones included",
        "untested": "are untested by this data",
        "undecided": "are undecided",
    }[group.verdict.key]
    return f"finite symmetries {words}"


def point_facts(group: PointSymmetry) -> list[tuple[str, str]]:
    """Facts about the group, as pairs of words."""
    facts = [("point group", group.title or point_clause(group))]
    if group.order > 1:
        facts += [("order", str(group.order)), ("elements", group.operations)]
        facts.append(("generators", "; ".join(group.generators)))
    if group.searched:
        facts.append(("searched", f"{group.searched:,} elements of O(3), refined from the lowest"))
    if group.silent:
        facts.append(("untested", f"{100 * group.silent:.0f} % of O(3) leave the data"))
    return facts


def _worst_of_each_kind(rows: list[TestedOperation]) -> list[TestedOperation]:
    """Of the elements of one kind, that with the highest upper bound."""
    kinds: dict[str, list[TestedOperation]] = {}
    for row in rows:
        kinds.setdefault(row.symbol, []).append(row)
    worst = []
    for members in kinds.values():
        row = max(members, key=lambda r: -math.inf if r.upper is None else r.upper)
        role = "element" if len(members) == 1 else f"worst of {len(members)}"
        worst.append(replace(row, role=role))
    return worst


def _usual_order(item: tuple[str, Any]) -> tuple[int, str]:
    """Identity, rotations, rotoreflections, inversion, mirrors."""
    symbol = item[0]
    return "ECSiσ".find(symbol[:1]), symbol


def _row(item: Mapping[str, Any], role: str) -> TestedOperation:
    lower, upper = (*(item.get("interval") or ()), None, None)[:2]
    return TestedOperation(
        symbol=str(item.get("symbol") or ""),
        description=str(item.get("description") or ""),
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
