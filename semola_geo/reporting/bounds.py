"""The bounds of the verdicts that a report was made with."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from semola_geo.reporting.reading import Report

__all__ = ["Bounds", "read_bounds"]


@dataclass(frozen=True)
class Bounds:
    """Bounds that pages speak of; by default those of discovery.

    Attributes:
        symmetry: ε, below which a relative violation counts as none.
        broken: Relative violation above which a direction is no symmetry.
        cost: Largest share of the explained variance that an enforced symmetry may lose.
    """

    symmetry: float = 0.01
    broken: float = 0.1
    cost: float = 0.01

    @property
    def allowed(self) -> str:
        """The cost in words.

        >>> Bounds(cost=0.025).allowed
        '2.5 %'
        """
        return f"{100 * self.cost:g} %"


def read_bounds(report: Report) -> Bounds:
    """Read the bounds from the settings of a report; what is not there is as by default.

    Args:
        report: as read by ``read_report``.

    >>> from semola_geo.reporting.reading import read_report
    >>> read_bounds(read_report({"ambient": "GL(2)", "name": "", "dimension": 0, "verdicts": [],
    ...                          "settings": {"symmetry": 0.05}}))
    Bounds(symmetry=0.05, broken=0.1, cost=0.01)
    """
    settings = report.data.get("settings")
    if not isinstance(settings, dict):
        return Bounds()
    read = {field.name: _bound(settings.get(field.name)) for field in fields(Bounds)}
    return Bounds(**{name: value for name, value in read.items() if value is not None})


def _bound(value: object) -> float | None:
    # Figures need a place for it on their axes, and settings may hold anything.
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and value > 0 else None
