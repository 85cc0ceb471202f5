"""What the test says about elements of O(3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from semola_geo.discovery.finite import assess
from semola_geo.discovery.point_groups.response import PointProbe
from semola_geo.discovery.trust import Trust
from semola_geo.discovery.verdict import Thresholds, Verdict, judge
from semola_geo.groups.orthogonal_grid import orthogonal_grid
from semola_geo.groups.point_operation import describe_operation, operation_symbol

__all__ = ["PointTrial", "try_elements"]

_BESIDE = 16


@dataclass(frozen=True)
class PointTrial:
    """What the test says about one element.

    Attributes:
        matrix: The element, ``[3, 3]``.
        verdict: One of the five.
        violation: Relative violation λ.
        interval: Its 95 % bounds.
        noise: Size of the teachers' own errors in the same unit.
        support: Share of moved graphs that leave the data.
    """

    matrix: Tensor
    verdict: Verdict
    violation: float
    interval: tuple[float, float]
    noise: float
    support: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "symbol": operation_symbol(self.matrix),
            "description": describe_operation(self.matrix),
            "matrix": self.matrix.tolist(),
            "verdict": str(self.verdict),
            "violation": self.violation,
            "interval": list(self.interval),
            "noise": self.noise,
            "support": self.support,
        }


def try_elements(
    probe: PointProbe,
    elements: Tensor,
    support: Tensor,
    limits: Thresholds,
    *,
    trust: Trust,
) -> list[PointTrial]:
    """Test elements ``[K, 3, 3]`` on a probe's pairs of teachers.

    How errors of these teachers correlate is measured on elements spread over O(3) as well, since
    a small group has too few of its own to tell.

    Args:
        probe: Graphs and pairs that no element was chosen on.
        elements: The elements; not the identity, to which no teacher can object.
        support: Share of moved graphs that leave the data, ``[K]``.
        limits: Bounds of the verdicts.
        trust: How far the teachers are believed.
    """
    if not len(elements):
        return []
    bounds = limits.for_elements()
    test = assess(probe.products(torch.cat([elements, orthogonal_grid(_BESIDE)])))
    # Each element is judged by itself: how far the others reach is no yardstick for it.
    verdicts = [
        judge(
            test.intervals[row : row + 1],
            support[row : row + 1],
            trust,
            bounds,
            noise=test.noise[row : row + 1],
        )[0]
        for row in range(len(elements))
    ]
    return [
        PointTrial(
            matrix=elements[row],
            verdict=verdict,
            violation=float(test.values[row]),
            interval=(float(test.intervals[row, 0]), float(test.intervals[row, 1])),
            noise=float(test.noise[row]),
            support=float(support[row]),
        )
        for row, verdict in enumerate(verdicts)
    ]
