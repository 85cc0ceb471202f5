"""What no number of QM9 reaches, so that larger ones are mistakes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from semola_geo.datasets.files.errors import RecordError

__all__ = ["check_positions", "read_number"]

_FARTHEST = 1e3  # Å from the origin; molecules have 9 heavy atoms.
_LARGEST = 1e9  # In any unit of the files; a rotational constant is near 1e6 GHz.


def read_number(label: str, field: str, text: str) -> float:
    """Return a property.

    Args:
        label: How messages name the record.
        field: Name of the property.
        text: What the file has.

    Raises:
        RecordError: If it is no number, not finite or above 1e9.

    >>> read_number("line 2", "gap", "0.")
    0.0
    """
    try:
        value = float(text)
    except ValueError:
        value = None
    # Python takes underscores for digits that are grouped.
    if value is None or "_" in text:
        raise RecordError(label, field, f"expected a number, got {text.strip()[:40]!r}")
    if not math.isfinite(value):
        raise RecordError(label, field, f"{value} is not finite; fetch the file again")
    if abs(value) > _LARGEST:
        raise RecordError(
            label, field, f"{value:.3g} is too large, more than {_LARGEST:.0e}; fetch it again"
        )
    return value


def check_positions(label: str, field: str, pos: np.ndarray[Any, Any]) -> None:
    """Refuse positions [n, 3] that are not finite, beyond 1000 Å, or all in one place.

    Args:
        label: How messages name the record.
        field: Name of the positions.
        pos: In Å.

    Raises:
        RecordError: If they are wrong.
    """
    largest = float(np.abs(pos).max())
    if not largest <= _FARTHEST:  # Nor is NaN.
        wrong = int((~np.isfinite(pos)).sum())
        problem = f"{wrong} value(s) are NaN or infinite"
        if wrong == 0:
            problem = f"{largest:.3g} Å is too large, more than {_FARTHEST:.0e}"
        raise RecordError(label, field, problem)
    if len(pos) > 1 and bool((pos == pos[0]).all()):
        raise RecordError(label, field, f"all {len(pos)} atoms are in one place")
