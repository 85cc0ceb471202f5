"""What single-model estimates say beside the verdicts, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["single_models_sentence"]

_METHODS = {"liegg": "LieGG", "liesd": "LieSD"}


def single_models_sentence(estimates: Any) -> str:
    """One sentence about LieGG's and LieSD's dimensions; empty where they were not asked for.

    Args:
        estimates: The entry ``single_model`` of ``report.json``.

    >>> single_models_sentence({"liegg": {"dimension": 4}}).split(": ")[-1]
    'LieGG dimension 4.'
    """
    if not isinstance(estimates, Mapping):
        return ""
    found = [
        f"{_METHODS.get(str(name), name)} dimension {estimate['dimension']}"
        for name, estimate in estimates.items()
        if isinstance(estimate, Mapping) and "dimension" in estimate
    ]
    if not found:
        return ""
    return (
        "For comparison, the largest gap in singular values of the same teachers, read one by one "
        f"and not tested: {', '.join(found)}."
    )
