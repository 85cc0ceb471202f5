"""Single elements in a report, most of them reflections: what is beside the connected group."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from semola_geo.reporting.verdicts import Verdict, parse_verdict

__all__ = [
    "TestedReflection",
    "is_reflection",
    "read_component",
    "read_reflections",
    "reflection_clause",
    "reflection_name",
]


@dataclass(frozen=True)
class TestedReflection:
    """A coset of reflections, or time reversal, with its evidence, as the renderers see it.

    ``verdict`` is ``None`` where no reflection was looked for; ``whole`` says whether the tested
    element stands for all reflections.
    """

    element: str
    whole: bool
    verdict: Verdict | None
    violation: float | None
    lower: float | None
    upper: float | None
    noise: float | None
    support: float | None
    group: str
    note: str


def read_reflections(value: Any) -> list[TestedReflection]:
    """Read the entry ``components`` of ``report.json``; other entries are passed over.

    Raises:
        ValueError: If a verdict is none of the five.

    >>> read_reflections([{"kind": "reflections", "verdict": "symmetry", "group": "E(3)"}])[0].group
    'E(3)'
    """
    items = value if isinstance(value, list) else []
    return [read_component(item) for item in items if is_reflection(item)]


def is_reflection(item: Any) -> bool:
    """Whether an entry of ``components`` is about reflections."""
    return isinstance(item, Mapping) and item.get("kind") == "reflections"


def reflection_clause(reflection: TestedReflection, name: str) -> str:
    """What is known about a reflection, as a clause that follows the name of the algebra.

    >>> none = read_reflections([{"kind": "reflections", "whole": True, "element": "inversion",
    ...                           "verdict": "no symmetry", "group": "SE(3)"}])[0]
    >>> reflection_clause(none, "se(3)")
    'reflections are ruled out: SE(3)'
    """
    subject, plural = _subject(reflection)
    is_, remain = ("are", "hold") if plural else ("is", "holds")
    if reflection.verdict is None:
        return "reflections were not looked for"
    words = {
        "symmetry": f"{subject} {is_} part of it",
        "approximate": f"{subject} {remain} only approximately",
        "none": f"{subject} {is_} ruled out",
        "untested": f"{subject} {is_} untested by this data",
        "undecided": f"{subject} {is_} undecided",
    }[reflection.verdict.key]
    if not reflection.group:
        return words
    if reflection.verdict.key == "symmetry" and reflection.whole:
        return f"{name} with reflections: {reflection.group}"
    return f"{words}: {reflection.group}"


def reflection_name(reflection: TestedReflection, name: str) -> str:
    """The name of the group with what is known about its components, for a table of facts.

    >>> both = read_reflections([{"kind": "reflections", "whole": True, "element": "mirror",
    ...                           "verdict": "symmetry", "group": "E(3)"}])[0]
    >>> reflection_name(both, "se(3)")
    'E(3): se(3) with reflections'
    """
    clause = reflection_clause(reflection, name)
    if not reflection.group:
        return f"{name}: {clause}" if name else clause
    return f"{reflection.group}: {clause.removesuffix(': ' + reflection.group)}"


def _subject(reflection: TestedReflection) -> tuple[str, bool]:
    if reflection.whole or reflection.verdict is None:
        return "reflections", True
    alone = " alone" if reflection.note else ""
    return f"the {reflection.element}{alone}", False


def read_component(item: Mapping[str, Any]) -> TestedReflection:
    """Read one entry of ``components``.

    Raises:
        ValueError: If the verdict is none of the five.

    >>> read_component({"element": "mirror", "violation": 0.5, "verdict": None}).violation
    0.5
    """
    lower, upper = (*(item.get("interval") or ()), None, None)[:2]
    verdict = item.get("verdict")
    return TestedReflection(
        element=str(item.get("element") or "reflection"),
        whole=bool(item.get("whole")),
        verdict=None if verdict is None else parse_verdict(verdict),
        violation=_number(item.get("violation")),
        lower=_number(lower),
        upper=_number(upper),
        noise=_number(item.get("noise")),
        support=_number(item.get("support")),
        group=str(item.get("group") or ""),
        note=str(item.get("note") or ""),
    )


def _number(value: Any) -> float | None:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if usable else None
