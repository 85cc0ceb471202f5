"""The outcome of a discovery: verdicts first, then everything they rest on."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery.components.component import REVERSAL
from semola_geo.discovery.spectrum import Spectrum
from semola_geo.discovery.verdict import Verdict
from semola_geo.groups import PermutationSubgroup, PointGroup, product_name
from semola_geo.reporting import render_text, save_report

__all__ = ["SymmetryReport"]


@dataclass(frozen=True)
class SymmetryReport:
    """Which symmetries a data set has, and how sure that is.

    Attributes:
        algebra: Span of the directions with the verdict "symmetry", in the data's units.
        spectrum: Directions, relative violations, intervals and verdicts.
        teacher_r2: R² of every teacher on graphs that none of them saw.
        seed: Seed of the run.
        details: Further plain values for ``report.json``: evidence, extents, settings, timing …
        components: What is known about reflections and time reversal, as plain values of
            :class:`semola_geo.discovery.components.component.Component`, or about finite
            symmetries, as those of
            :class:`semola_geo.discovery.point_groups.symmetry.PointSymmetry`; empty where the
            ambient group has none of these.
        permutations: Group of exchanges of node slots, where the ambient group had the factor
            ``"S(n)"``.
        point_group: Finite group of rotations and reflections about the origin, where the ambient
            group was O(3) and nothing continuous was found.
        exchange: Evidence for permutations as plain values: verdicts of the generators, and
            nearest misses.
    """

    algebra: LieAlgebra
    spectrum: Spectrum
    teacher_r2: list[float]
    seed: int
    details: dict[str, Any] = field(default_factory=dict)
    components: list[dict[str, Any]] = field(default_factory=list)
    permutations: PermutationSubgroup | None = None
    point_group: PointGroup | None = None
    exchange: dict[str, Any] = field(default_factory=dict)

    @property
    def ambient(self) -> str:
        """Name of the ambient group, ``"E(3)"``, ``"S(5)"`` or ``"E(3) x S(5) x time"``."""
        group = self.spectrum.ambient
        slots = None if self.permutations is None else self.permutations.num_slots
        return product_name(
            group.name if len(group) else None, slots, self.time_reversal is not None
        )

    @property
    def dimension(self) -> int:
        """Dimension of the algebra: counts the verdict "symmetry" only."""
        return self.spectrum.dimension

    @property
    def name(self) -> str:
        """Name of the algebra; ``"trivial"`` when no symmetry was established."""
        return self.algebra.name

    @property
    def reflections(self) -> bool:
        """Whether the reflection that was tested is a symmetry; say so to ``from_algebra``.

        About a single axis the inversion is meant: mirror planes through the axis are beside it.
        """
        return any(
            entry.get("element") in ("inversion", "mirror")
            and entry.get("verdict") == Verdict.SYMMETRY
            for entry in self.components
        )

    @property
    def time_reversal(self) -> bool | None:
        """Whether time reversal, alone, is a symmetry; ``None``: it was not looked for."""
        return next(
            (
                entry.get("verdict") == Verdict.SYMMETRY
                for entry in self.components
                if entry.get("element") == REVERSAL
            ),
            None,
        )

    @property
    def group(self) -> str:
        """Name of the group with its components, ``"E(3)"`` or ``"T_d"``; empty if open."""
        return next((str(entry["group"]) for entry in self.components if entry.get("group")), "")

    @property
    def length_scale(self) -> float:
        """Unit of length in which principal angles of the algebra are meant."""
        return self.spectrum.length_scale

    @property
    def verdicts(self) -> list[dict[str, Any]]:
        """One entry per direction: direction, verdict, violation, interval, support, change."""
        spectrum = self.spectrum
        change = None if spectrum.change is None else spectrum.change.along(spectrum.directions)
        matrices = spectrum.generators()
        return [
            {
                "direction": matrices[index].tolist(),
                "verdict": str(verdict),
                "violation": float(spectrum.eigenvalues[index]),
                "interval": spectrum.intervals[index].tolist(),
                "support": float(spectrum.support[index]),
                "noise": float(spectrum.noise[index]),
                "ratio": float(spectrum.ratio[index]),
                "change": None if change is None else change[index].tolist(),
                "evidence": str(spectrum.corroborations.get(index, "")),
            }
            for index, verdict in enumerate(spectrum.verdicts)
        ]

    def count(self, verdict: Verdict) -> int:
        """Number of directions with a verdict."""
        return sum(v is verdict for v in self.spectrum.verdicts)

    @cached_property
    def structure(self) -> dict[str, Any]:
        """What the algebra is made of, in the data's units; empty where none was found.

        The plain values of :class:`semola_geo.algebra.AlgebraDescription`.
        """
        return self.algebra.describe().to_dict() if self.algebra.dim else {}

    def to_dict(self) -> dict[str, Any]:
        """Return the plain content of ``report.json``."""
        spectrum = self.spectrum
        structure = {"structure": self.structure} if self.structure else {}
        return {
            "ambient": self.ambient,
            "dimension": self.dimension,
            "name": self.name,
            "generators": self.algebra.generators.tolist(),
            "length_scale": spectrum.length_scale,
            "center": spectrum.center.tolist(),
            "eigenvalues": spectrum.eigenvalues.tolist(),
            "intervals": spectrum.intervals.tolist(),
            "noise": spectrum.noise.tolist(),
            "ratio": spectrum.ratio.tolist(),
            "support": spectrum.support.tolist(),
            "verdicts": self.verdicts,
            "components": self.components,
            "permutations": self._exchange(),
            "teacher_r2": self.teacher_r2,
            "seed": self.seed,
            **structure,
            **self.details,
        }

    def _exchange(self) -> dict[str, Any] | None:
        if self.permutations is None:
            return None
        return {**self.permutations.to_dict(), **self.exchange}

    def save(self, directory: str | Path) -> list[Path]:
        """Write ``report.json``, ``report.html`` and figures; return their paths."""
        return save_report(self.to_dict(), Path(directory))

    def __str__(self) -> str:
        return render_text(self.to_dict())
