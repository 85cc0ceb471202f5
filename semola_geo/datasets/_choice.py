"""Options that take one of a few names."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["check_choice"]


def check_choice(option: str, value: object, allowed: Sequence[str]) -> None:
    """Refuse an unknown name.

    Raises:
        ValueError: For a value that is not allowed.

    >>> check_choice("split", "dev", ("train", "val", "test"))
    Traceback (most recent call last):
    ValueError: split='dev' is unknown; choose one of train, val, test
    """
    if value not in allowed:
        raise ValueError(f"{option}={value!r} is unknown; choose one of {', '.join(allowed)}")
