"""Groups with translations or dilations: t(k), se(3), sim(3), scaling, helices."""

from __future__ import annotations

import torch
from torch import Tensor

from semola_geo.algebra import LieAlgebra
from semola_geo.ground_truth.maps import distances, gram, mix, normal, wild
from semola_geo.ground_truth.task import GroundTruthTask, Inputs

__all__ = ["AFFINE"]

_POINTS = {"pos": "point"}


def _along(axes: tuple[int, ...]) -> LieAlgebra:
    """Translations of R³ along coordinate axes."""
    generators = torch.zeros(len(axes), 4, 4, dtype=torch.float64)
    generators[range(len(axes)), axes, 3] = 1.0
    return LieAlgebra(generators)


def _no_z(inputs: Inputs) -> Tensor:
    x = inputs["pos"]
    return wild(torch.cat([x[:, :, :2].flatten(1), x[:, :1, 2] - x[:, 1:, 2]], dim=1))


def _no_xy(inputs: Inputs) -> Tensor:
    x = inputs["pos"]
    return wild(torch.cat([x[:, 0, :2] - x[:, 1, :2], x[:, :, 2]], dim=1))


def _difference(inputs: Inputs) -> Tensor:
    return wild(inputs["pos"][:, 0] - inputs["pos"][:, 1])


def _distances(inputs: Inputs) -> Tensor:
    return mix(distances(inputs["pos"]) / 2)


def _shape(inputs: Inputs) -> Tensor:
    apart = distances(inputs["pos"])
    return mix(6 * apart[:, :2] / apart.sum(1, keepdim=True))


def _quotient(inputs: Inputs) -> Tensor:
    x = inputs["pos"].flatten(1)
    one, two, three, four = x.unbind(1)
    quadratic = one.square() - 2 * two * three + 0.5 * two.square() + one * four
    return (quadratic + 1.5 * three * four) / x.square().sum(1)


def _helix(inputs: Inputs) -> Tensor:
    x = inputs["pos"]
    height = x[:, :1, 2] - x[:, 1:, 2]
    return mix(torch.cat([gram(x[:, :, :2]), 2 * height], dim=1))


AFFINE = (
    GroundTruthTask("t1", "Aff(3)", _POINTS, "scalar", normal(2, 3), _no_z, _along((2,))),
    GroundTruthTask("t2", "Aff(3)", _POINTS, "scalar", normal(2, 3), _no_xy, _along((0, 1))),
    GroundTruthTask(
        "t3", "Aff(3)", _POINTS, "scalar", normal(2, 3), _difference, _along((0, 1, 2))
    ),
    GroundTruthTask(
        "se3_scalar",
        "Aff(3)",
        _POINTS,
        "scalar",
        normal(3, 3),
        _distances,
        LieAlgebra.from_name("se(3)"),
    ),
    GroundTruthTask(
        "sim3", "Aff(3)", _POINTS, "scalar", normal(3, 3), _shape, LieAlgebra.from_name("sim(3)")
    ),
    GroundTruthTask(
        "scaling",
        "GL(2)",
        {"pos": "vector"},
        "scalar",
        normal(2, 2),
        _quotient,
        LieAlgebra.from_name("scaling", 2),
    ),
    GroundTruthTask(
        "so2_t1",
        "Aff(3)",
        _POINTS,
        "scalar",
        normal(2, 3),
        _helix,
        LieAlgebra.from_name("so(2) + t(1)"),
    ),
)
