"""What can be said about an algebra: its name and the facts behind it, ready for a report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from semola_geo.algebra.canonical import readable_generators
from semola_geo.algebra.identify import Identification

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
        closed: whether the span is, or is next to, a Lie algebra. If not, nothing that rests on
            brackets means much, and there is no semisimple part.
        deviation: largest angle in degrees between the span and the algebra it is named after,
            in the coordinates in which it was identified; None without a name.
        killing_signature: (positive, negative, zero).
        derived_series: dimensions of g, [g, g], ...
        lower_central_series: dimensions of g, [g, g], [g, [g, g]], ...
        generators: `[k, n, n]` a readable basis, as of `LieAlgebra.canonical`, without noise.
        structure_constants: `[k, k, k]` c with [L_i, L_j] = sum_l c_ijl L_l in that basis.
        semisimple_name: name of a semisimple subalgebra that completes the radical, "trivial" for
            solvable algebras.
        semisimple_signature: (positive, negative, zero) of its own Killing form.
        semisimple_part: `[s, n, n]` its generators.
        radical: `[k - s, n, n]` generators of the largest solvable ideal.
        center: `[c, n, n]` what commutes with everything.
        invariant_form: `[d, d]` preserved by the linear parts, None if there is none.
        invariant_signature: its (positive, negative, zero).
        hidden_metric: `invariant_form` if it differs from diag(+-1, .., +-1) by more than the
            noise explains: then the data's coordinates are not the natural ones.
        fixed_axes: `[r, d]` vectors that no linear part moves.
        invariant_planes: `[p, 2, d]` isolated planes that every linear part keeps.
        translation_dimension: number of independent pure translations.
        conjugation: `[n, n]` S carrying the catalogue algebra C here, S C S^-1; None without name.
    """

    name: str
    dim: int
    dimension: int
    closure_defect: float
    closed: bool
    deviation: float | None
    killing_signature: tuple[int, int, int]
    derived_series: list[int]
    lower_central_series: list[int]
    generators: Tensor
    structure_constants: Tensor
    semisimple_name: str
    semisimple_signature: tuple[int, int, int]
    semisimple_part: Tensor
    radical: Tensor
    center: Tensor
    invariant_form: Tensor | None
    invariant_signature: tuple[int, int, int] | None
    hidden_metric: Tensor | None
    fixed_axes: Tensor
    invariant_planes: Tensor
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
    >>> facts.semisimple_name, len(facts.radical), facts.lower_central_series
    ('so(3)', 3, [6])
    """
    kind, found = type(algebra), algebra.identify()
    nearest = None if found is not None else _nearest_closed(algebra)
    if found is None:
        clean = abstract = nearest or algebra
    else:  # what does not depend on coordinates is best read in good ones
        clean = kind(torch.from_numpy(found.snapped()), algebra.affine)
        abstract = kind(torch.from_numpy(found.model), algebra.affine)
    closed = found is not None or nearest is not None
    levi = abstract.semisimple_part() if closed else kind(algebra.generators[:0], algebra.affine)
    whole = levi.dim == algebra.dim
    readable = _readable(clean, found)
    forms = clean.invariant_forms()
    deviation = None if found is None else found.angle
    return AlgebraDescription(
        name=algebra.name,
        dim=algebra.dim,
        dimension=algebra.dimension,
        closure_defect=algebra.closure_defect(),
        closed=closed,
        deviation=deviation,
        killing_signature=abstract.killing_signature(),
        derived_series=abstract.derived_series(),
        lower_central_series=abstract.lower_central_series(),
        generators=readable.generators,
        structure_constants=_without_rounding(readable.structure_constants()),
        semisimple_name=algebra.name if whole else levi.name,
        semisimple_signature=levi.killing_signature(),
        semisimple_part=_placed(levi, found),
        radical=_placed(abstract.radical(), found),
        center=_placed(abstract.center(), found),
        invariant_form=forms.preferred,
        invariant_signature=forms.signature,
        hidden_metric=_unusual(forms.preferred, deviation or 0.0),
        fixed_axes=clean.fixed_axes(),
        invariant_planes=clean.invariant_planes(),
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


def _readable(clean: LieAlgebra, found: Identification | None) -> LieAlgebra:
    if clean.dim == 0:
        return clean
    array = readable_generators(clean.generators.numpy(), clean.affine, found)
    return type(clean)(torch.from_numpy(array), clean.affine)


def _placed(part: LieAlgebra, found: Identification | None) -> Tensor:
    """Generators of a part of the catalogue algebra where the algebra lies."""
    if found is None or part.dim == 0:
        return part.generators
    placed = found.change @ part.generators.numpy() @ np.linalg.inv(found.change)
    return torch.from_numpy(placed)


def _without_rounding(constants: Tensor) -> Tensor:
    nearest = constants.round(decimals=9)
    return torch.where((constants - nearest).abs() < 1e-10, nearest, constants) + 0.0


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
