"""`LieAlgebra`: a span of matrices with a bracket."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from semola_geo.algebra import structure
from semola_geo.algebra.affine import ambient_basis, change_of_coordinates
from semola_geo.algebra.canonical import readable_generators
from semola_geo.algebra.catalogue import catalogue_generators
from semola_geo.algebra.describe import AlgebraDescription, describe, fallback_name
from semola_geo.algebra.forms import InvariantForms, invariant_forms
from semola_geo.algebra.identify import Identification, identify
from semola_geo.algebra.matrix_span import MatrixSpan
from semola_geo.algebra.nearest import nearest_closed_span
from semola_geo.algebra.subspace import Array

__all__ = ["LieAlgebra"]


class LieAlgebra(MatrixSpan):
    """Real Lie algebra spanned by square matrices, or a learned span that is nearly one.

    Args:
        generators: `[k, n, n]`, linearly independent; k = 0 is the trivial algebra. n = d for
            linear generators X, n = d + 1 for affine ones `[[X, tau], [0, 0]]`. They are copied,
            detached, to float64 on the CPU.
        affine: whether the matrices are affine. By default they are when every last row is zero
            and some last column is not; so the rotation about the z axis of R^3 stays linear.
            Say it for algebras that look like the other kind, and for k = 0.

    Raises:
        TypeError: not a tensor.
        ValueError: wrong shape, entries that are not finite, dependent generators, or
            `affine=True` with a non-zero last row.

    >>> so3 = LieAlgebra.from_name("so(3)")
    >>> torch.equal(so3.bracket(0, 1), so3.generators[2])
    True
    """

    # (algebra in the coordinates where it was found, change to these): noise is judged there
    _origin: tuple[LieAlgebra, Array] | None = None

    def __init__(self, generators: Tensor, affine: bool | None = None) -> None:
        super().__init__(generators, affine)
        self._identified: dict[float, Identification | None] = {}

    @classmethod
    def from_name(
        cls, name: str, dimension: int | None = None, affine: bool | None = None
    ) -> LieAlgebra:
        """The algebra called `name` in its standard position; see `algebra.catalogue`.

        `dimension` embeds it in a larger R^d (``so(2)`` in d = 3 turns about z), `affine=True`
        writes a linear algebra as matrices of size d + 1. Raises `ValueError` for unknown names.

        >>> LieAlgebra.from_name("so(2) + t(1)").generators.shape
        torch.Size([2, 4, 4])
        """
        array, is_affine = catalogue_generators(name, dimension, affine)
        return cls(torch.from_numpy(array), affine=is_affine)

    @cached_property
    def name(self) -> str:
        """Catalogue name up to a change of coordinates, within 5 degrees; never a guess.

        A translation and a rotation are compared at one unit of length, so a noisy algebra should
        be named in normalised coordinates; `conjugate`, `rescale` and `normalize` keep the name.
        Without a clear match: "unknown (dim 4, solvable)" or "6-dimensional algebra (not closed)".

        >>> LieAlgebra.from_name("se(3)").conjugate(torch.diag(torch.tensor([1.0, 2, 3]))).name
        'se(3)'
        """
        if self._origin is not None:
            return self._origin[0].name
        if self.dim == 0:
            return "trivial"
        found = self.identify()
        return fallback_name(self) if found is None else found.name

    def identify(self, tolerance: float = 5.0) -> Identification | None:
        """Catalogue algebra within `tolerance` degrees, and the change of coordinates to it.

        None when there is none, or more than one, or for the trivial algebra.
        """
        if tolerance not in self._identified:
            self._identified[tolerance] = self._identify(tolerance)
        return self._identified[tolerance]

    def describe(self) -> AlgebraDescription:
        """Name, structure, invariant form, axes and conjugating matrix, for reports."""
        return describe(self)

    def canonical(self) -> LieAlgebra:
        """The same span in a readable basis: the catalogue's generators where it is named.

        >>> fast = LieAlgebra(3.0 * LieAlgebra.from_name("so(2)").generators)
        >>> fast.canonical().generators.round(decimals=9).tolist()
        [[[0.0, -1.0], [1.0, 0.0]]]
        """
        if self.dim == 0:
            return self
        array = readable_generators(self._array, self.affine, self.identify())
        readable = LieAlgebra(torch.from_numpy(array), self.affine)
        readable._origin = (self, np.eye(array.shape[-1]))
        return readable

    def conjugate(self, matrix: Tensor) -> LieAlgebra:
        """S L S^-1 for every generator, in coordinates y = S x; the name stays as it is.

        See `MatrixSpan.conjugate` for the shapes of S and the errors.
        """
        moved = super().conjugate(matrix)
        moved._origin = (self, change_of_coordinates(matrix, self.dimension, self.affine))
        return moved

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

    def closure(self, tolerance: float = 1e-6) -> LieAlgebra:
        """The smallest Lie algebra containing the span: generators kept, new ones appended.

        Bracket components outside the span join it when their singular value exceeds `tolerance`
        (for unit-norm elements). Noise above it makes the closure grow up to all matrices; for a
        learned basis use `nearest_subalgebra`.

        >>> turns = LieAlgebra(LieAlgebra.from_name("so(3)").generators[:2])
        >>> turns.closure().dim
        3
        """
        closed = structure.closure_basis(self._array, tolerance)
        return LieAlgebra(torch.from_numpy(closed), self.affine)

    def nearest_subalgebra(
        self, ambient: LieAlgebra | None = None, max_angle: float = 20.0
    ) -> LieAlgebra:
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
        return LieAlgebra(torch.from_numpy(projected.reshape(self._array.shape)), self.affine)

    def invariant_forms(self, tolerance: float = 1e-6) -> InvariantForms:
        """Symmetric Q with X^T Q + Q X = 0 for all linear parts X, and their signature.

        >>> LieAlgebra.from_name("so(1,3)").invariant_forms().signature
        (1, 3, 0)
        """
        return invariant_forms(self.linear_parts.numpy(), tolerance)

    def derived_series(self, tolerance: float = 1e-6) -> list[int]:
        """Dimensions of g, [g, g], ... until constant; ends in 0 exactly for solvable algebras.

        >>> LieAlgebra.from_name("se(2)").derived_series()
        [3, 2, 0]
        """
        return structure.derived_dimensions(self._constants, tolerance)

    def center(self, tolerance: float = 1e-6) -> LieAlgebra:
        """Elements that commute with the whole algebra."""
        return self._combine(structure.center_coefficients(self._constants, tolerance))

    def radical(self, tolerance: float = 1e-6) -> LieAlgebra:
        """Largest solvable ideal, for example the translations of se(3)."""
        return self._combine(structure.radical_coefficients(self._constants, tolerance))

    def _identify(self, tolerance: float) -> Identification | None:
        if self.dim == 0:
            return None
        if self._origin is None:
            return identify(self._basis, self.affine, tolerance)
        before, change = self._origin
        found = before.identify(tolerance)
        return None if found is None else found.moved(change)

    @cached_property
    def _constants(self) -> Array:
        """Structure constants in the orthonormal basis."""
        return structure.structure_constants(self._basis)

    def _combine(self, coefficients: Array) -> LieAlgebra:
        size = self._array.shape[-1]
        rows = coefficients @ self._basis.reshape(self.dim, size * size)
        return LieAlgebra(torch.from_numpy(rows.reshape(-1, size, size)), self.affine)

    def __repr__(self) -> str:
        """Name, dimension and kind of matrices."""
        kind = "affine" if self.affine else "linear"
        return f"LieAlgebra({self.name!r}, dim={self.dim}, {kind} on R^{self.dimension})"

    def _element(self, label: str, value: int | Tensor) -> Tensor:
        if not isinstance(value, Tensor):
            return self.generators[value]
        if value.shape != self._array.shape[1:]:
            raise ValueError(
                f"{label}: expected an index or a matrix {list(self._array.shape[1:])}, "
                f"got shape {list(value.shape)}"
            )
        return value.detach().to("cpu", torch.float64)
