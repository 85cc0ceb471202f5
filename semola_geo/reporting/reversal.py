"""Time reversal in a report: alone, and together with reflections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from semola_geo.reporting.components import TestedReflection, read_component

__all__ = [
    "REVERSAL_EXPLAINED",
    "is_reversal",
    "read_reversals",
    "reversal_clause",
    "reversal_label",
    "reversal_sentence",
]

REVERSAL_EXPLAINED = (
    "Teachers predict before and after all inputs that are odd under time reversal (velocities, "
    "momenta) change their sign. A symmetry means that the target follows from the reversed state "
    "as from the original one, with its own sign changed if it is odd, too. Whether motions can be "
    "run backwards is another question, which is not asked here."
)


def read_reversals(value: Any) -> list[TestedReflection]:
    """Read the entry ``components`` of ``report.json``; other entries are passed over.

    Raises:
        ValueError: If a verdict is none of the five.

    >>> read_reversals([{"kind": "time reversal", "element": "time reversal",
    ...                  "verdict": "no symmetry"}])[0].verdict.key
    'none'
    """
    items = value if isinstance(value, list) else []
    return [read_component(item) for item in items if is_reversal(item)]


def is_reversal(item: Any) -> bool:
    """Whether an entry of ``components`` is about time reversal."""
    return isinstance(item, Mapping) and item.get("kind") == "time reversal"


def reversal_clause(reversals: Sequence[TestedReflection]) -> str:
    """What is known about time reversal, as a clause; with a reflection only where it is sure.

    >>> both = read_reversals([
    ...     {"kind": "time reversal", "element": "time reversal", "verdict": "no symmetry"},
    ...     {"kind": "time reversal", "element": "time reversal with mirror",
    ...      "verdict": "symmetry"}])
    >>> reversal_clause(both)
    'time reversal is ruled out; time reversal with mirror is a symmetry'
    """
    words = {
        "symmetry": "is a symmetry",
        "approximate": "holds only approximately",
        "none": "is ruled out",
        "untested": "is untested by this data",
        "undecided": "is undecided",
    }
    return "; ".join(
        f"{item.element} {words[item.verdict.key]}"
        for index, item in enumerate(reversals)
        if item.verdict is not None and (index == 0 or item.verdict.key == "symmetry")
    )


def reversal_label(reversal: TestedReflection) -> str:
    """What goes along with time reversal, for a table under that heading.

    >>> reversal_label(read_component({"element": "time reversal with mirror"}))
    'with mirror'
    """
    return reversal.element.removeprefix("time reversal").strip() or "alone"


def reversal_sentence(reversals: Sequence[TestedReflection], subject: str) -> str:
    """What is known where nothing but time reversal was looked for.

    >>> found = read_reversals([{"kind": "time reversal", "verdict": "symmetry"}])
    >>> reversal_sentence(found, "the force in this data set")
    'The force in this data set is symmetric under time reversal.'
    """
    verdict = reversals[0].verdict
    whether = f"Whether {subject} is symmetric under time reversal"
    upper = subject[:1].upper() + subject[1:]
    sentences = {
        "symmetry": f"{upper} is symmetric under time reversal.",
        "approximate": f"{upper} is only approximately symmetric under time reversal.",
        "none": f"{upper} is not symmetric under time reversal: that is ruled out.",
        "untested": f"{whether} is untested by this data.",
        "undecided": f"{whether} is undecided: the trained models are too weak.",
    }
    return sentences["undecided" if verdict is None else verdict.key]
