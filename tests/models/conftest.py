"""Small ragged graphs, and rigid motions with reflections."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch_geometric.data import Data

Maker = Callable[..., list[Data]]


@pytest.fixture
def ragged() -> Maker:
    """Return a maker of graphs of several sizes, one atom among them."""

    def make(
        sizes: tuple[int, ...] = (4, 1, 7), dtype: torch.dtype = torch.float32, seed: int = 0
    ) -> list[Data]:
        generator = torch.Generator().manual_seed(seed)
        graphs = []
        for size in sizes:
            vectors = 1.5 * torch.randn(2, size, 3, generator=generator, dtype=dtype)
            z = torch.randint(1, 9, (size,), generator=generator)
            spins = torch.randn(size, 2, 3, generator=generator, dtype=dtype)
            graphs.append(Data(pos=vectors[0], velocity=vectors[1], spin=spins, z=z))
        return graphs

    return make


@pytest.fixture
def isometry() -> tuple[Tensor, Tensor]:
    """Return an improper orthogonal matrix and a translation, float64."""
    generator = torch.Generator().manual_seed(3)
    random = torch.randn(3, 3, generator=generator, dtype=torch.float64)
    matrix = torch.linalg.qr(random).Q
    matrix = -torch.linalg.det(matrix).sign() * matrix
    return matrix, torch.randn(3, generator=generator, dtype=torch.float64)
