"""How far chance carries estimates that rest on a few pairs of teachers."""

from __future__ import annotations

import math

from scipy.stats import t as student

__all__ = ["KNOWN", "SINGLE_PAIR", "student_quantile"]

# With one pair, no spread over pairs exists: errors of the two teachers are then taken to be
# correlated with each other as strongly as their size allows by chance over few samples. A standard
# deviation of that size makes a 95 % interval of the whole noise on either side.
SINGLE_PAIR = 0.5

# Degrees of freedom of a number that was not estimated.
KNOWN = math.inf


def student_quantile(freedom: float) -> float:
    """Return the 97.5 % quantile of Student's t distribution, to two decimals.

    >>> student_quantile(2), student_quantile(11), student_quantile(KNOWN)
    (4.3, 2.2, 1.96)
    """
    return round(float(student.ppf(0.975, freedom)), 2)
