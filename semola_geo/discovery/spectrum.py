"""The spectrum of relative violations along the ambient algebra."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery.change import TargetChange
from semola_geo.discovery.corroboration import Corroboration
from semola_geo.discovery.forms import ViolationForms
from semola_geo.discovery.output.action import OutputAction
from semola_geo.discovery.verdict import Verdict
from semola_geo.groups import AmbientGroup

__all__ = ["Spectrum", "to_data_units"]


@dataclass(frozen=True)
class Spectrum:
    r"""Relative violations along directions that are orthogonal in :math:`P`, ascending.

    Supported directions come first, untested ones last, each group in ascending order.

    Attributes:
        eigenvalues: Relative violation λ, ``[m]``; negative values are noise around zero.
        intervals: Confidence bounds of λ, ``[m, 2]``.
        noise: vᵀΣv / vᵀPv, ``[m]``: the size of the teachers' own errors.
        ratio: vᵀMv / vᵀΣv, ``[m]``; not a test by itself.
        support: Share of the displacement that leaves the data, ``[m]``.
        directions: Coefficients in the ambient basis, columns of ``[m, m]``, unit length.
        verdicts: One per direction.
        agreement: Correlation of the derivatives of independent teachers.
        ambient: The ambient group.
        length_scale: Unit of length of the directions, in the data's unit.
        center: Point about which the directions are expressed, ``[d]``.
        in_candidate: Which directions span the candidate that was kept together, ``[m]``.
        forms: The accumulated forms, one per pair of teachers.
        output: How the output moves along every direction, where that was unknown.
        change: How much the target changes along directions; ``None`` where it was not measured.
        corroborations: What held-out labels say about violations that may be errors of the
            teachers, by the number of the direction.
    """

    eigenvalues: Tensor
    intervals: Tensor
    noise: Tensor
    ratio: Tensor
    support: Tensor
    directions: Tensor
    verdicts: list[Verdict]
    agreement: float
    ambient: AmbientGroup
    length_scale: float
    center: Tensor
    in_candidate: Tensor
    forms: list[ViolationForms] = field(repr=False, default_factory=list)
    output: OutputAction | None = field(repr=False, default=None)
    change: TargetChange | None = field(repr=False, default=None)
    corroborations: dict[int, Corroboration] = field(repr=False, default_factory=dict)

    @classmethod
    def empty(cls, ambient: AmbientGroup, center: Tensor, agreement: float) -> Spectrum:
        """Return the spectrum of a discrete group, which has no direction."""
        none = torch.zeros(0, dtype=torch.float64)
        return cls(
            eigenvalues=none,
            intervals=none.reshape(0, 2),
            noise=none,
            ratio=none,
            support=none,
            directions=none.reshape(0, 0),
            verdicts=[],
            agreement=agreement,
            ambient=ambient,
            length_scale=1.0,
            center=center,
            in_candidate=none.bool(),
        )

    @property
    def dimension(self) -> int:
        """Number of directions with the verdict "symmetry"."""
        return sum(verdict is Verdict.SYMMETRY for verdict in self.verdicts)

    @property
    def algebra(self) -> LieAlgebra:
        """Span of the directions with the verdict "symmetry", in the data's units."""
        chosen = [v is Verdict.SYMMETRY for v in self.verdicts]
        return self.span(torch.tensor(chosen, dtype=torch.bool))

    def span(self, chosen: Tensor) -> LieAlgebra:
        """Span of the chosen directions (mask ``[m]``), in the data's units."""
        frame = torch.linalg.qr(self.directions[:, chosen]).Q.T
        return to_data_units(frame, self.ambient, self.length_scale, self.center)

    def generators(self) -> Tensor:
        """All directions as matrices ``[m, n, n]``, in the data's units."""
        algebra = to_data_units(self.directions.T, self.ambient, self.length_scale, self.center)
        return algebra.generators


def to_data_units(
    coefficients: Tensor, ambient: AmbientGroup, length_scale: float, center: Tensor
) -> LieAlgebra:
    """Return the generators with coefficient rows ``[k, m]``, in the data's units."""
    algebra = LieAlgebra(ambient.combine(coefficients.to(torch.float64)), affine=ambient.affine)
    return algebra.rescale(length_scale, center) if ambient.affine else algebra
