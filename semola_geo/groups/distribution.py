"""A learnable distribution over the elements of an unknown subgroup."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from semola_geo.groups.ambient import AmbientGroup
from semola_geo.groups.element import GroupElement
from semola_geo.groups.exponential import matrix_exponential

__all__ = ["LieDistribution", "reflect_first_axis"]


class LieDistribution(nn.Module):
    r"""Elements :math:`g = \prod_f \exp(\sum_i w_i L_i)` with :math:`w_i = e_i u_i`.

    The generators :math:`L_i = \sum_j B_{ij} E_j` have coefficient rows that are orthonormal by
    parametrisation (a sign-fixed QR factor), so a generator can neither vanish nor double
    another one. The extents :math:`e_i` are bounded, since an unbounded reward for augmentation
    runs away (Augerino, arXiv 2010.11882). After SEMoLA (arXiv 2506.03914, §4).

    Args:
        ambient: Group whose algebra has the basis :math:`E_j`.
        num_generators: k, at most the dimension m of the ambient algebra.
        extent: Initial extent of every generator, in normalised units: the angle of a rotation
            generator is its coefficient divided by √2.
        max_extent: Upper bound of the extents.
        num_factors: Number of exponentials in the product.
        reflections: Whether half of the elements are composed with :attr:`reflection`, so that
            they come from a second component; ``None``: where the ambient group has one. A share
            other than ½ or none would weigh the components unevenly, as no group does.
        generator: Source of the random initial basis.

    Raises:
        ValueError: If an argument is out of range, or reflections are asked for in an ambient
            group that has none.

    >>> from semola_geo.groups import parse_ambient
    >>> law = LieDistribution(parse_ambient("SO(3)"), 3)
    >>> law.sample(5, torch.Generator().manual_seed(0)).matrix.shape
    torch.Size([5, 3, 3])
    """

    _algebra_basis: Tensor
    reflection: Tensor
    reflection_share: Tensor

    def __init__(
        self,
        ambient: AmbientGroup,
        num_generators: int,
        *,
        extent: float = 1.0,
        max_extent: float = 3.0,
        num_factors: int = 1,
        reflections: bool | None = None,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        if reflections and not ambient.reflections:
            raise ValueError(
                f"reflections=True needs an ambient group with reflections, such as "
                f"'E({ambient.dimension})' or 'O({ambient.dimension})', got {ambient.name!r}"
            )
        if not 0 <= num_generators <= len(ambient):
            raise ValueError(
                f"num_generators must lie between 0 and {len(ambient)}, the dimension of the "
                f"algebra of {ambient.name}, got {num_generators}"
            )
        if not 0.0 < extent < max_extent < math.inf:
            raise ValueError(
                f"extents must satisfy 0 < extent < max_extent, got extent={extent} and "
                f"max_extent={max_extent}"
            )
        if num_factors < 1:
            raise ValueError(f"num_factors must be at least 1, got {num_factors}")
        self.ambient = ambient
        self.max_extent = float(max_extent)
        self.num_factors = num_factors
        shape = (num_generators, len(ambient))
        # Float64: twelve numbers cost nothing, and the angles that decide verdicts are small.
        start = torch.randn(shape, generator=generator, dtype=torch.float64)
        if num_generators == len(ambient):
            start = torch.eye(num_generators, dtype=torch.float64)
        self.raw_basis = nn.Parameter(start)
        self.raw_extents = nn.Parameter(torch.empty(num_generators, dtype=torch.float64))
        self.register_buffer("_algebra_basis", ambient.basis.clone(), persistent=False)
        if ambient.reflections:
            share = 0.0 if reflections is False else 0.5
            # Buffers, so that a state dict says which components a transform was made to sample.
            self.register_buffer("reflection_share", torch.tensor(share, dtype=torch.float64))
            signs = torch.ones(ambient.basis.shape[-1], dtype=torch.float64)
            signs[0] = -1.0
            self.register_buffer("reflection", signs.diag())
        with torch.no_grad():
            self.raw_basis.copy_(self.basis)
        self.set_extents(torch.full((num_generators,), extent, dtype=torch.float64))

    @property
    def basis(self) -> Tensor:
        """Coefficients ``[k, m]`` of the generators: orthonormal rows."""
        # QR with its signs fixed has finite gradients at orthonormal rows; a polar factor by SVD
        # has not.
        frame, triangle = torch.linalg.qr(self.raw_basis.T)
        signed: Tensor = frame * triangle.diagonal().detach().sign()
        return signed.T

    @property
    def extents(self) -> Tensor:
        """Extents ``[k]`` in [0, max_extent]."""
        # The sine transformation of MINUIT: at either bound the gradient turns round, where that
        # of a sigmoid fades away for good and leaves an extent stuck.
        return 0.5 * self.max_extent * (1.0 + self.raw_extents.sin())

    @property
    def reflects(self) -> bool:
        """Whether elements come from the component of reflections, too."""
        return self.ambient.reflections and bool(self.reflection_share > 0)

    def set_reflection(self, matrix: Tensor) -> None:
        """Set the reflection ``[n, n]``, in normalised units, that leads to the other component.

        Raises:
            ValueError: If the ambient group has no reflections, or the matrix is none.
        """
        size = self.ambient.dimension
        if not self.ambient.reflections:
            raise ValueError(f"{self.ambient.name} has no reflections")
        if matrix.shape != self.reflection.shape or not torch.linalg.det(matrix[:size, :size]) < 0:
            raise ValueError(
                f"a reflection of {self.ambient.name} is a matrix "
                f"{list(self.reflection.shape)} with determinant −1, got shape "
                f"{list(matrix.shape)}"
            )
        self.reflection.copy_(matrix)

    def set_basis(self, coefficients: Tensor) -> None:
        """Set the basis to the span of coefficient rows ``[k, m]``."""
        with torch.no_grad():
            self.raw_basis.copy_(coefficients)
            self.raw_basis.copy_(self.basis)

    def set_extents(self, extents: Tensor) -> None:
        """Set the extents ``[k]``.

        Raises:
            ValueError: If an extent lies outside (0, max_extent).
        """
        if bool(((extents <= 0) | (extents >= self.max_extent)).any()):
            raise ValueError(f"extents must lie in (0, {self.max_extent}), got {extents.tolist()}")
        with torch.no_grad():
            self.raw_extents.copy_((2 * extents.to(self.raw_extents) / self.max_extent - 1).asin())

    def generators(self) -> Tensor:
        """Return the generators ``[k, n, n]`` in normalised units."""
        return self._combine(self.basis)

    def sample(self, num: int, generator: torch.Generator | None = None) -> GroupElement:
        """Draw independent elements in normalised units, with gradient.

        Args:
            num: Number of elements.
            generator: Source of randomness; torch's default generator when ``None``.
        """
        device, dtype = self.raw_basis.device, self.raw_basis.dtype
        source = generator.device if generator is not None else torch.device("cpu")
        size = (num * self.num_factors, len(self.raw_extents))
        uniform = torch.rand(size, generator=generator, dtype=torch.float64, device=source)
        weights = (2 * uniform - 1).to(device, dtype) * self.extents
        exponentials = matrix_exponential(self._combine(weights @ self.basis))
        shape = (self.num_factors, num, *exponentials.shape[1:])
        matrix, *factors = exponentials.reshape(shape).unbind()
        for factor in factors:
            matrix = torch.bmm(matrix, factor)
        if self.ambient.reflections:
            draw = torch.rand(num, generator=generator, dtype=torch.float64, device=source)
            flip = draw.to(device) < self.reflection_share
            reflected = matrix @ self.reflection.to(matrix)
            matrix = torch.where(flip[:, None, None], reflected, matrix)
        return GroupElement(matrix, self.ambient.affine)

    def _combine(self, coefficients: Tensor) -> Tensor:
        frame = self._algebra_basis.to(coefficients)
        return (coefficients @ frame.flatten(1)).reshape(-1, *frame.shape[1:])


def reflect_first_axis(matrix: Tensor, flip: Tensor) -> Tensor:
    """Compose each flagged element ``[B, n, n]`` with the reflection of the first axis."""
    signs = torch.ones(matrix.shape[0], 1, matrix.shape[-1], dtype=matrix.dtype, device=flip.device)
    signs[:, 0, 0] = torch.where(flip, -1.0, 1.0).to(matrix.dtype)
    return matrix * signs
