"""What discovery found, as plain values that a plan can keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery import SymmetryReport
from semola_geo.discovery.components.component import REVERSAL
from semola_geo.groups import PermutationSubgroup, PointGroup

__all__ = ["Finding"]


@dataclass(frozen=True)
class Finding:
    """What a method can train with.

    Attributes:
        generators: Generators ``[k, n, n]`` of the algebra, in the data's units.
        reflections: Whether reflections are symmetries, too; ``None``: not looked for.
        point_group: Elements ``[m, 3, 3]`` of a finite group; ``None``: not looked for.
        permutations: Generators, as image lists, of a group of exchanges of node slots; ``None``:
            not looked for.
        time_reversal: Whether time reversal is a symmetry; ``None``: not looked for.
        affine: Whether generators are affine matrices; ``None``: as they look.

    >>> Finding(permutations=[[1, 0, 2]]).exchanges
    PermutationSubgroup('S2', order=2, num_slots=3)
    """

    generators: list[Any] | None = None
    reflections: bool | None = None
    point_group: list[Any] | None = None
    permutations: list[list[int]] | None = None
    time_reversal: bool | None = None
    affine: bool | None = None

    @classmethod
    def of(cls, report: SymmetryReport) -> Finding:
        """Take what a report established."""
        finite, exchanges = report.point_group, report.permutations
        return cls(
            generators=report.algebra.generators.tolist(),
            reflections=report.reflections if _other_than_reversal(report) else None,
            point_group=None if finite is None else finite.elements.tolist(),
            permutations=None if exchanges is None else [list(g) for g in exchanges.generators],
            time_reversal=report.time_reversal,
            affine=report.algebra.affine,
        )

    @property
    def algebra(self) -> LieAlgebra | None:
        """The algebra, if it holds more than zero."""
        if not self.generators:
            return None
        return LieAlgebra(torch.tensor(self.generators, dtype=torch.float64), self.affine)

    @property
    def finite_group(self) -> PointGroup | None:
        """The finite group of rotations and reflections, if it holds more than the identity."""
        if self.point_group is None or len(self.point_group) == 1:
            return None
        return PointGroup(torch.tensor(self.point_group, dtype=torch.float64))

    @property
    def exchanges(self) -> PermutationSubgroup | None:
        """The group of exchanges, if it holds more than the identity."""
        return PermutationSubgroup(self.permutations) if self.permutations else None


def _other_than_reversal(report: SymmetryReport) -> bool:
    return any(entry.get("kind") != REVERSAL for entry in report.components)
