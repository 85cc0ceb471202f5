"""Turning whatever a caller holds into plain, finite JSON values, and those into words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["in_words", "to_plain"]


def to_plain(value: Any) -> Any:
    """Copy a value into dicts, lists, strings, numbers, booleans and ``None``.

    Arrays and tensors become nested lists, tuples and sets become lists, keys are sorted, and NaN
    or infinite numbers become ``None`` (JSON has no word for them). Anything else becomes its
    ``str``.

    >>> to_plain({"a": (1.0, float("nan")), 3: {"b"}})
    {'3': ['b'], 'a': [1.0, None]}
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        named = {str(key): item for key, item in value.items()}
        return {key: to_plain(named[key]) for key in sorted(named)}
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return [to_plain(item) for item in sorted(value, key=repr)]
    if callable(getattr(value, "tolist", None)):
        return to_plain(value.tolist())
    return str(value)


def in_words(value: Any) -> str:
    """A plain JSON value on one line, for a table cell.

    >>> in_words({"ratio": 0.97123456, "held out": True})
    'ratio 0.971, held out yes'
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3g}".replace("-", "−")
    if isinstance(value, Mapping):
        return ", ".join(f"{str(key).replace('_', ' ')} {in_words(v)}" for key, v in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(in_words(item) for item in value)
    return str(value)
