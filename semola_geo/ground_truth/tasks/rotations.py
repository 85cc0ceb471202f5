"""Rotations: about tilted axes, in space, with reflections, on stretched inputs, in a range."""

from __future__ import annotations

import torch
from torch import Tensor

from semola_geo.algebra import LieAlgebra
from semola_geo.ground_truth.maps import about_axis, gram, mix, normal, points
from semola_geo.ground_truth.task import GroundTruthTask, Inputs

__all__ = ["ROTATIONS"]

_AXIS, _ABOUT_AXIS = about_axis((1.0, 2.0, 2.0))
_OBLIQUE, _ABOUT_OBLIQUE = about_axis((3.0, -1.0, 2.0))
_SO3 = LieAlgebra.from_name("so(3)")
_RANGE = 0.65  # radians, 37 degrees


def _cylinder(inputs: Inputs) -> Tensor:
    x = inputs["pos"][:, 0]
    height = x @ _AXIS
    return (1.2 * height).sin() + 0.4 * (x.square().sum(1) - height.square())


def _swirl(inputs: Inputs) -> Tensor:
    one, two = inputs["pos"].unbind(1)
    height = (one @ _OBLIQUE)[:, None]
    turned = torch.linalg.cross(_OBLIQUE.expand_as(one), one)
    swirl: Tensor = height.cos() * two + turned
    return swirl + 0.4 * one.square().sum(1, keepdim=True) * _OBLIQUE


def _inner(inputs: Inputs) -> Tensor:
    return mix(gram(inputs["pos"]))


def _chiral(inputs: Inputs) -> Tensor:
    x = inputs["pos"]
    volume: Tensor = torch.linalg.det(x)
    return 0.5 * volume + mix(gram(x[:, :2]))


def _gentle(inputs: Inputs) -> Tensor:
    return mix(gram(inputs["pos"]) / 4)


def _turned_within_range(count: int, generator: torch.Generator) -> Inputs:
    shape = points(count, 2, 2, generator) * 0.5
    shape[:, 0, 0] += 1.5
    angle = (2 * torch.rand(count, generator=generator, dtype=torch.float64) - 1) * _RANGE
    rows = torch.stack([angle.cos(), -angle.sin(), angle.sin(), angle.cos()], dim=1)
    return {"pos": shape @ rows.reshape(count, 2, 2).mT}


_LINEAR = {"pos": "vector"}

ROTATIONS = (
    GroundTruthTask(
        "so2_tilted", "Aff(3)", {"pos": "point"}, "scalar", normal(1, 3), _cylinder, _ABOUT_AXIS
    ),
    GroundTruthTask("so2_vector", "GL(3)", _LINEAR, "vector", normal(2, 3), _swirl, _ABOUT_OBLIQUE),
    GroundTruthTask("so3_scalar", "GL(3)", _LINEAR, "scalar", normal(2, 3), _inner, _SO3),
    GroundTruthTask(
        "o3_scalar", "O(3)", _LINEAR, "scalar", normal(3, 3), _inner, _SO3, reflections=True
    ),
    GroundTruthTask(
        "so3_chiral", "O(3)", _LINEAR, "scalar", normal(3, 3), _chiral, _SO3, reflections=False
    ),
    GroundTruthTask(
        "so3_stretched",
        "GL(3)",
        _LINEAR,
        "scalar",
        normal(2, 3, stretch=(1.0, 1.0, 3.0)),
        _gentle,
        _SO3,
    ),
    GroundTruthTask(
        "so2_within_37_degrees",
        "GL(2)",
        _LINEAR,
        "scalar",
        _turned_within_range,
        _inner,
        LieAlgebra.from_name("so(2)"),
    ),
)
