"""The bound on angles: least squares reaches it, where nothing can be told it is zero."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from semola_geo.algebra import LieAlgebra
from semola_geo.ground_truth import TASKS, GroundTruthTask
from semola_geo.ground_truth.information import angle_bound

COUNT, NOISE = 400, 0.5
SLOPE = torch.tensor([0.6, 0.8], dtype=torch.float64)


def symmetry_of(slope: Tensor) -> LieAlgebra:
    """All affine motions along the lines on which a linear function is constant."""
    along = torch.stack([-slope[1], slope[0]])
    generators = torch.zeros(3, 3, 3, dtype=torch.float64)
    generators[torch.arange(3), :2, torch.arange(3)] = along
    return LieAlgebra(generators, affine=True)


def draw(count: int, generator: torch.Generator) -> dict[str, Tensor]:
    return {"pos": torch.randn(count, 1, 2, generator=generator, dtype=torch.float64)}


LINEAR = GroundTruthTask(
    name="linear",
    ambient="Aff(2)",
    inputs={"pos": "point"},
    target="scalar",
    draw=draw,
    label=lambda inputs: inputs["pos"][:, 0] @ SLOPE,
    symmetry=symmetry_of(SLOPE),
)


def test_least_squares_reaches_the_bound() -> None:
    generator = torch.Generator().manual_seed(0)
    angles = []
    for _ in range(400):
        x = draw(COUNT, generator)["pos"][:, 0]
        y = x @ SLOPE
        y = y + NOISE * y.std() * torch.randn(COUNT, generator=generator, dtype=torch.float64)
        fitted = torch.linalg.lstsq(x, y[:, None]).solution[:, 0]
        angles.append(max(LINEAR.symmetry.principal_angles(symmetry_of(fitted))))
    measured = float(torch.tensor(angles).square().mean().sqrt())
    bound = float(angle_bound(LINEAR, COUNT, NOISE).square().mean().sqrt())
    # Two sample deviations of 400 draws each: their ratio scatters by 1 / 20.
    assert abs(measured / bound - 1) < 4 / 20


def test_it_grows_with_noise() -> None:
    # The same draws, so that small angles are proportional.
    little, much = (angle_bound(TASKS["so3_scalar"], 2000, noise) for noise in (0.01, 0.02))
    torch.testing.assert_close(much, 2 * little, rtol=1e-2, atol=1e-3)


@pytest.mark.parametrize("name", ["scaling", "o3_scalar"])
def test_what_no_change_of_coordinates_moves_has_no_bound(name: str) -> None:
    assert float(angle_bound(TASKS[name], 500, 0.3).max()) < 1e-6


@pytest.mark.parametrize(
    ("task", "noise"),
    [(TASKS["none_scalar"], 0.3), (TASKS["planar"], 0.3), (TASKS["so3_scalar"], 0.0)],
)
def test_mistakes(task: GroundTruthTask, noise: float) -> None:
    with pytest.raises(ValueError, match="needs a symmetry, unconstrained data and noise"):
        angle_bound(task, 100, noise)


def test_pure_noise_has_no_exact_map() -> None:
    task = replace(TASKS["noise_only"], symmetry=TASKS["so3_scalar"].symmetry)
    with pytest.raises(ValueError, match="pure-noise labels"):
        angle_bound(task, 100, 0.3)
