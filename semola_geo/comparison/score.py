"""How good predictions are: mean absolute errors of numbers, accuracy of classes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from semola_geo.training.accuracy import correct_rows
from semola_geo.training.monitor import ACCURACY as LOGGED_ACCURACY
from semola_geo.training.monitor import ERROR as LOGGED_ERROR
from semola_geo.training.monitor import Monitor

__all__ = ["ACCURACY", "MEAN_ABSOLUTE_ERROR", "Score", "score_for", "score_of"]


@dataclass(frozen=True)
class Score:
    """A mean over test data that tells how good a model is.

    Attributes:
        name: Under which results are kept: ``test_NAME``, ``rotated_NAME``, ``validation_NAME``.
        title: What tables and axes call it.
        unit: Its unit; ``None``: that of the target.
        digits: Decimals in tables.
        scale: From what is averaged to the unit.
        monitor: The same as it is logged in training, and which way is better.
        values: From prediction and target, ``[rows, ...]`` each, to what is averaged.

    >>> ACCURACY.test, ACCURACY.moved, ACCURACY.heading("")
    ('test_accuracy', 'rotated_accuracy', 'accuracy [%]')
    """

    name: str
    title: str
    unit: str | None
    digits: int
    scale: float
    monitor: Monitor
    values: Callable[[Tensor, Tensor], Tensor]

    @property
    def test(self) -> str:
        """Name of the result on test data."""
        return f"test_{self.name}"

    @property
    def moved(self) -> str:
        """Name of the result on moved test data."""
        return f"rotated_{self.name}"

    @property
    def higher_is_better(self) -> bool:
        """Which way is better."""
        return self.monitor.higher_is_better

    def heading(self, unit: str) -> str:
        """Return the title with its unit, that of the target if it has no own."""
        own = unit if self.unit is None else self.unit
        return f"{self.title} [{own}]" if own else self.title

    def text(self, value: float) -> str:
        """Return a value as text.

        >>> MEAN_ABSOLUTE_ERROR.text(0.03), ACCURACY.text(98.148)
        ('0.0300', '98.1 %')
        """
        return f"{value:,.{self.digits}f}{' ' + self.unit if self.unit else ''}"

    def validation(self, logged: Mapping[str, float]) -> dict[str, float | None]:
        """Return the validation result among what a module logged."""
        value = logged.get(self.monitor.name)
        return {f"validation_{self.name}": None if value is None else self.scale * value}


def _absolute(prediction: Tensor, target: Tensor) -> Tensor:
    return (prediction.double() - target.double()).abs()


MEAN_ABSOLUTE_ERROR = Score("error", "MAE", None, 4, 1.0, LOGGED_ERROR, _absolute)
"""Mean absolute error per component, in the target's own unit."""

ACCURACY = Score("accuracy", "accuracy", "%", 1, 100.0, LOGGED_ACCURACY, correct_rows)
"""Share of rows, in per cent, whose largest output is that of their class."""

_SCORES = {score.name: score for score in (MEAN_ABSOLUTE_ERROR, ACCURACY)}


def score_for(categorical: bool) -> Score:
    """Return the score of a target that indicates classes, or of any other."""
    return ACCURACY if categorical else MEAN_ABSOLUTE_ERROR


def score_of(cells: Iterable[Mapping[str, Any]]) -> Score:
    """Return the score that finished cells carry; cells without one have errors.

    >>> score_of([{"method": "none", "error": "killed"}, {"score": "accuracy"}]).title
    'accuracy'
    """
    name = next((str(cell["score"]) for cell in cells if cell.get("score")), "error")
    return _SCORES[name]
