"""Random changes of coordinates, bases and noise for the tests of Lie algebras."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from semola_geo.algebra import LieAlgebra


def _normal(seed: int, *shape: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


@pytest.fixture(scope="session")
def normal() -> Callable[..., Tensor]:
    """Standard normal float64 numbers for a seed and a shape."""
    return _normal


@pytest.fixture(scope="session")
def change() -> Callable[..., Tensor]:
    """A well-conditioned random S: rotation, stretch by up to `stretch`, rotation, shift."""

    def draw(seed: int, dimension: int, affine: bool, stretch: float = 3.0) -> Tensor:
        left = torch.linalg.qr(_normal(seed, dimension, dimension))[0]
        right = torch.linalg.qr(_normal(seed + 1, dimension, dimension))[0]
        scales = torch.linspace(-0.5, 0.5, dimension, dtype=torch.float64) * math.log(stretch)
        linear = left @ torch.diag(scales.exp()) @ right
        if not affine:
            return linear
        matrix = torch.eye(dimension + 1, dtype=torch.float64)
        matrix[:dimension, :dimension] = linear
        matrix[:dimension, dimension] = 0.5 * _normal(seed + 2, dimension)
        return matrix

    return draw


@pytest.fixture(scope="session")
def other_basis() -> Callable[[LieAlgebra, int], LieAlgebra]:
    """The same span with a random basis, and nothing remembered about where it came from."""

    def mix(algebra: LieAlgebra, seed: int) -> LieAlgebra:
        mixing = torch.linalg.qr(_normal(seed, algebra.dim, algebra.dim))[0]
        mixing = mixing @ torch.diag(torch.linspace(0.5, 2.0, algebra.dim, dtype=torch.float64))
        mixed = torch.einsum("ij,jab->iab", mixing, algebra.generators)
        return LieAlgebra(mixed, affine=algebra.affine)

    return mix


@pytest.fixture(scope="session")
def tilted() -> Callable[[LieAlgebra, float, int], LieAlgebra]:
    """The span tilted in a random direction, with this largest principal angle in degrees."""

    def tilt(algebra: LieAlgebra, degrees: float, seed: int) -> LieAlgebra:
        basis = algebra.orthonormal_basis()
        shape = algebra.generators.shape
        noise = _normal(seed, *shape)
        if algebra.affine:
            noise[:, -1] = 0.0
        noise = noise.reshape(basis.shape)
        noise = noise - noise @ basis.T @ basis
        noise = noise * math.tan(math.radians(degrees)) / torch.linalg.matrix_norm(noise, ord=2)
        return LieAlgebra((basis + noise).reshape(shape), affine=algebra.affine)

    return tilt
