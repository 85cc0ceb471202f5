"""No symmetry at all: in several ambient groups, for several kinds of targets, and pure noise."""

from __future__ import annotations

import torch
from torch import Tensor

from semola_geo.ground_truth.maps import distances, mix, no_symmetry, normal, wild
from semola_geo.ground_truth.task import GroundTruthTask, Inputs

__all__ = ["NONE"]


def _wild(inputs: Inputs) -> Tensor:
    return wild(inputs["pos"].flatten(1))


def _wild_vector(inputs: Inputs) -> Tensor:
    x = inputs["pos"].flatten(1)
    return torch.stack([wild(x.roll(k, 1), 0.8 * k) for k in range(3)], dim=1)


def _wild_tensor(inputs: Inputs) -> Tensor:
    x = inputs["pos"].flatten(1)
    one, two, three = (wild(x.roll(k, 1), 0.8 * k) for k in range(3))
    return torch.stack([one, two, two, three], dim=1).reshape(-1, 2, 2)


def _crystal(inputs: Inputs) -> Tensor:
    """Distances in an anisotropic medium that also varies from place to place."""
    x = inputs["pos"]
    stretched = x * torch.tensor([1.5, 1.0, 0.5], dtype=x.dtype)
    return mix(distances(stretched) / 2) + (x[:, 0] + torch.tensor([0.0, 1.0, 2.0])).sin().sum(1)


_VECTORS, _POINTS = {"pos": "vector"}, {"pos": "point"}

NONE = (
    GroundTruthTask(
        "none_scalar", "Aff(3)", _POINTS, "scalar", normal(2, 3), _wild, no_symmetry(3, True)
    ),
    GroundTruthTask(
        "none_plane", "Aff(2)", _POINTS, "scalar", normal(2, 2), _wild, no_symmetry(2, True)
    ),
    GroundTruthTask(
        "none_vector", "GL(3)", _VECTORS, "vector", normal(2, 3), _wild_vector, no_symmetry(3)
    ),
    GroundTruthTask(
        "none_tensor", "GL(2)", _VECTORS, "ij=ji", normal(2, 2), _wild_tensor, no_symmetry(2)
    ),
    GroundTruthTask(
        "none_crystal", "SE(3)", _POINTS, "scalar", normal(3, 3), _crystal, no_symmetry(3, True)
    ),
    GroundTruthTask(
        "none_spacetime", "SO(1,3)", _VECTORS, "scalar", normal(1, 4), _wild, no_symmetry(4)
    ),
    GroundTruthTask("noise_only", "GL(3)", _VECTORS, "scalar", normal(2, 3), None, no_symmetry(3)),
)
