"""What was found about the representation of the target, ready for the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery.output.action import OutputAction
from semola_geo.discovery.spectrum import Spectrum
from semola_geo.representations import (
    Recognition,
    Representation,
    affine_matrices,
    recognise,
    state_misfit,
)

__all__ = ["OutputFinding", "find_output"]

# Degrees by which noise may have turned the span of the generators away from a closed one.
_LARGEST_TURN = 15.0
# A representation respects brackets; teachers leave errors of a few per cent.
_LARGEST_DEFECT = 0.3


@dataclass(frozen=True)
class OutputFinding:
    r"""How the target transforms under the algebra that was found.

    Attributes:
        matrices: (R, b) along each generator of the algebra, ``[k, q + 1, q + 1]``, data units.
        recognition: The match of the catalogue, if any.
        rank: Dimensions that the outputs fill, of q components.
        defect: Largest :math:`\|R([A, B]) - [R(A), R(B)]\|` in units of actions squared.
        spread: Half the largest distance between R from parts of the evidence, in units of actions.
        declared: The representation that the user declared, if any.
        declared_misfit: How far R is from it, in units of actions; ``None`` where not comparable.
    """

    matrices: Tensor
    recognition: Recognition | None
    rank: int
    defect: float
    spread: float
    declared: str | None = None
    declared_misfit: float | None = None

    @property
    def representation(self) -> str | None:
        """Text that declares the target, where the catalogue has it as it is stored."""
        return None if self.recognition is None else self.recognition.representation

    def to_dict(self) -> dict[str, Any]:
        """Return the plain content of ``report.json`` under ``"output"``."""
        match = self.recognition
        return {
            "components": self.matrices.shape[-1] - 1,
            "rank": self.rank,
            "matrices": self.matrices.tolist(),
            "homomorphism_defect": self.defect,
            "spread": self.spread,
            "declared": self.declared,
            "declared_misfit": self.declared_misfit,
            "summands": [] if match is None else list(match.summands),
            "equivalents": [] if match is None else list(match.equivalents),
            "representation": self.representation,
            "misfit": None if match is None else match.misfit,
            "weight": 0.0 if match is None else match.weight,
            "change": None if match is None or match.change is None else match.change.tolist(),
        }


def find_output(
    action: OutputAction,
    algebra: LieAlgebra,
    spectrum: Spectrum,
    declared: Representation | None = None,
) -> OutputFinding | None:
    """Recognise the action on the output, restricted to the algebra that was found.

    Args:
        action: The action along the whole ambient algebra.
        algebra: The algebra, in the data's units.
        spectrum: Where it was found; units of its directions.
        declared: Representation that the user declared, to compare with.

    Returns:
        ``None`` for the trivial algebra, under which any target transforms as any representation.
    """
    if algebra.dim == 0:
        return None
    scale, center = spectrum.length_scale, spectrum.center
    group = spectrum.ambient

    def coefficients_of(data_units: LieAlgebra) -> Tensor:
        affine = data_units.affine
        return group.coordinates(data_units.normalize(scale, center) if affine else data_units)

    coefficients = coefficients_of(algebra)
    closed = _closed(algebra, spectrum)
    chosen = coefficients if closed is None else coefficients_of(closed)
    size = float(chosen.norm(dim=1).max())
    reduced = action.reduced(chosen)
    unit = max(size, float(reduced.flatten(1).norm(dim=1).max()))
    spread = action.spread(chosen) / unit
    defect = _defect(reduced, closed if closed is not None else algebra) / unit**2
    recognition, misfit = None, None
    if closed is not None:
        linear = closed.linear_parts
        shift = linear.new_zeros(linear.shape[:2])
        if closed.affine:
            shift = closed.generators[:, :-1, -1]
        if defect < _LARGEST_DEFECT and action.rank:
            recognition = recognise(reduced, linear, shift, action.span, size)
        if declared is not None and _comparable(declared, action, linear):
            theirs = affine_matrices(declared, linear, shift)
            copies = action.width // (theirs.shape[-1] - 1)
            misfit = state_misfit(reduced, theirs, copies, action.span, size)
    return OutputFinding(
        matrices=action.along(coefficients),
        recognition=recognition,
        rank=action.rank,
        defect=defect,
        spread=spread,
        declared=None if declared is None else str(declared),
        declared_misfit=misfit,
    )


def _closed(algebra: LieAlgebra, spectrum: Spectrum) -> LieAlgebra | None:
    """The closed algebra next to a span, in the data's units; representations exist of it only."""
    scale, center = spectrum.length_scale, spectrum.center
    whole = LieAlgebra(spectrum.ambient.basis, affine=spectrum.ambient.affine)
    try:
        if not algebra.affine:
            return algebra.nearest_subalgebra(whole, _LARGEST_TURN)
        near = algebra.normalize(scale, center).nearest_subalgebra(whole, _LARGEST_TURN)
    except ValueError:
        return None
    return near.rescale(scale, center)


def _defect(reduced: Tensor, algebra: LieAlgebra) -> float:
    constants = algebra.structure_constants()
    products = torch.einsum("iab,jbc->ijac", reduced, reduced)
    brackets = products - products.transpose(0, 1)
    difference = brackets - torch.einsum("ijl,lab->ijab", constants, reduced)
    return float(difference.flatten(2).norm(dim=2).max())


def _comparable(declared: Representation, action: OutputAction, linear: Tensor) -> bool:
    width = torch.Size(declared.shape(linear.shape[-1])).numel()
    skew = float((linear + linear.transpose(1, 2)).abs().max()) < 1e-6
    return action.width % width == 0 and (skew or not declared.orthogonal_only)
