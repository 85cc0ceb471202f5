"""e3nn irreps as representations of O(3), smooth at the identity."""

from __future__ import annotations

from functools import cache

import torch
from e3nn import o3
from torch import Tensor

from semola_geo.representations.base import Representation
from semola_geo.representations.rowwise import multiply_rows, spread_to_rows

__all__ = ["IrrepsRepresentation"]


@cache
def _coupling(degree: int) -> Tensor:
    """Intertwiner ``[3, 2l-1, 2l+1]`` that embeds degree l in (degree 1) x (degree l-1)."""
    coupling: Tensor = o3.wigner_3j(1, degree - 1, degree, dtype=torch.float64)
    return coupling.mul((2 * degree + 1) ** 0.5)


def _lift(rotation: Tensor, lower: Tensor, degree: int) -> Tensor:
    coupling = _coupling(degree).to(rotation)
    return torch.einsum("abc,gad,gbe,def->gcf", coupling, rotation, lower, coupling)


class IrrepsRepresentation(Representation):
    r"""A direct sum of irreps of O(3), such as ``"1o"`` or ``"2x0e+1o+2e"``.

    The matrix of degree :math:`l` is built from the rotation matrix itself by coupling degree
    1 with degree :math:`l-1` (Wigner 3j symbols), so it is a *polynomial* in the entries of the
    rotation. ``Irreps.D_from_matrix`` goes through angles, and its gradient is NaN at the
    identity.

    Args:
        irreps: Irreps string or object of e3nn.

    >>> quarter = torch.tensor([[[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]])
    >>> IrrepsRepresentation("1o").act(quarter, torch.zeros(1, 3), torch.tensor([[1.0, 0, 0]]))
    tensor([[0., 1., 0.]])
    """

    orthogonal_only = True

    def __init__(self, irreps: str | o3.Irreps) -> None:
        self.irreps = o3.Irreps(irreps)
        self.name = str(self.irreps)

    def shape(self, dimension: int) -> tuple[int, ...]:
        """One axis of length ``irreps.dim``.

        Raises:
            ValueError: Outside three dimensions.
        """
        if dimension != 3:
            raise ValueError(f"irreps {self.name!r} exist for d = 3 only, got d = {dimension}")
        return (int(self.irreps.dim),)

    def _blocks(self, values: Tensor, matrices: list[Tensor], index: Tensor | None) -> Tensor:
        pieces = []
        for (_, irrep), piece in zip(
            self.irreps, torch.split(values, [m.dim for m in self.irreps], dim=-1), strict=True
        ):
            matrix = matrices[irrep.l] if irrep.p == (-1) ** irrep.l else matrices[-1 - irrep.l]
            channels = piece.reshape(*values.shape[:-1], piece.shape[-1] // irrep.dim, irrep.dim)
            rows = spread_to_rows(matrix, values, index)
            pieces.append(multiply_rows(rows, channels).reshape(piece.shape))
        return torch.cat(pieces, dim=-1)

    def _degree(self) -> int:
        return max((irrep.l for _, irrep in self.irreps), default=0)

    def act(
        self, linear: Tensor, translation: Tensor, values: Tensor, index: Tensor | None = None
    ) -> Tensor:
        """Apply the block-diagonal matrix of the irreps; ``linear`` must be orthogonal."""
        sign = torch.linalg.det(linear.detach()).sign().to(linear.dtype)[:, None, None]
        matrices = [torch.ones_like(linear[:, :1, :1])]
        for degree in range(1, self._degree() + 1):
            # Proper and improper elements: degree l built from A carries parity (-1)^l.
            matrices.append(_lift(linear, matrices[-1], degree))
        flipped = [matrix * sign for matrix in matrices]
        return self._blocks(values, matrices + flipped[::-1], index)

    def derivative(
        self, linear: Tensor, translation: Tensor, values: Tensor, index: Tensor | None = None
    ) -> Tensor:
        """Apply the derivative of the irreps; ``linear`` must be antisymmetric."""
        matrices = [torch.zeros_like(linear[:, :1, :1])]
        eye = torch.eye(3, dtype=linear.dtype, device=linear.device).expand_as(linear)
        for degree in range(1, self._degree() + 1):
            lower = torch.eye(2 * degree - 1, dtype=linear.dtype, device=linear.device)
            lower = lower.expand(len(linear), -1, -1)
            matrices.append(_lift(linear, lower, degree) + _lift(eye, matrices[-1], degree))
        return self._blocks(values, matrices + matrices[::-1], index)
