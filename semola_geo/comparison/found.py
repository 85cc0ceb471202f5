"""How tables name what a discovery found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from semola_geo.discovery.components.component import REVERSAL
from semola_geo.discovery.verdict import Verdict

__all__ = ["found_by_seeds", "found_labels", "found_text"]


def found_labels(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a table says about a report, as plain values that a cell can keep.

    Args:
        report: Content of ``report.json``.
    """
    labels: dict[str, Any] = {"algebra_name": report["name"], "algebra_dim": report["dimension"]}
    untested = sum(row["verdict"] == Verdict.UNTESTED for row in report["verdicts"])
    if untested:
        labels["algebra_untested"] = untested
    for component in report["components"]:
        if component.get("group"):
            labels["group"] = component["group"]
        if component.get("element") == REVERSAL and component["verdict"] == Verdict.SYMMETRY:
            labels["time_reversal"] = True
    if report["permutations"] is not None:
        labels["permutation_group"] = report["permutations"]["name"]
        labels["permutation_order"] = report["permutations"]["order"]
    return labels


def found_text(labels: Mapping[str, Any]) -> str:
    """Name the motions, the exchanges and the reversal, as far as any were found.

    Args:
        labels: Those of :func:`found_labels`, perhaps among other values of a cell.

    >>> found_text({"algebra_name": "se(3)", "algebra_dim": 6, "group": "E(3)"})
    'E(3), dim 6'
    >>> found_text({"algebra_name": "trivial", "algebra_dim": 0, "algebra_untested": 1})
    'trivial, dim 0, 1 untested'
    """
    motions = str(labels.get("group") or labels["algebra_name"])
    if labels["algebra_dim"] or not labels.get("group"):
        motions += f", dim {labels['algebra_dim']}"
    if labels.get("algebra_untested"):
        motions += f", {labels['algebra_untested']} untested"
    others = []
    if labels.get("permutation_group") is not None:
        others.append(f"{labels['permutation_group']}, order {labels['permutation_order']}")
    if labels.get("time_reversal"):
        others.append("time reversal")
    moves = labels["algebra_dim"] or labels.get("group") or not others
    return "; ".join([motions, *others] if moves else others)


def found_by_seeds(texts: Sequence[str]) -> str:
    """Say what runs with several seeds found, and how many of them where they differ.

    Args:
        texts: Those of :func:`found_text`, one for each run.

    >>> found_by_seeds(["se(3), dim 6"] * 2), found_by_seeds(["T_d", "O_h", "T_d"])
    ('se(3), dim 6', 'T_d (2 of 3); O_h (1 of 3)')
    """
    counts = {text: texts.count(text) for text in dict.fromkeys(texts)}
    if len(counts) == 1:
        return texts[0]
    return "; ".join(f"{text} ({count} of {len(texts)})" for text, count in counts.items())
