from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from semola_geo.datasets._orientation import (
    canonical_rotations,
    centroids,
    haar_rotations,
    restricted_rotations,
)

SAMPLES = 20_000
SIX_SIGMA = 6.0 / math.sqrt(SAMPLES)  # entries of a rotation have variance below 1


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def angles(rotation: Tensor) -> Tensor:
    trace = rotation.diagonal(dim1=-2, dim2=-1).sum(-1)
    return torch.rad2deg(torch.arccos(((trace - 1) / 2).clamp(-1, 1)))


def assert_proper(rotation: Tensor) -> None:
    identity = torch.eye(3, dtype=torch.float64).expand_as(rotation)
    torch.testing.assert_close(rotation @ rotation.mT, identity, atol=1e-12, rtol=0)
    assert (torch.linalg.det(rotation) > 0).all()


def assert_haar_moments(rotation: Tensor) -> None:
    """First and second moments of Haar measure: 0 and δᵢₖ δⱼₗ / 3."""
    flat = rotation.reshape(-1, 9)
    assert flat.mean(0).abs().max() < SIX_SIGMA
    second = flat.T @ flat / len(flat)
    assert (second - torch.eye(9, dtype=torch.float64) / 3).abs().max() < SIX_SIGMA
    trace = rotation.diagonal(dim1=-2, dim2=-1).sum(-1)
    assert abs(float((trace**2).mean()) - 1) < 3 * SIX_SIGMA


def test_random_rotations_are_uniform() -> None:
    rotation = haar_rotations(SAMPLES, seeded())
    assert_proper(rotation)
    assert_haar_moments(rotation)


def test_restricted_rotations_fill_the_group_at_180_degrees() -> None:
    assert_haar_moments(restricted_rotations(SAMPLES, 180.0, seeded()))


@given(max_angle=st.floats(0.0, 180.0), seed=st.integers(0, 2**31))
@settings(deadline=None, max_examples=20)
def test_restricted_angles_stay_below_the_limit(max_angle: float, seed: int) -> None:
    rotation = restricted_rotations(50, max_angle, seeded(seed))
    assert_proper(rotation)
    assert (angles(rotation) <= max_angle + 1e-4).all()


def test_restricted_angles_reach_the_limit_with_the_density_of_haar() -> None:
    found = angles(restricted_rotations(SAMPLES, 60.0, seeded()))
    limit = math.radians(60.0)
    # E θ under the density (1 − cos θ) / (a − sin a) on [0, a]
    first = limit**2 / 2 - limit * math.sin(limit) - math.cos(limit) + 1
    expected = math.degrees(first / (limit - math.sin(limit)))
    assert found.max() > 59.5
    assert float(found.mean()) == pytest.approx(expected, abs=60.0 * SIX_SIGMA)


def test_rotations_follow_the_generator() -> None:
    for sample in (haar_rotations, lambda n, g: restricted_rotations(n, 30.0, g)):
        assert torch.equal(sample(4, seeded(1)), sample(4, seeded(1)))
        assert not torch.equal(sample(4, seeded(1)), sample(4, seeded(2)))


@given(seed=st.integers(0, 2**31))
@settings(deadline=None, max_examples=25)
def test_canonical_pose_forgets_the_pose_it_came_from(seed: int) -> None:
    generator = seeded(seed)
    pos = torch.randn(2, 7, 3, generator=generator, dtype=torch.float64)
    pos = pos * torch.tensor([3.0, 2.0, 1.0]) - (pos * torch.tensor([3.0, 2.0, 1.0])).mean(1, True)
    z = torch.randint(1, 10, (14,), generator=generator)
    owner = torch.arange(2).repeat_interleave(7)
    turn = haar_rotations(2, generator)
    poses = []
    for cloud in (pos, torch.einsum("mij,maj->mai", turn, pos)):
        rotation = canonical_rotations(cloud.reshape(-1, 3), z, owner, 2)
        assert_proper(rotation)
        poses.append(torch.einsum("mij,maj->mai", rotation, cloud))
    torch.testing.assert_close(poses[0], poses[1], atol=1e-6, rtol=0)
    moments = poses[0].mT @ poses[0]
    diagonal = moments.diagonal(dim1=-2, dim2=-1)
    torch.testing.assert_close(moments, torch.diag_embed(diagonal), atol=1e-9, rtol=0)
    assert (diagonal.diff(dim=-1) <= 0).all()


def test_canonical_pose_keeps_mirror_images_apart() -> None:
    pos = torch.randn(6, 3, generator=seeded(), dtype=torch.float64)
    pos -= pos.mean(0)
    z, owner = torch.arange(1, 7), torch.zeros(6, dtype=torch.long)
    hands = [
        torch.linalg.det((cloud @ canonical_rotations(cloud, z, owner, 1)[0].T)[:3])
        for cloud in (pos, pos * torch.tensor([1.0, 1.0, -1.0]))
    ]
    torch.testing.assert_close(hands[0], -hands[1])


def test_centroids_of_molecules_of_different_size() -> None:
    pos = torch.tensor([[0.0, 0, 0], [2, 4, 6], [5, 5, 5]])
    expected = torch.tensor([[1.0, 2, 3], [5, 5, 5]])
    torch.testing.assert_close(centroids(pos, torch.tensor([0, 0, 1]), 2), expected)
