"""Options that are one number for each body."""

from __future__ import annotations

import math
from collections.abc import Iterable

__all__ = ["check_per_body"]


def check_per_body(
    option: str, values: Iterable[float], bodies: int, *, positive: bool = False
) -> tuple[float, ...]:
    """Return the numbers as a tuple.

    Args:
        option: Name of the option.
        values: One number for each body.
        bodies: Number of bodies.
        positive: Whether every number has to be positive.

    Raises:
        TypeError: For anything but a list of numbers.
        ValueError: For too few or too many of them, or one that is out of range.

    >>> check_per_body("masses", [1, 2.5], 2)
    (1.0, 2.5)
    >>> check_per_body("masses", [1, 0.0], 2, positive=True)
    Traceback (most recent call last):
    ValueError: masses[1] must be positive and finite, got 0.0
    """
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise TypeError(f"{option} is a list of one number for each body, got {values!r}")
    numbers = list(values)
    if len(numbers) != bodies:
        raise ValueError(
            f"{option} needs one number for each of the {bodies} bodies, got {len(numbers)}: "
            f"{numbers!r}"
        )
    for index, number in enumerate(numbers):
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise TypeError(f"{option}[{index}] must be a number, got {number!r}")
        if not math.isfinite(number) or (positive and number <= 0):
            allowed = "positive and finite" if positive else "finite"
            raise ValueError(f"{option}[{index}] must be {allowed}, got {number!r}")
    return tuple(float(number) for number in numbers)
