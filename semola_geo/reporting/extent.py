"""How far learning moved the data along a generator, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from semola_geo.reporting.plain import in_words

__all__ = ["candidate_sentence", "extent_words"]


def extent_words(data: Mapping[str, Any], index: int) -> str:
    """Say how far the group was learned along a generator; empty where that is not known.

    Args:
        data: The mapping of ``report.json``, or its ``candidate``.
        index: Number of the generator, from 0.

    >>> extent_words({"extents": [0.7], "extents_range_degrees": [37.2]}, 0)
    'valid to ±37°, learned extent 0.70'
    """
    degrees = _degrees(data, index)
    words = [f"valid to {degrees}"] if degrees else []
    extent = _at(data.get("extents"), index)
    if isinstance(extent, int | float):
        words.append(f"learned extent {extent:.2f}")
    return ", ".join(words)


def candidate_sentence(candidate: Any) -> str:
    """Say what learning proposed and teachers did not confirm; empty if there is no such thing.

    Args:
        candidate: ``candidate`` of ``report.json``.

    >>> candidate_sentence({"name": "so(2)", "extents_range_degrees": [41.0]})
    'Proposed by joint learning, not confirmed: so(2), moved along generator 1 up to ±41°.'
    """
    if not isinstance(candidate, Mapping) or not candidate.get("name"):
        return ""
    ranges = candidate.get("extents_range_degrees")
    count = len(ranges) if isinstance(ranges, list) else 0
    moved = [
        f"along generator {index + 1} up to {_degrees(candidate, index)}"
        for index in range(count)
        if _degrees(candidate, index)
    ]
    name = in_words(candidate["name"])
    tail = f", moved {', '.join(moved)}" if moved else ""
    return f"Proposed by joint learning, not confirmed: {name}{tail}."


def _degrees(data: Mapping[str, Any], index: int) -> str:
    degrees = _at(data.get("extents_range_degrees"), index)
    return f"±{degrees:.0f}°" if isinstance(degrees, int | float) else ""


def _at(values: Any, index: int) -> Any:
    return values[index] if isinstance(values, list) and index < len(values) else None
