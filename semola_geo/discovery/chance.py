"""How far chance carries estimates that rest on a few pairs of teachers."""

from __future__ import annotations

import math

import torch
from scipy.stats import t as student
from torch import Tensor

__all__ = ["KNOWN", "SINGLE_PAIR", "half_width", "student_quantile"]

# With one pair, no spread over pairs exists: errors of the two teachers are then taken to be
# correlated with each other as strongly as their size allows by chance over few samples. A standard
# deviation of that size makes a 95 % interval of the whole noise on either side.
SINGLE_PAIR = 0.5

# Degrees of freedom of a number that was not estimated.
KNOWN = math.inf

# Degrees of freedom that a spread over pairs is credited with at most.
_MOST_FREEDOM = 8


def student_quantile(freedom: float) -> float:
    """Return the 97.5 % quantile of Student's t distribution, to two decimals.

    >>> student_quantile(2), student_quantile(11), student_quantile(KNOWN)
    (4.3, 2.2, 1.96)
    """
    return round(float(student.ppf(0.975, freedom)), 2)


def half_width(values: Tensor, unit: Tensor, among: tuple[Tensor, Tensor] | None = None) -> Tensor:
    """Return half the width ``[k]`` of nominal 95 % intervals from the spread over pairs.

    The spread of a direction is estimated with few degrees of freedom: it is bounded from below by
    the unit times the median of spread over unit. The halves of different splits overlap, so that
    the spread is not divided by the number of pairs. A single pair has no spread; its errors are
    taken to be correlated by ``SINGLE_PAIR``.

    Args:
        values: What each pair says of each direction, ``[pairs, k]``.
        unit: How far errors may carry it, ``[k]``.
        among: Values ``[pairs, m]`` and unit ``[m]`` of the directions that the median is taken
            over; these ones themselves when ``None``.

    >>> half_width(torch.zeros(1, 2), torch.ones(2)).tolist()
    [0.9800000190734863, 0.9800000190734863]
    """
    if len(values) == 1:
        return student_quantile(KNOWN) * SINGLE_PAIR * unit
    all_values, all_units = among or (values, unit)
    pooled = (all_values.std(0) / all_units.clamp_min(1e-150)).nanmedian()
    freedom = min((len(values) - 1) * all_values.shape[1], _MOST_FREEDOM)
    return student_quantile(freedom) * torch.maximum(values.std(0), pooled * unit)
