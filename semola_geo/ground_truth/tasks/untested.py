"""Data that never move along some directions, about which nothing may be concluded."""

from __future__ import annotations

import torch
from torch import Tensor

from semola_geo.algebra import LieAlgebra
from semola_geo.ground_truth.maps import distances, gram, mix, no_symmetry, points
from semola_geo.ground_truth.task import GroundTruthTask, Inputs
from semola_geo.groups import random_rotations

__all__ = ["UNTESTED"]

_STEP = 0.4
_TEMPLATE = torch.tensor([[1.2, 0.0, 0.3], [-0.4, 1.0, 0.0]], dtype=torch.float64)


def _distances(inputs: Inputs) -> Tensor:
    return mix(distances(inputs["pos"]) / 2)


def _inner(inputs: Inputs) -> Tensor:
    return mix(gram(inputs["pos"]))


def _planar(count: int, generator: torch.Generator) -> Inputs:
    x = points(count, 3, 3, generator)
    x[:, :, 2] = 0.0
    return {"pos": x}


def _centred(count: int, generator: torch.Generator) -> Inputs:
    x = points(count, 3, 3, generator)
    return {"pos": x - x.mean(1, keepdim=True)}


def _canonical_pose(count: int, generator: torch.Generator) -> Inputs:
    """The first point lies on the x axis, the second one in the plane z = 0."""
    x = 0.3 * points(count, 3, 3, generator)
    x[:, 0, 0] += 1.5
    x[:, 1, 1] += 1.5
    x[:, 0, 1:] = 0.0
    x[:, 1, 2:] = 0.0
    return {"pos": x}


def _pose(inputs: Inputs) -> Tensor:
    return torch.cat([inputs["pos"][:, 0, 1:], inputs["pos"][:, 1, 2:]], dim=1)


def _one_orbit(count: int, generator: torch.Generator) -> Inputs:
    turn = random_rotations(count, 3, generator).to(torch.float64)
    return {"pos": _TEMPLATE @ turn.mT}


def _combination(inputs: Inputs) -> Tensor:
    one, two = inputs["pos"].unbind(1)
    normal: Tensor = torch.linalg.cross(one, two)
    return one - 0.5 * two + 0.7 * normal


def _circular_orbits(count: int, generator: torch.Generator) -> Inputs:
    """Two equal masses on circles about their resting centre, G = m = 1; see TwoBody."""
    uniform = torch.rand(count, 2, generator=generator, dtype=torch.float64)
    radius, angle = 0.7 + 1.3 * uniform[:, :1], 2 * torch.pi * uniform[:, 1:]
    place = radius * torch.cat([angle.cos(), angle.sin()], dim=1)
    speed = torch.cat([-angle.sin(), angle.cos()], dim=1) / (2 * radius.sqrt())
    return {
        "pos": torch.stack([place, -place], dim=1),
        "vel": torch.stack([speed, -speed], dim=1),
    }


def _next_place(inputs: Inputs) -> Tensor:
    place, velocity = inputs["pos"][:, 0], inputs["vel"][:, 0]
    rate = 1 / (2 * place.square().sum(1, keepdim=True) ** 0.75)
    angle = rate * _STEP
    return angle.cos() * place + angle.sin() / rate * velocity


def _circles(inputs: Inputs) -> Tensor:
    pos, vel = inputs["pos"], inputs["vel"]
    place, velocity = pos[:, 0], vel[:, 0]
    upright = (place * velocity).sum(1, keepdim=True)
    energy = velocity.square().sum(1, keepdim=True) - 1 / (
        4 * place.square().sum(1, keepdim=True).sqrt()
    )
    return torch.cat([pos.sum(1), vel.sum(1), upright, energy], dim=1)


UNTESTED = (
    GroundTruthTask(
        "planar",
        "Aff(3)",
        {"pos": "point"},
        "scalar",
        _planar,
        _distances,
        LieAlgebra.from_name("se(2)", 3),
        constraint=lambda inputs: inputs["pos"][:, :, 2],
    ),
    GroundTruthTask(
        "centred",
        "Aff(3)",
        {"pos": "point"},
        "scalar",
        _centred,
        _distances,
        LieAlgebra.from_name("so(3)", affine=True),
        constraint=lambda inputs: inputs["pos"].mean(1),
    ),
    GroundTruthTask(
        "canonical_pose",
        "GL(3)",
        {"pos": "vector"},
        "scalar",
        _canonical_pose,
        _inner,
        no_symmetry(3),
        constraint=_pose,
    ),
    GroundTruthTask(
        "one_orbit",
        "GL(3)",
        {"pos": "vector"},
        "vector",
        _one_orbit,
        _combination,
        LieAlgebra.from_name("so(3)"),
        constraint=lambda inputs: gram(inputs["pos"]) - gram(_TEMPLATE[None]),
    ),
    GroundTruthTask(
        "two_body",
        "GL(2)",
        {"pos": "vector", "vel": "vector"},
        "vector",
        _circular_orbits,
        _next_place,
        LieAlgebra.from_name("so(2)"),
        constraint=_circles,
    ),
)
