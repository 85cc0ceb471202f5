"""Space-time: Lorentz and Poincaré groups, boosts alone, and a hidden Lorentz group."""

from __future__ import annotations

import torch
from torch import Tensor

from semola_geo.algebra import LieAlgebra
from semola_geo.ground_truth.maps import minkowski, mix, normal, wild
from semola_geo.ground_truth.task import GroundTruthTask, Inputs

__all__ = ["SPACETIME"]

_VECTORS = {"pos": "vector"}
_LORENTZ = LieAlgebra.from_name("so(1,3)")
_HIDING = torch.tensor(
    [[1.0, 0.3, 0.0, 0.0], [0.0, 1.0, 0.4, 0.0], [0.2, 0.0, 0.9, 0.3], [0.0, 0.0, 0.0, 1.1]],
    dtype=torch.float64,
)


def _products(inputs: Inputs) -> Tensor:
    return mix(minkowski(inputs["pos"]))


def _interval(inputs: Inputs) -> Tensor:
    return mix(minkowski(inputs["pos"][:, :1] - inputs["pos"][:, 1:]))


def _boosted_along_x(inputs: Inputs) -> Tensor:
    x = inputs["pos"][:, 0]
    invariant = x[:, 0].square() - x[:, 1].square()
    return wild(torch.stack([0.7 * invariant, x[:, 2], x[:, 3]], dim=1))


def _hidden_products(inputs: Inputs) -> Tensor:
    return mix(minkowski(inputs["pos"] @ torch.linalg.inv(_HIDING).T))


SPACETIME = (
    GroundTruthTask("lorentz", "GL(4)", _VECTORS, "scalar", normal(2, 4), _products, _LORENTZ),
    GroundTruthTask(
        "poincare",
        "Aff(4)",
        {"pos": "point"},
        "scalar",
        normal(2, 4),
        _interval,
        LieAlgebra.from_name("poincare(1,3)"),
    ),
    GroundTruthTask(
        "boost",
        "SO(1,3)",
        _VECTORS,
        "scalar",
        normal(1, 4),
        _boosted_along_x,
        LieAlgebra.from_name("so(1,1)", 4),
    ),
    GroundTruthTask(
        "lorentz_hidden",
        "GL(4)",
        _VECTORS,
        "scalar",
        normal(2, 4),
        _hidden_products,
        _LORENTZ.conjugate(_HIDING),
    ),
)
