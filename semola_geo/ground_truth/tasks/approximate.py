"""Rotations that an external field breaks, weakly to strongly."""

from __future__ import annotations

from torch import Tensor

from semola_geo.algebra import LieAlgebra
from semola_geo.ground_truth.maps import about_axis, gram, mix, normal
from semola_geo.ground_truth.task import GroundTruthTask, Inputs

__all__ = ["APPROXIMATE"]

_ABOUT_X = about_axis((1.0, 0.0, 0.0))[1]


def _in_field(strength: float) -> GroundTruthTask:
    def label(inputs: Inputs) -> Tensor:
        x = inputs["pos"]
        return mix(gram(x)) + strength * (0.8 * x[:, 0, 2] + 0.5 * x[:, 1, 2]).sin()

    return GroundTruthTask(
        f"field_{strength}",
        "GL(3)",
        {"pos": "vector"},
        "scalar",
        normal(2, 3),
        label,
        LieAlgebra.from_name("so(2)", 3),
        weak=_ABOUT_X,
    )


APPROXIMATE = tuple(map(_in_field, (0.4, 0.5, 0.65, 0.85, 1.1)))
