"""One-dimensional representations: the trivial one and the sign of the determinant."""

from __future__ import annotations

import torch
from torch import Tensor

from semola_geo.representations.base import Representation
from semola_geo.representations.rowwise import spread_to_rows

__all__ = ["Pseudoscalar", "Scalar"]


class Scalar(Representation):
    """Unchanged by every element: energies, charges, species.

    >>> Scalar().shape(3)
    ()
    """

    name = "scalar"
    is_invariant = True

    def shape(self, dimension: int) -> tuple[int, ...]:
        """No trailing axis."""
        return ()

    def act(
        self, linear: Tensor, translation: Tensor, values: Tensor, index: Tensor | None = None
    ) -> Tensor:
        """Return the values themselves."""
        return values

    def derivative(
        self, linear: Tensor, translation: Tensor, values: Tensor, index: Tensor | None = None
    ) -> Tensor:
        """Return zeros."""
        return torch.zeros_like(values)


class Pseudoscalar(Representation):
    r"""Multiplied by :math:`\operatorname{sign}\det A`: chirality, triple products.

    >>> mirror = torch.diag(torch.tensor([-1.0, 1.0, 1.0]))[None]
    >>> Pseudoscalar().act(mirror, torch.zeros(1, 3), torch.tensor([2.0]))
    tensor([-2.])
    """

    name = "pseudoscalar"

    def shape(self, dimension: int) -> tuple[int, ...]:
        """No trailing axis."""
        return ()

    def act(
        self, linear: Tensor, translation: Tensor, values: Tensor, index: Tensor | None = None
    ) -> Tensor:
        """Multiply by the orientation of the element."""
        sign = spread_to_rows(torch.linalg.det(linear.detach()).sign(), values, index)
        return values * sign.reshape(len(sign), *(1,) * (values.dim() - 1))

    def derivative(
        self, linear: Tensor, translation: Tensor, values: Tensor, index: Tensor | None = None
    ) -> Tensor:
        """Return zeros: the sign is locally constant."""
        return torch.zeros_like(values)
