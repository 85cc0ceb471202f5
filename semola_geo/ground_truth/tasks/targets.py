"""Targets that move: vectors, pseudovectors and symmetric tensors."""

from __future__ import annotations

import torch
from torch import Tensor

from semola_geo.algebra import LieAlgebra
from semola_geo.ground_truth.maps import normal
from semola_geo.ground_truth.task import GroundTruthTask, Inputs

__all__ = ["TARGETS"]

_SO3 = LieAlgebra.from_name("so(3)")


def _dipole(inputs: Inputs) -> Tensor:
    local = inputs["pos"] - inputs["pos"].mean(1, keepdim=True)
    charge = (0.5 * local.square().sum(2, keepdim=True)).cos()
    charge = charge + torch.linspace(-1, 1, local.shape[1], dtype=local.dtype)[:, None]
    return (charge * local).sum(1)


def _torque(inputs: Inputs) -> Tensor:
    one, two = inputs["pos"].unbind(1)
    strength = 1 + 0.6 * (one * two).sum(1, keepdim=True).sin()
    torque: Tensor = strength * torch.linalg.cross(one, two)
    return torque


def _inertia(inputs: Inputs) -> Tensor:
    one, two = inputs["pos"].unbind(1)
    # Bounded: a form of degree two throughout would be equivariant under dilations as well.
    trace = (0.5 * two.square().sum(1)).sin()[:, None, None] * torch.eye(3, dtype=one.dtype)
    return one[:, :, None] * one[:, None] - two[:, :, None] * two[:, None] + 2 * trace


TARGETS = (
    GroundTruthTask(
        "se3_vector",
        "Aff(3)",
        {"pos": "point"},
        "vector",
        normal(3, 3),
        _dipole,
        LieAlgebra.from_name("se(3)"),
    ),
    GroundTruthTask(
        "so3_pseudovector",
        "GL(3)",
        {"pos": "vector"},
        "pseudovector",
        normal(2, 3),
        _torque,
        _SO3,
    ),
    GroundTruthTask(
        "so3_tensor", "GL(3)", {"pos": "vector"}, "ij=ji", normal(2, 3), _inertia, _SO3
    ),
)
