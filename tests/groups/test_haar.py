"""Moments of the Haar measure, with five-sigma bounds from the central limit theorem."""

import math

import pytest
import torch

from semola_geo.groups import random_rotations

SIZE = 20_000


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("d", [2, 3, 4, 5])
def test_moments(d):
    r = random_rotations(SIZE, d, generator())
    torch.testing.assert_close(r @ r.mT, torch.eye(d, dtype=torch.float64).expand_as(r))
    torch.testing.assert_close(torch.linalg.det(r), torch.ones(SIZE, dtype=torch.float64))
    bound = 5 * r.std(0) / math.sqrt(SIZE)
    assert (r.mean(0).abs() < bound).all()
    square = r.square()
    bound = 5 * square.std(0) / math.sqrt(SIZE)
    assert ((square.mean(0) - 1 / d).abs() < bound).all()
    # E[tr R²] is 1 for SO(d), d > 2 (Frobenius-Schur), and E[(tr R)²] is 1 as for any irrep.
    if d > 2:
        for value in (
            torch.einsum("bij,bji->b", r, r),
            r.diagonal(dim1=1, dim2=2).sum(1).square(),
        ):
            assert abs(float(value.mean()) - 1) < 5 * float(value.std()) / math.sqrt(SIZE)


def test_angle_of_a_rotation_follows_the_haar_density():
    angle = angles(random_rotations(SIZE, 3, generator(1)))
    # E[cos θ] under density (1 − cos θ)/π is −1/2.
    assert abs(float(angle.cos().mean()) + 0.5) < 5 * float(angle.cos().std()) / math.sqrt(SIZE)


@pytest.mark.parametrize("degrees", [20.0, 90.0, 180.0])
def test_restricted_ball_in_three_dimensions(degrees):
    angle = angles(random_rotations(SIZE, 3, generator(2), degrees))
    bound = math.radians(degrees)
    assert float(angle.max()) <= bound + 1e-6
    # The distribution function (θ − sin θ)/(θ₀ − sin θ₀) of the angles is uniform.
    uniform = (angle - angle.sin()) / (bound - math.sin(bound))
    for value, mean in ((uniform, 1 / 2), (uniform.square(), 1 / 3)):
        assert abs(float(value.mean()) - mean) < 5 * float(value.std()) / math.sqrt(SIZE)
    axes = random_rotations(SIZE, 3, generator(3), degrees)
    vector = torch.stack([axes[:, 2, 1] - axes[:, 1, 2], axes[:, 0, 2] - axes[:, 2, 0]])
    assert (vector.mean(1).abs() < 5 * vector.std(1) / math.sqrt(SIZE)).all()


def test_restricted_ball_in_the_plane():
    r = random_rotations(SIZE, 2, generator(4), 30.0)
    angle = torch.atan2(r[:, 1, 0], r[:, 0, 0])
    bound = math.radians(30.0)
    assert float(angle.abs().max()) <= bound + 1e-9
    assert abs(float(angle.mean())) < 5 * bound / math.sqrt(3 * SIZE)
    assert abs(float(angle.square().mean()) - bound**2 / 3) < 5 * bound**2 / math.sqrt(SIZE)


def test_generators_decide():
    for angle in (None, 40.0):
        first, again, other = (random_rotations(4, 3, generator(s), angle) for s in (0, 0, 1))
        assert torch.equal(first, again) and not torch.equal(first, other)


@pytest.mark.parametrize(("d", "angle"), [(4, 30.0), (3, 0.0), (3, 181.0)])
def test_angles_that_are_refused(d, angle):
    with pytest.raises(ValueError, match="max_angle must lie in"):
        random_rotations(2, d, max_angle=angle)


def angles(r):
    cosine = (r.diagonal(dim1=1, dim2=2).sum(1) - 1) / 2
    return cosine.clamp(-1, 1).acos()
