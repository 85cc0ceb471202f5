"""What is known about a single element beside the connected group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from semola_geo.discovery.verdict import Verdict

__all__ = ["REFLECTIONS", "REVERSAL", "Component"]

REFLECTIONS, REVERSAL = "reflections", "time reversal"


@dataclass(frozen=True)
class Component:
    """What is known about a component beside the connected group: reflections, time reversal.

    Attributes:
        element: ``"inversion"``, ``"mirror"``, or ``"reflection"`` where none was looked for; about
            an axis also ``"mirror plane through the axis"`` and ``"half-turn across the axis"``.
            ``"time reversal"``, also ``"time reversal with …"`` one of these.
        whole: Whether all reflections of the ambient group lie in the tested element's coset of
            the group that was found; of no meaning for time reversal.
        matrix: What the tested element does to coordinates, ``[n, n]`` in the data's units;
            ``None``: nothing, or not looked for.
        verdict: One of the five; ``None``: not looked for.
        violation: Relative violation λ: 1 for a generic target, 2 for one that changes its sign.
        interval: Its 95 % bounds.
        noise: Size of the teachers' own errors in the same unit.
        support: Share of moved graphs that can be told from the data's own.
        group: Name of the group with its components, such as ``"E(3)"``, ``"SE(3)"`` or
            ``"C_∞v"``; empty where a verdict or the algebra leaves it open.
        note: What was not looked for.
        kind: ``"reflections"`` or ``"time reversal"``.
    """

    element: str
    whole: bool
    matrix: Tensor | None = None
    verdict: Verdict | None = None
    violation: float = float("nan")
    interval: tuple[float, float] = (float("nan"), float("nan"))
    noise: float = float("nan")
    support: float = float("nan")
    group: str = ""
    note: str = ""
    kind: str = REFLECTIONS

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "kind": self.kind,
            "element": self.element,
            "whole": self.whole,
            "matrix": None if self.matrix is None else self.matrix.tolist(),
            "verdict": None if self.verdict is None else str(self.verdict),
            "violation": self.violation,
            "interval": list(self.interval),
            "noise": self.noise,
            "support": self.support,
            "group": self.group,
            "note": self.note,
        }
