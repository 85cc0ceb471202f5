"""Mean and spread over seeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median, stdev
from typing import Any

__all__ = ["Spread", "spread", "summarize"]

#: Measured quantities of one cell that are averaged over seeds.
QUANTITIES = (
    "test_error",
    "rotated_error",
    "test_accuracy",
    "rotated_accuracy",
    "equivariance_error",
    "largest_angle",
    "training_seconds",
    "discovery_seconds",
    "cpu_seconds",
    "throughput",
    "parameters",
    "peak_memory_mb",
    "steps",
)


@dataclass(frozen=True)
class Spread:
    """Mean, sample standard deviation (0 for one seed), median and largest of some numbers."""

    mean: float
    deviation: float
    median: float
    largest: float
    count: int


def spread(values: Iterable[float | None]) -> Spread | None:
    """Summarise numbers; ``None`` (not measured) is left out, and ``None`` comes of nothing.

    >>> spread([1.0, 3.0, None])
    Spread(mean=2.0, deviation=1.4142135623730951, median=2.0, largest=3.0, count=2)
    """
    known = [float(value) for value in values if value is not None]
    if not known:
        return None
    deviation = stdev(known) if len(known) > 1 else 0.0
    return Spread(fmean(known), deviation, median(known), max(known), len(known))


def summarize(cells: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Spread | None]]:
    """Group results by method, in the order they came, and summarise every quantity.

    Args:
        cells: Results of :func:`semola_geo.comparison.cell.run_cell`.

    >>> cells = [{"method": "haar", "test_error": 0.1}, {"method": "haar", "test_error": 0.3}]
    >>> round(summarize(cells)["haar"]["test_error"].mean, 3)
    0.2
    """
    methods = dict.fromkeys(str(cell["method"]) for cell in cells)
    return {
        method: {
            name: spread(cell.get(name) for cell in cells if cell["method"] == method)
            for name in QUANTITIES
        }
        for method in methods
    }
