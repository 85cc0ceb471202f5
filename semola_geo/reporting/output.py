"""How the target transforms, in words: a report with an unknown output representation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

__all__ = ["output_caution", "output_facts", "output_sentence"]

_DISAGREES = 0.15


def output_sentence(output: Any, subject: str = "the target") -> str:
    """One sentence about the representation that was found; empty where there is none.

    Args:
        output: The entry ``output`` of ``report.json``.
        subject: What transforms.

    >>> output_sentence({"summands": ["vector"], "equivalents": ["pseudovector"], "components": 3})
    'The target transforms as a vector (or pseudovector: this connected group acts the same way).'
    """
    if not isinstance(output, Mapping):
        return ""
    opening = subject[:1].upper() + subject[1:]
    summands = [str(name) for name in output.get("summands") or []]
    if not summands:
        return (
            f"{opening} transforms under an unknown representation R of its "
            f"{output.get('components')} components: none of the catalogue fits, R is in "
            "report.json."
        )
    words = _sum_in_words(summands)
    weight = float(output.get("weight") or 0.0)
    if weight:
        words += f" of weight {weight:.2g} (multiplied by c^{weight:.2g} when space is scaled by c)"
    others = [str(name) for name in output.get("equivalents") or []]
    same = ""
    if others:
        same = f" (or {', '.join(others)}: this connected group acts the same way)"
    basis = ", in a basis of its own" if output.get("change") is not None else ""
    return f"{opening} transforms as {words}{basis}{same}."


def output_facts(output: Any) -> list[tuple[str, str]]:
    """What is known about the representation, as pairs of words for a table.

    >>> output_facts({"summands": ["vector"], "components": 9, "rank": 3})
    [('Target transforms as', 'a vector'), ('Rank of the output', '3 of 9')]
    """
    if not isinstance(output, Mapping):
        return []
    summands = [str(name) for name in output.get("summands") or []]
    words = _sum_in_words(summands) if summands else "unknown representation R"
    facts = [("Target transforms as", words)]
    equivalents = output.get("equivalents") or []
    if equivalents:
        facts.append(("Acts the same way", ", ".join(map(str, equivalents))))
    if output.get("rank") != output.get("components"):
        facts.append(("Rank of the output", f"{output.get('rank')} of {output.get('components')}"))
    for key, name in (
        ("misfit", "Misfit of R"),
        ("spread", "Spread of R"),
        ("homomorphism_defect", "Defect of R on brackets"),
    ):
        value = output.get(key)
        if isinstance(value, int | float):
            facts.append((name, f"{100 * value:.2g} %"))
    if output.get("change") is not None:
        facts.append(("From stored values", _matrix(output["change"])))
    return facts


def output_caution(output: Any) -> str:
    """A warning where the data contradict what the user declared; empty where they do not.

    >>> output_caution({"declared": "scalar", "declared_misfit": 1.0})
    'The target is declared "scalar", but that is 100 % away from how it transforms in the data.'
    """
    if not isinstance(output, Mapping):
        return ""
    value = output.get("declared_misfit")
    if not isinstance(value, int | float) or value < _DISAGREES:
        return ""
    return (
        f'The target is declared "{output.get("declared")}", but that is {100 * value:.0f} % away '
        "from how it transforms in the data."
    )


def _sum_in_words(summands: Sequence[str]) -> str:
    parts = []
    for name, count in Counter(summands).items():
        if name == "scalar":
            parts.append("an invariant scalar" if count == 1 else f"{count} invariant scalars")
        elif count == 1:
            parts.append(f"{'an' if name[0] in 'aeiou' else 'a'} {name}")
        else:
            parts.append(f"{count} {name}s")
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _matrix(value: Any) -> str:
    rows = np.asarray(value, dtype=float)
    return "; ".join(" ".join(f"{entry:.2f}" for entry in row) for row in rows).replace("-", "−")
