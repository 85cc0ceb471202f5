"""The held-out number that the best epoch of a training run is chosen by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["ACCURACY", "ERROR", "Monitor"]


@dataclass(frozen=True)
class Monitor:
    """Name of a logged metric, and which way it is better.

    >>> ERROR.best([2.0, 1.0]), ACCURACY.best([0.2, 0.9]), ERROR.best([])
    (1.0, 0.9, None)
    """

    name: str
    higher_is_better: bool

    @property
    def mode(self) -> str:
        """As Lightning's callbacks call it, ``"max"`` or ``"min"``."""
        return "max" if self.higher_is_better else "min"

    def best(self, values: Iterable[float]) -> float | None:
        """Return the best of some values; ``None`` if there are none."""
        choose = max if self.higher_is_better else min
        return choose(values, default=None)


ERROR = Monitor("val/mae", higher_is_better=False)
ACCURACY = Monitor("val/accuracy", higher_is_better=True)
