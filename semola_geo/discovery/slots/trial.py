"""What the test says about one permutation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from semola_geo.discovery.finite import FiniteTest
from semola_geo.discovery.verdict import Verdict
from semola_geo.groups import cycle_notation

__all__ = ["Image", "Trial"]

Image = tuple[int, ...]
"""Where every slot goes."""


@dataclass(frozen=True)
class Trial:
    """What the test says about one permutation.

    Attributes:
        image: Its image list.
        origin: ``"transposition"``, ``"likely"`` (by the data alone), ``"learned"`` or
            ``"implied"`` (an element of the group that the accepted ones generate).
        verdict: One of the five.
        violation: Relative violation λ.
        interval: Its 95 % bounds.
        noise: Size of the teachers' own errors in the same unit.
        ratio: Violation over noise.
        support: Share of permuted graphs that leave the data.
    """

    image: Image
    origin: str
    verdict: Verdict
    violation: float
    interval: tuple[float, float]
    noise: float
    ratio: float
    support: float

    @classmethod
    def of(
        cls, image: Image, origin: str, verdict: Verdict, test: FiniteTest, row: int, support: float
    ) -> Trial:
        """Take a row out of a test of several elements."""
        return cls(
            image=image,
            origin=origin,
            verdict=verdict,
            violation=float(test.values[row]),
            interval=(float(test.intervals[row, 0]), float(test.intervals[row, 1])),
            noise=float(test.noise[row]),
            ratio=float(test.ratio[row]),
            support=support,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "cycles": cycle_notation(self.image),
            "image": list(self.image),
            "origin": self.origin,
            "verdict": str(self.verdict),
            "violation": self.violation,
            "interval": list(self.interval),
            "noise": self.noise,
            "ratio": self.ratio,
            "support": self.support,
        }
