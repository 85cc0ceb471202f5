"""Cartesian representations: points, vectors, covectors, pseudovectors and tensors."""

from __future__ import annotations

import torch
from torch import Tensor

from semola_geo.representations.base import Representation
from semola_geo.representations.rowwise import multiply_rows, spread_to_rows

__all__ = ["Covector", "Point", "Pseudovector", "Tensorial", "Vector"]


class Vector(Representation):
    r"""Displacements, dipoles, velocities: :math:`x \mapsto Ax`, derivative :math:`Xx`.

    >>> quarter = torch.tensor([[[0.0, -1.0], [1.0, 0.0]]])
    >>> Vector().act(quarter, torch.zeros(1, 2), torch.tensor([[1.0, 0.0]]))
    tensor([[0., 1.]])
    """

    name = "vector"

    def shape(self, dimension: int) -> tuple[int, ...]:
        """One axis of length ``dimension``."""
        return (dimension,)

    def _matrix(self, linear: Tensor) -> Tensor:
        return linear

    def _generator(self, linear: Tensor) -> Tensor:
        return linear

    def act(
        self, linear: Tensor, translation: Tensor, values: Tensor, index: Tensor | None = None
    ) -> Tensor:
        """Apply the matrix of the representation to the last axis."""
        return multiply_rows(spread_to_rows(self._matrix(linear), values, index), values)

    def derivative(
        self, linear: Tensor, translation: Tensor, values: Tensor, index: Tensor | None = None
    ) -> Tensor:
        """Apply the matrix of the differentiated representation to the last axis."""
        return multiply_rows(spread_to_rows(self._generator(linear), values, index), values)


class Point(Vector):
    r"""Positions: :math:`x \mapsto Ax + t`, derivative :math:`Xx + \tau`.

    >>> shift = torch.tensor([[1.0, 2.0]])
    >>> Point().act(torch.eye(2)[None], shift, torch.zeros(1, 2))
    tensor([[1., 2.]])
    """

    name = "point"

    @staticmethod
    def _shift(translation: Tensor, values: Tensor, index: Tensor | None) -> Tensor:
        rows = spread_to_rows(translation, values, index)
        return rows.reshape(rows.shape[0], *(1,) * (values.dim() - 2), rows.shape[-1])

    def act(
        self, linear: Tensor, translation: Tensor, values: Tensor, index: Tensor | None = None
    ) -> Tensor:
        """Apply the affine map to the last axis."""
        moved = super().act(linear, translation, values, index)
        return moved + self._shift(translation, values, index)

    def derivative(
        self, linear: Tensor, translation: Tensor, values: Tensor, index: Tensor | None = None
    ) -> Tensor:
        """Apply the affine vector field to the last axis."""
        moved = super().derivative(linear, translation, values, index)
        return moved + self._shift(translation, values, index)


class Covector(Vector):
    r"""Forces and gradients: :math:`x \mapsto A^{-\top}x`, derivative :math:`-X^\top x`.

    The same as a vector for orthogonal :math:`A` only.

    >>> Covector().act(2 * torch.eye(2)[None], torch.zeros(1, 2), torch.ones(1, 2))
    tensor([[0.5000, 0.5000]])
    """

    name = "covector"

    def _matrix(self, linear: Tensor) -> Tensor:
        inverse: Tensor = torch.linalg.inv(linear)
        return inverse.transpose(-1, -2)

    def _generator(self, linear: Tensor) -> Tensor:
        return -linear.transpose(-1, -2)


class Pseudovector(Vector):
    r"""Cross products: :math:`x \mapsto \det(A) A^{-\top} x`, in three dimensions.

    The derivative is :math:`(\operatorname{tr}(X) I - X^\top) x`.

    >>> mirror = torch.diag(torch.tensor([1.0, 1.0, -1.0]))[None]
    >>> Pseudovector().act(mirror, torch.zeros(1, 3), torch.tensor([[1.0, 0.0, 1.0]]))
    tensor([[-1.,  0.,  1.]])
    """

    name = "pseudovector"

    def shape(self, dimension: int) -> tuple[int, ...]:
        """One axis of length 3.

        Raises:
            ValueError: Outside three dimensions, where cross products are not vectors.
        """
        if dimension != 3:
            raise ValueError(
                f"representation 'pseudovector' exists for d = 3 only, got d = {dimension}; "
                "use 'ij' with an antisymmetric tensor instead"
            )
        return (3,)

    def _matrix(self, linear: Tensor) -> Tensor:
        # det(A) A^-T is the cofactor matrix: a polynomial, defined for singular A as well.
        first, second, third = linear.unbind(-2)
        cross = torch.linalg.cross
        return torch.stack(
            [cross(second, third), cross(third, first), cross(first, second)], dim=-2
        )

    def _generator(self, linear: Tensor) -> Tensor:
        trace = linear.diagonal(dim1=-2, dim2=-1).sum(-1)[..., None, None]
        eye = torch.eye(linear.shape[-1], dtype=linear.dtype, device=linear.device)
        return trace * eye - linear.transpose(-1, -2)


class Tensorial(Representation):
    r"""Cartesian tensors by index formula: every index is moved by :math:`A`.

    Args:
        formula: ``"ij"``, ``"ij=ji"``, ``"ijk"``, ...; text after ``=`` states a symmetry that
            models may use and that the action preserves.

    >>> stretch = torch.diag(torch.tensor([2.0, 1.0]))[None]
    >>> Tensorial("ij=ji").act(stretch, torch.zeros(1, 2), torch.ones(1, 2, 2))
    tensor([[[4., 2.],
             [2., 1.]]])
    """

    def __init__(self, formula: str) -> None:
        self.name = formula
        self.rank = len(formula.split("=")[0])

    def shape(self, dimension: int) -> tuple[int, ...]:
        """``rank`` axes of length ``dimension``."""
        return (dimension,) * self.rank

    def _axes(self) -> range:
        return range(-self.rank, 0)

    def act(
        self, linear: Tensor, translation: Tensor, values: Tensor, index: Tensor | None = None
    ) -> Tensor:
        """Apply the linear part to every index."""
        matrix = spread_to_rows(linear, values, index)
        for axis in self._axes():
            values = multiply_rows(matrix, values.transpose(axis, -1)).transpose(axis, -1)
        return values

    def derivative(
        self, linear: Tensor, translation: Tensor, values: Tensor, index: Tensor | None = None
    ) -> Tensor:
        """Sum the action of the generator over the indices (Leibniz rule)."""
        matrix = spread_to_rows(linear, values, index)
        terms = [
            multiply_rows(matrix, values.transpose(axis, -1)).transpose(axis, -1)
            for axis in self._axes()
        ]
        return torch.stack(terms).sum(0)
