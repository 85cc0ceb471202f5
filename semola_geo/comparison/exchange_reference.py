"""How a group of permutations that was found lies to a known one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from semola_geo.groups import PermutationSubgroup, cycle_notation

__all__ = ["compare_exchanges"]


def compare_exchanges(
    found: PermutationSubgroup, known: PermutationSubgroup, evidence: Mapping[str, Any]
) -> dict[str, Any]:
    """Return how what was found lies to a known group, as plain values.

    Args:
        found: What was found.
        known: What it is compared with, such as the automorphisms of a molecular graph.
        evidence: What was tested, as :attr:`SymmetryReport.exchange` holds it.

    Returns:
        ``name`` and ``order`` of the known group; ``relation``, one of ``"equal"``,
        ``"subgroup"`` (of the known group), ``"contains"`` it, and ``"neither"``; ``missing``, the
        known exchanges that were tested and not accepted: cycles → verdict.

    Raises:
        ValueError: If the groups permute different numbers of slots.

    >>> pair, three = PermutationSubgroup([[1, 0, 2]]), PermutationSubgroup([[1, 0, 2], [0, 2, 1]])
    >>> compare_exchanges(pair, three, {})["relation"]
    'subgroup'
    """
    if found.num_slots != known.num_slots:
        raise ValueError(
            f"the known exchanges permute {known.num_slots} slots, but what was found permutes "
            f"{found.num_slots}"
        )
    inside, around = found <= known, known <= found
    relation = {
        (True, True): "equal",
        (True, False): "subgroup",
        (False, True): "contains",
        (False, False): "neither",
    }[inside, around]
    missing = {
        cycle_notation(trial["image"]): trial["verdict"]
        for trial in evidence.get("nearest_others", [])
        if known.contains(trial["image"]) and not found.contains(trial["image"])
    }
    return {
        "name": known.name,
        "order": known.order,
        "relation": relation,
        "missing": missing,
    }
