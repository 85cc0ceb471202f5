"""How far chance carries estimates that rest on a few pairs of teachers."""

from __future__ import annotations

__all__ = ["KNOWN", "SINGLE_PAIR", "student_quantile"]

# With one pair, no spread over pairs exists: errors of the two teachers are then taken to be
# correlated with each other as strongly as their size allows by chance over few samples. A standard
# deviation of that size makes a 95 % interval of the whole noise on either side.
SINGLE_PAIR = 0.5

# For 1, 2, … degrees of freedom; the last one stands for more.
_STUDENT = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 1.96)
# Degrees of freedom of a number that was not estimated.
KNOWN = len(_STUDENT)


def student_quantile(freedom: int) -> float:
    """Return the 97.5 % quantile of Student's t distribution.

    >>> student_quantile(2), student_quantile(1000)
    (4.3, 1.96)
    """
    return _STUDENT[min(freedom, len(_STUDENT)) - 1]
