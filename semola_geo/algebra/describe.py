"""What can be said about an algebra: its name and the facts behind it, ready for a report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from semola_geo.algebra.lie_algebra import LieAlgebra

__all__ = ["AlgebraDescription", "describe", "fallback_name"]

_CLOSED = 0.05  # closure defect that a few degrees of noise cause
_NEAR = 10.0  # degrees


@dataclass(frozen=True)
class AlgebraDescription:
    """Facts about an algebra; structure is read from the named, or else nearest closed, algebra.

    Attributes:
        name: catalogue name, or what is known instead of one.
        dim: dimension k of the algebra.
        dimension: dimension d of the space.
        closure_defect: of the span as it was given.
        deviation: largest angle in degrees between the span and the algebra it is named after,
            in the coordinates in which it was identified; None without a name.
        killing_signature: (positive, negative, zero).
        derived_series: dimensions of g, [g, g], ...
        invariant_form: `[d, d]` preserved by the linear parts, None if there is none.
        invariant_signature: its (positive, negative, zero).
        hidden_metric: `invariant_form` if it differs from diag(+-1, .., +-1) by more than the
            noise explains: then the data's coordinates are not the natural ones.
        fixed_axes: `[r, d]` vectors that no linear part moves.
        translation_dimension: number of independent pure translations.
        conjugation: `[n, n]` S carrying the catalogue algebra C here, S C S^-1; None without name.
    """

    name: str
    dim: int
    dimension: int
    closure_defect: float
    deviation: float | None
    killing_signature: tuple[int, int, int]
    derived_series: list[int]
    invariant_form: Tensor | None
    invariant_signature: tuple[int, int, int] | None
    hidden_metric: Tensor | None
    fixed_axes: Tensor
    translation_dimension: int
    conjugation: Tensor | None

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and numbers, for JSON."""
        return {
            key: value.tolist() if isinstance(value, Tensor) else value
            for key, value in vars(self).items()
        }


def describe(algebra: LieAlgebra) -> AlgebraDescription:
    """Describe `algebra`; see `AlgebraDescription`.

    >>> from semola_geo.algebra import LieAlgebra
    >>> facts = describe(LieAlgebra.from_name("se(3)"))
    >>> facts.name, facts.killing_signature, facts.translation_dimension
    ('se(3)', (0, 3, 3), 3)
    """
    found = algebra.identify()
    if found is None:
        clean = abstract = _nearest_closed(algebra) or algebra
    else:  # what does not depend on coordinates is best read in good ones
        clean = type(algebra)(torch.from_numpy(found.snapped()), algebra.affine)
        abstract = type(algebra)(torch.from_numpy(found.model), algebra.affine)
    forms = clean.invariant_forms()
    deviation = None if found is None else found.angle
    return AlgebraDescription(
        name=algebra.name,
        dim=algebra.dim,
        dimension=algebra.dimension,
        closure_defect=algebra.closure_defect(),
        deviation=deviation,
        killing_signature=abstract.killing_signature(),
        derived_series=abstract.derived_series(),
        invariant_form=forms.preferred,
        invariant_signature=forms.signature,
        hidden_metric=_unusual(forms.preferred, deviation or 0.0),
        fixed_axes=clean.fixed_axes(),
        translation_dimension=len(abstract.translations()),
        conjugation=None if found is None else torch.from_numpy(found.change),
    )


def fallback_name(algebra: LieAlgebra) -> str:
    """What is certain about an algebra without a name: closedness and solvability."""
    closed = _nearest_closed(algebra)
    if closed is None:
        return f"{algebra.dim}-dimensional algebra (not closed)"
    series, (_, _, null) = closed.derived_series(), closed.killing_signature()
    if series[-1] == 0:
        kind = "abelian" if len(series) == 2 else "solvable"
    else:
        kind = "semisimple" if null == 0 else "neither solvable nor semisimple"
    return f"unknown (dim {algebra.dim}, {kind})"


def _nearest_closed(algebra: LieAlgebra) -> LieAlgebra | None:
    if algebra.closure_defect() > _CLOSED:
        return None
    try:
        return algebra.nearest_subalgebra(max_angle=_NEAR)
    except ValueError:
        return None


def _unusual(form: Tensor | None, deviation: float) -> Tensor | None:
    """The form unless it is diag(+-1, ..) up to scale and up to `deviation` degrees of noise."""
    if form is None:
        return None
    scale = form.diagonal().abs().mean()
    if scale == 0:
        return form
    rest = form / scale - torch.diag(form.diagonal().sign())
    allowed = 0.01 + 4 * np.sin(np.radians(deviation))
    return form if float(torch.linalg.matrix_norm(rest, ord=2)) > allowed else None
