"""`LieAlgebra`: matrices, their brackets, and a name for what they generate."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from semola_geo.algebra.affine import change_of_coordinates
from semola_geo.algebra.bracket_span import BracketSpan
from semola_geo.algebra.canonical import readable_generators
from semola_geo.algebra.catalogue import catalogue_generators
from semola_geo.algebra.describe import AlgebraDescription, describe, fallback_name
from semola_geo.algebra.identify import Identification, identify
from semola_geo.algebra.subspace import Array

__all__ = ["LieAlgebra"]


class LieAlgebra(BracketSpan):
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

    def _identify(self, tolerance: float) -> Identification | None:
        if self.dim == 0:
            return None
        if self._origin is None:
            return identify(self._basis, self.affine, tolerance)
        before, change = self._origin
        found = before.identify(tolerance)
        return None if found is None else found.moved(change)

    def __repr__(self) -> str:
        """Name, dimension and kind of matrices."""
        kind = "affine" if self.affine else "linear"
        return f"LieAlgebra({self.name!r}, dim={self.dim}, {kind} on R^{self.dimension})"
