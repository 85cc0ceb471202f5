"""`MatrixSpan`: a subspace of square matrices, its frames of reference and its comparisons."""

from __future__ import annotations

from functools import cached_property
from typing import Self

import numpy as np
import torch
from torch import Tensor

from semola_geo.algebra import affine as homogeneous
from semola_geo.algebra.subspace import Array, kernel, orthonormal_rows, principal_angles

__all__ = ["MatrixSpan"]


class MatrixSpan:
    """Span of linearly independent generators `[k, n, n]`, linear or affine.

    This half of `LieAlgebra` uses no bracket: it holds the matrices, changes their coordinates
    and compares subspaces. See `LieAlgebra` for the arguments and errors.
    """

    def __init__(self, generators: Tensor, affine: bool | None = None) -> None:
        self._array = _validated(generators)
        self._affine = homogeneous.infer_affine(self._array) if affine is None else bool(affine)
        if self._affine:
            if not homogeneous.has_zero_last_row(self._array):
                raise ValueError(
                    "affine: affine=True needs generators with a zero last row, [[X, tau], [0, 0]]"
                )
            self._array[:, -1:] = 0.0
        if self.dimension < 1:
            raise ValueError(f"generators: shape {list(generators.shape)} leaves no coordinate")

    @classmethod
    def span(cls, matrices: Tensor, affine: bool | None = None, tolerance: float = 1e-10) -> Self:
        """The span of possibly dependent `matrices` `[r, n, n]`, with an orthonormal basis.

        Directions with a singular value up to `tolerance` times the largest are dropped.
        """
        array = _checked(matrices)
        if affine is None:
            affine = homogeneous.infer_affine(array)
        rows = array.reshape(len(array), -1) if len(array) else np.zeros((0, array[0:1].size))
        basis = orthonormal_rows(rows, tolerance) if rows.any() else rows[:0]
        return cls(torch.from_numpy(basis.reshape(-1, *array.shape[1:])), affine)

    @property
    def generators(self) -> Tensor:
        """Generators `[k, n, n]`, float64; a copy."""
        return torch.from_numpy(self._array.copy())

    @property
    def affine(self) -> bool:
        """Whether the matrices are affine generators of size d + 1."""
        return self._affine

    @property
    def dim(self) -> int:
        """Dimension k of the span."""
        return len(self._array)

    @property
    def dimension(self) -> int:
        """Dimension d of the space the matrices act on."""
        return int(self._array.shape[-1]) - int(self._affine)

    @property
    def linear_parts(self) -> Tensor:
        """X of every generator, `[k, d, d]`."""
        return self.generators[:, : self.dimension, : self.dimension]

    @cached_property
    def _basis(self) -> Array:
        return _orthonormal(self._array).reshape(self._array.shape)

    def __len__(self) -> int:
        """Dimension k of the span."""
        return self.dim

    def orthonormal_basis(self) -> Tensor:
        """Frobenius-orthonormal rows `[k, n * n]` with the same span (Gram-Schmidt)."""
        return torch.from_numpy(self._basis.reshape(self.dim, self._array.shape[-1] ** 2).copy())

    def principal_angles(self, other: MatrixSpan, length_scale: float = 1.0) -> list[float]:
        """Principal angles in degrees, ascending, min(k1, k2) of them; exact near 0 and 90.

        Translations are measured in units of `length_scale`, for they depend on it: `[[X, tau]]`
        is compared as `[[X, tau / length_scale]]`. A linear algebra is embedded when the other is
        affine on the same space, and read as affine when it has as large matrices as the other
        and a zero last row. Raises `ValueError` when neither fits.

        >>> turn = MatrixSpan(torch.tensor([[[0.0, -1.0], [1.0, 0.0]]]))
        >>> turn.principal_angles(MatrixSpan(torch.eye(2)[None]))
        [90.0]
        """
        if not length_scale > 0:
            raise ValueError(f"length_scale: must be positive, got {length_scale}")
        if self.dim == 0 or other.dim == 0:
            return []
        first, second, as_affine = self._array, other._array, self.affine or other.affine
        if as_affine and self.dimension == other.dimension:
            first = first if self.affine else homogeneous.embed(first)
            second = second if other.affine else homogeneous.embed(second)
        fits = first.shape[1:] == second.shape[1:]
        if as_affine and fits:
            fits = all(homogeneous.has_zero_last_row(array) for array in (first, second))
        if not fits:
            raise ValueError(
                f"other: acts on R^{other.dimension} by matrices of size {second.shape[-1]}, this "
                f"algebra on R^{self.dimension} by matrices of size {first.shape[-1]}"
            )
        if as_affine:
            first = homogeneous.scale_translations(first, length_scale)
            second = homogeneous.scale_translations(second, length_scale)
        angles = principal_angles(_orthonormal(first), _orthonormal(second))
        return [float(angle) for angle in angles]

    def is_same_span(
        self, other: MatrixSpan, degrees: float = 1e-6, length_scale: float = 1.0
    ) -> bool:
        """Whether both have one dimension and no principal angle exceeds `degrees`."""
        return self.dim == other.dim and self.contains(other, degrees, length_scale)

    def contains(self, other: MatrixSpan, degrees: float = 1e-6, length_scale: float = 1.0) -> bool:
        """Whether every element of `other` lies within `degrees` of this span."""
        angles = self.principal_angles(other, length_scale)
        return other.dim <= self.dim and all(angle <= degrees for angle in angles)

    def conjugate(self, matrix: Tensor) -> Self:
        """S L S^-1 for every generator: the same algebra in coordinates y = S x.

        `matrix`: `[d, d]`, or `[d + 1, d + 1]` with last row (0, .., 0, 1) for y = A x + b, which
        makes a linear algebra affine. Raises `ValueError` for other shapes and singular matrices.
        """
        change = homogeneous.change_of_coordinates(matrix, self.dimension, self.affine)
        is_affine = len(change) > self.dimension
        array = homogeneous.embed(self._array) if is_affine > self.affine else self._array
        moved = change @ array @ np.linalg.inv(change)
        if is_affine:
            moved[:, -1:] = 0.0  # as in exact arithmetic
        return type(self)(torch.from_numpy(moved), is_affine)

    def rescale(self, length_scale: float, center: Tensor | None = None) -> Self:
        """From normalised coordinates u to data coordinates x = length_scale * u + center.

        `[[X, tau]]` becomes `[[X, length_scale * tau - X center]]`; a linear algebra stays as it
        is unless the center `[d]` is away from the origin. `normalize` is the inverse.

        >>> translation = MatrixSpan(torch.tensor([[[0.0, 1.0], [0.0, 0.0]]]))
        >>> translation.rescale(3.0).generators[0, 0].tolist()
        [0.0, 3.0]
        """
        return self._reframe(length_scale, center, inverse=False)

    def normalize(self, length_scale: float, center: Tensor | None = None) -> Self:
        """From data coordinates x to u = (x - center) / length_scale; inverse of `rescale`."""
        return self._reframe(length_scale, center, inverse=True)

    def _reframe(self, length_scale: float, center: Tensor | None, inverse: bool) -> Self:
        if not length_scale > 0:
            raise ValueError(f"length_scale: must be positive, got {length_scale}")
        shift = torch.zeros(self.dimension) if center is None else center.detach().cpu()
        if shift.shape != (self.dimension,):
            raise ValueError(f"center: expected [{self.dimension}], got {list(shift.shape)}")
        if not self._affine and not shift.any():
            return self
        frame = homogeneous.frame_matrix(length_scale, shift.to(torch.float64).numpy())
        return self.conjugate(torch.from_numpy(np.linalg.inv(frame) if inverse else frame))

    def translations(self, tolerance: float = 1e-6) -> Tensor:
        """Orthonormal rows `[t, d]` of the pure translations contained in the span."""
        d = self.dimension
        if not self._affine or self.dim == 0:
            return torch.zeros(0, d, dtype=torch.float64)
        linear = self._basis[:, :d, :d].reshape(self.dim, -1)
        coefficients = kernel(linear.T, tolerance)
        return torch.from_numpy(orthonormal_rows(coefficients @ self._basis[:, :d, d]))

    def fixed_axes(self, tolerance: float = 1e-6) -> Tensor:
        """Orthonormal rows `[r, d]` of the vectors that every linear part sends to zero.

        For so(2) in three dimensions this is the axis of rotation.
        """
        d = self.dimension
        return torch.from_numpy(kernel(self._basis[:, :d, :d].reshape(-1, d), tolerance))


def _orthonormal(array: Array) -> Array:
    """Orthonormal rows `[k, n * n]` of the span of `[k, n, n]`."""
    return orthonormal_rows(array.reshape(len(array), array.shape[-1] ** 2))


def _checked(generators: Tensor) -> Array:
    if not isinstance(generators, Tensor):
        raise TypeError(f"generators: expected a tensor [k, n, n], got {type(generators).__name__}")
    if generators.ndim != 3 or generators.shape[1] != generators.shape[2]:
        raise ValueError(
            f"generators: expected shape [k, n, n], got {list(generators.shape)}; "
            "a single matrix needs a leading axis, an empty algebra the shape [0, n, n]"
        )
    array = generators.detach().to("cpu", torch.float64).numpy().copy()
    if not np.isfinite(array).all():
        raise ValueError("generators: some entries are NaN or infinite")
    return array


def _validated(generators: Tensor) -> Array:
    array = _checked(generators)
    rank = len(orthonormal_rows(array.reshape(len(array), array.shape[1] ** 2)))
    if rank < len(array):
        raise ValueError(
            f"generators: only {rank} of {len(array)} are linearly independent; "
            "pass a basis, for example by LieAlgebra.span(matrices)"
        )
    return array
