"""Volume-preserving and general linear groups, and rotations hidden by a change of coordinates."""

from __future__ import annotations

import torch
from torch import Tensor

from semola_geo.algebra import LieAlgebra
from semola_geo.ground_truth.maps import gram, mix, normal, points
from semola_geo.ground_truth.task import GroundTruthTask, Inputs

__all__ = ["LINEAR"]

_VECTORS = {"pos": "vector"}
_HIDING = torch.tensor([[1.0, 0.5, 0.0], [0.0, 1.0, 0.4], [0.3, 0.0, 0.8]], dtype=torch.float64)


def _areas(inputs: Inputs) -> Tensor:
    x = inputs["pos"]
    pairs = ((0, 1), (1, 2), (2, 0))
    areas = [x[:, i, 0] * x[:, j, 1] - x[:, i, 1] * x[:, j, 0] for i, j in pairs]
    return mix(2 * torch.stack(areas, dim=1))


def _volume(inputs: Inputs) -> Tensor:
    volume: Tensor = torch.linalg.det(inputs["pos"])
    return volume


def _near_unit_frame(count: int, generator: torch.Generator) -> Inputs:
    unit = torch.eye(3, dtype=torch.float64)
    return {"pos": unit + 0.5 * points(count, 3, 3, generator)}


def _with_phases(count: int, generator: torch.Generator) -> Inputs:
    phase = points(count, 2, 1, generator)[..., 0]
    return {"pos": points(count, 2, 2, generator), "phase": phase}


def _combination(inputs: Inputs) -> Tensor:
    weights = torch.stack([inputs["phase"][:, 0].cos(), inputs["phase"][:, 1].sin()], dim=1)
    return torch.einsum("bn,bnd->bd", weights, inputs["pos"])


def _hidden_inner(inputs: Inputs) -> Tensor:
    return mix(gram(inputs["pos"] @ torch.linalg.inv(_HIDING).T) / 2)


LINEAR = (
    GroundTruthTask(
        "sl2", "GL(2)", _VECTORS, "scalar", normal(3, 2), _areas, LieAlgebra.from_name("sl(2)")
    ),
    GroundTruthTask(
        "sl3", "GL(3)", _VECTORS, "scalar", _near_unit_frame, _volume, LieAlgebra.from_name("sl(3)")
    ),
    GroundTruthTask(
        "gl2",
        "GL(2)",
        {"pos": "vector", "phase": "scalar"},
        "vector",
        _with_phases,
        _combination,
        LieAlgebra.from_name("gl(2)"),
    ),
    GroundTruthTask(
        "so3_hidden",
        "GL(3)",
        _VECTORS,
        "scalar",
        normal(2, 3),
        _hidden_inner,
        LieAlgebra.from_name("so(3)").conjugate(_HIDING),
    ),
)
