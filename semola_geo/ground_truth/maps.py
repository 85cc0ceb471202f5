"""Maps that tasks are made of: invariants, functions of them, and functions without symmetry."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from semola_geo.algebra import LieAlgebra
from semola_geo.ground_truth.task import Inputs

__all__ = [
    "about_axis",
    "distances",
    "gram",
    "minkowski",
    "mix",
    "no_symmetry",
    "normal",
    "points",
    "wild",
]


def normal(
    nodes: int, dimension: int, stretch: Sequence[float] | None = None
) -> Callable[[int, torch.Generator], Inputs]:
    """Return a law of independent normal coordinates ``pos`` with the deviations ``stretch``."""
    scale = torch.tensor(stretch or [1.0] * dimension, dtype=torch.float64)

    def draw(count: int, generator: torch.Generator) -> Inputs:
        return {"pos": scale * points(count, nodes, dimension, generator)}

    return draw


def points(count: int, nodes: int, dimension: int, generator: torch.Generator) -> Tensor:
    """Return standard normal points ``[count, nodes, dimension]`` (float64)."""
    return torch.randn(count, nodes, dimension, generator=generator, dtype=torch.float64)


def gram(x: Tensor, metric: Tensor | None = None) -> Tensor:
    """Return all inner products of vectors ``[B, n, d]`` as ``[B, n (n + 1) / 2]``.

    >>> gram(torch.tensor([[[1.0, 2.0], [0.0, 1.0]]])).tolist()
    [[5.0, 2.0, 1.0]]
    """
    other = x if metric is None else x @ metric.to(x)
    rows, columns = torch.triu_indices(x.shape[1], x.shape[1])
    return (x @ other.mT)[:, rows, columns]


def minkowski(x: Tensor) -> Tensor:
    """Return all products of four-vectors in the signature (+, −, −, −)."""
    return gram(x, torch.diag(torch.tensor([1.0, -1.0, -1.0, -1.0])))


def distances(x: Tensor) -> Tensor:
    """Return squared distances of all pairs of points ``[B, n, d]``: ``[B, n (n - 1) / 2]``."""
    rows, columns = torch.triu_indices(x.shape[1], x.shape[1], 1)
    return (x[:, rows] - x[:, columns]).square().sum(2)


def mix(values: Tensor) -> Tensor:
    """Return one smooth number that depends on all of ``[B, k]`` in different ways.

    Its symmetry is that of the values: they are weighed and bent, each on its own.
    """
    count = values.shape[1]
    weight = torch.linspace(1.0, 0.6, count, dtype=values.dtype)
    bend = torch.linspace(0.2, 0.35, count, dtype=values.dtype)
    return (weight * (bend * values + 0.4).sin()).sum(1)


def wild(values: Tensor, phase: float = 0.0) -> Tensor:
    """Return a smooth function of ``[B, k]`` that no linear or affine map of them preserves."""
    count = values.shape[1]
    shift = torch.arange(count, dtype=values.dtype) * 2.0 + 0.5 + phase
    weight = torch.linspace(1.2, 0.7, count, dtype=values.dtype)
    waves = (weight * values + shift).sin().sum(1)
    return waves + 0.4 * (values * values.roll(1, 1) * shift.cos()).sum(1)


def about_axis(axis: Sequence[float]) -> tuple[Tensor, LieAlgebra]:
    """Return the unit vector along an axis of R³, and rotations about it.

    >>> about_axis((0.0, 0.0, 2.0))[1].name
    'so(2)'
    """
    unit = torch.nn.functional.normalize(torch.tensor(axis, dtype=torch.float64), dim=0)
    x, y, z = unit.tolist()
    cross = torch.tensor([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]], dtype=torch.float64)
    return unit, LieAlgebra(cross[None])


def no_symmetry(dimension: int, affine: bool = False) -> LieAlgebra:
    """Return the trivial algebra on R^d."""
    return LieAlgebra.from_name("trivial", dimension, affine)
