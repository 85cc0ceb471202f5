"""`BracketSpan`: a span of matrices with its bracket, and the structure that follows from it."""

from __future__ import annotations

from functools import cached_property
from typing import Self

import torch
from torch import Tensor

from semola_geo.algebra import structure
from semola_geo.algebra.affine import ambient_basis
from semola_geo.algebra.forms import InvariantForms, invariant_forms
from semola_geo.algebra.invariant_planes import isolated_invariant_planes
from semola_geo.algebra.levi import levi_coefficients
from semola_geo.algebra.lower_central import lower_central_dimensions
from semola_geo.algebra.matrix_span import MatrixSpan
from semola_geo.algebra.nearest import nearest_closed_span
from semola_geo.algebra.subspace import Array

__all__ = ["BracketSpan"]


class BracketSpan(MatrixSpan):
    """Span of matrices, closed under the bracket or nearly so.

    This part of `LieAlgebra` holds what the bracket alone decides: structure constants, Killing
    form, ideals, closure and its repair. See `LieAlgebra` for the arguments and errors.
    """

    def bracket(self, a: int | Tensor, b: int | Tensor) -> Tensor:
        """[a, b] = ab - ba, `[n, n]`; a and b are generator indices or matrices `[n, n]`."""
        first, second = self._element("a", a), self._element("b", b)
        return first @ second - second @ first

    def structure_constants(self) -> Tensor:
        """Array c `[k, k, k]` with [L_i, L_j] = sum_l c_ijl L_l.

        By least squares: for a span that is not closed these are the brackets projected onto it,
        and `closure_defect` says how much was lost.
        """
        return torch.from_numpy(structure.structure_constants(self._array))

    def killing_form(self) -> Tensor:
        """K_ij = tr(ad L_i ad L_j), `[k, k]`, from the (projected) structure constants."""
        return torch.from_numpy(structure.killing_form(structure.structure_constants(self._array)))

    def killing_signature(self, tolerance: float = 1e-6) -> tuple[int, int, int]:
        """Numbers of (positive, negative, zero) eigenvalues of the Killing form.

        In an orthonormal basis; up to `tolerance` times the largest is zero. All negative: compact
        semisimple; no zero: semisimple.

        >>> from semola_geo.algebra import LieAlgebra
        >>> LieAlgebra.from_name("se(3)").killing_signature()
        (0, 3, 3)
        """
        return structure.inertia(structure.killing_form(self._constants), tolerance)

    def closure_defect(self) -> float:
        """How far the span is from being closed: 0 for a Lie algebra.

        RMS, over pairs of a Frobenius-orthonormal basis, of the part of their brackets that
        leaves the span; independent of the basis, not of the unit of length.
        """
        return structure.closure_defect(self._basis)

    def closure(self, tolerance: float = 1e-6) -> Self:
        """The smallest Lie algebra containing the span: generators kept, new ones appended.

        Bracket components outside the span join it when their singular value exceeds `tolerance`
        (for unit-norm elements). Noise above it makes the closure grow up to all matrices; for a
        learned basis use `nearest_subalgebra`.

        >>> from semola_geo.algebra import LieAlgebra
        >>> turns = LieAlgebra(LieAlgebra.from_name("so(3)").generators[:2])
        >>> turns.closure().dim
        3
        """
        closed = structure.closure_basis(self._array, tolerance)
        return type(self)(torch.from_numpy(closed), self.affine)

    def nearest_subalgebra(
        self, ambient: MatrixSpan | None = None, max_angle: float = 20.0
    ) -> Self:
        """A closed algebra of the same dimension next to this span: removes noise.

        Args:
            ambient: closed algebra containing the span in which to look; all linear or all affine
                matrices by default.
            max_angle: degrees from this span beyond which the result is not called near.

        Returns:
            An algebra with closure defect below 1e-12, spanned by this span's generators
            projected onto it.

        Raises:
            ValueError: the iteration did not converge or went beyond `max_angle`, or the span
                does not lie in `ambient`.
        """
        size = self._array.shape[-1]
        frame = ambient_basis(size, self.affine) if ambient is None else ambient._basis
        rows = nearest_closed_span(self._basis, frame, max_angle).reshape(self.dim, size * size)
        projected = self._array.reshape(self.dim, size * size) @ rows.T @ rows
        return type(self)(torch.from_numpy(projected.reshape(self._array.shape)), self.affine)

    def invariant_forms(self, tolerance: float = 1e-6) -> InvariantForms:
        """Symmetric Q with X^T Q + Q X = 0 for all linear parts X, and their signature.

        >>> from semola_geo.algebra import LieAlgebra
        >>> LieAlgebra.from_name("so(1,3)").invariant_forms().signature
        (1, 3, 0)
        """
        return invariant_forms(self.linear_parts.numpy(), tolerance)

    def derived_series(self, tolerance: float = 1e-6) -> list[int]:
        """Dimensions of g, [g, g], ... until constant; ends in 0 exactly for solvable algebras.

        >>> from semola_geo.algebra import LieAlgebra
        >>> LieAlgebra.from_name("se(2)").derived_series()
        [3, 2, 0]
        """
        return structure.derived_dimensions(self._constants, tolerance)

    def lower_central_series(self, tolerance: float = 1e-6) -> list[int]:
        """Dimensions of g, [g, g], [g, [g, g]], ... until constant; ends in 0 for nilpotent ones.

        >>> from semola_geo.algebra import LieAlgebra
        >>> LieAlgebra.from_name("se(2)").lower_central_series()
        [3, 2]
        """
        return lower_central_dimensions(self._constants, tolerance)

    def center(self, tolerance: float = 1e-6) -> Self:
        """Elements that commute with the whole algebra."""
        return self._combine(structure.center_coefficients(self._constants, tolerance))

    def radical(self, tolerance: float = 1e-6) -> Self:
        """Largest solvable ideal, for example the translations of se(3)."""
        return self._combine(structure.radical_coefficients(self._constants, tolerance))

    def semisimple_part(self, tolerance: float = 1e-6) -> Self:
        """A Levi complement: a semisimple subalgebra that completes the radical of a closed span.

        It is unique up to inner automorphisms only; for se(3), rotations about any one point.

        >>> from semola_geo.algebra import LieAlgebra
        >>> LieAlgebra.from_name("se(3)").semisimple_part().name
        'so(3)'
        """
        return self._combine(levi_coefficients(self._constants, tolerance))

    def invariant_planes(self, tolerance: float = 1e-6) -> Tensor:
        """Planes `[p, 2, d]`, orthonormal rows, that all linear parts keep, one by one.

        Only isolated ones: see `invariant_planes.isolated_invariant_planes` for what is looked for.

        >>> from semola_geo.algebra import LieAlgebra
        >>> len(LieAlgebra.from_name("se(2)", dimension=3).invariant_planes())
        1
        """
        d = self.dimension
        return torch.from_numpy(isolated_invariant_planes(self._basis[:, :d, :d], tolerance))

    @cached_property
    def _constants(self) -> Array:
        """Structure constants in the orthonormal basis."""
        return structure.structure_constants(self._basis)

    def _combine(self, coefficients: Array) -> Self:
        size = self._array.shape[-1]
        rows = coefficients @ self._basis.reshape(self.dim, size * size)
        return type(self)(torch.from_numpy(rows.reshape(-1, size, size)), self.affine)

    def _element(self, label: str, value: int | Tensor) -> Tensor:
        if not isinstance(value, Tensor):
            return self.generators[value]
        if value.shape != self._array.shape[1:]:
            raise ValueError(
                f"{label}: expected an index or a matrix {list(self._array.shape[1:])}, "
                f"got shape {list(value.shape)}"
            )
        return value.detach().to("cpu", torch.float64)
