"""How far what was found is from a known algebra, in words."""

from __future__ import annotations

from collections.abc import Mapping
from math import cos, radians
from typing import Any

__all__ = ["reference_sentence"]


def reference_sentence(comparison: Any, dimension: int) -> str:
    """One sentence about the angles to a reference; empty where none was given.

    Args:
        comparison: The entry ``reference`` of ``report.json``.
        dimension: Dimension of what was found.

    >>> print(reference_sentence({"reference": "so(2)", "reference_dim": 1, "angles": [0.5]}, 1))
    Compared with so(2): largest principal angle 0.500°, cosine 0.999962.
    >>> reference_sentence({"reference": "so(2)", "reference_dim": 1, "angles": []}, 0)
    'Compared with so(2): nothing was found, dimension 0 instead of 1.'
    """
    if not isinstance(comparison, Mapping):
        return ""
    name, known = comparison.get("reference"), comparison.get("reference_dim")
    angles = [float(angle) for angle in comparison.get("angles") or []]
    opening = f"Compared with {name}: "
    if not angles:
        same = dimension == known
        return opening + (
            "both are trivial." if same else f"nothing was found, dimension 0 instead of {known}."
        )
    largest = max(angles)
    words = f"largest principal angle {largest:.3f}°, cosine {cos(radians(largest)):.6f}"
    return (
        opening + words + ("." if dimension == known else f"; dimension {dimension}, not {known}.")
    )
