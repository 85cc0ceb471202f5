"""How far learning moved the data along a generator, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from semola_geo.reporting.plain import in_words

__all__ = ["candidate_sentence", "extent_words"]

_ALL_ROUND = 180.0


def extent_words(data: Mapping[str, Any], index: int) -> str:
    """Say how far the group was learned along a generator; empty where that is not known.

    Args:
        data: The mapping of ``report.json``.
        index: Number of the generator, from 0.

    >>> extent_words({"extents": [0.7], "extents_range_degrees": [37.2]}, 0)
    'learned up to ±37°, extent 0.70'
    """
    words = []
    degrees = _at(data.get("extents_range_degrees"), index)
    if isinstance(degrees, int | float):
        words.append(
            f"learned up to ±{degrees:.0f}°" if degrees < _ALL_ROUND else "learned all round"
        )
    extent = _at(data.get("extents"), index)
    if isinstance(extent, int | float):
        words.append(f"extent {extent:.2f}")
    return ", ".join(words)


def candidate_sentence(candidate: Any) -> str:
    """Say how far joint learning turned the data with a candidate; empty if that is not known.

    Args:
        candidate: ``candidate`` of ``report.json``.

    >>> candidate_sentence({"name": "so(2)", "extents_range_degrees": [41.0]})
    'Joint learning with so(2), which is not established as a whole, turned the data by up to ±41°.'
    """
    if not isinstance(candidate, Mapping) or not candidate.get("name"):
        return ""
    ranges = candidate.get("extents_range_degrees")
    listed = ranges if isinstance(ranges, list) else []
    angles = sorted(float(angle) for angle in listed if isinstance(angle, int | float))
    if not angles:
        return ""
    far = f"±{angles[0]:.0f}°"
    if len(angles) > 1:
        far += f" to ±{angles[-1]:.0f}° along its rotations"
    return (
        f"Joint learning with {in_words(candidate['name'])}, which is not established as a whole, "
        f"turned the data by up to {far}."
    )


def _at(values: Any, index: int) -> Any:
    return values[index] if isinstance(values, list) and index < len(values) else None
