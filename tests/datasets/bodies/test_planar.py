"""Poses of two bodies in the plane: all of a system turns, and nothing happens in it."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from semola_geo.datasets import TwoBody

OPTIONS: dict[str, Any] = {"count": 200, "masses": [3, 1], "dtype": torch.float64}
NAMES = ("pos", "vel", "next_pos", "next_vel", "acceleration")


def rows(data: TwoBody) -> Tensor:
    """All vectors of every system, ``[N, 10, 2]``."""
    return torch.cat([data._data[name].view(len(data), 2, 2) for name in NAMES], dim=1)


def test_a_pose_changes_nothing_in_a_system() -> None:
    plain = rows(TwoBody(**OPTIONS))
    for pose in ({"orientation": "canonical"}, {"orientation": "restricted", "max_angle": 90}):
        data = TwoBody(**OPTIONS, **pose)
        turned = rows(data)
        torch.testing.assert_close(turned @ turned.mT, plain @ plain.mT)
        # Areas keep their sign: no mirror images, and orbits go on turning the same way.
        torch.testing.assert_close(
            torch.linalg.det(turned[:, [0, 2]]), torch.linalg.det(plain[:, [0, 2]])
        )
        assert not torch.allclose(turned, plain)
        assert data._data.mass.equal(TwoBody(**OPTIONS)._data.mass)


def test_canonical_bodies_lie_along_x_and_restricted_ones_within_their_angle() -> None:
    pos = rows(TwoBody(orientation="canonical", **OPTIONS))[:, :2]
    apart = pos[:, 0] - pos[:, 1]
    torch.testing.assert_close(apart[:, 0], apart.norm(dim=1))
    pos = rows(TwoBody(orientation="restricted", max_angle=40, **OPTIONS))[:, :2]
    apart = pos[:, 0] - pos[:, 1]
    angle = torch.atan2(apart[:, 1], apart[:, 0]).rad2deg()
    assert angle.abs().max() <= 40 + 1e-9
    # 200 uniform angles: each outer sixth is missed with probability (5/6)^200 < 2e-16.
    assert angle.min() < -40 * 2 / 3
    assert angle.max() > 40 * 2 / 3
