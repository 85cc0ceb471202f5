"""Bodies of unequal masses and chosen charges: what is conserved, and what models are shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from semola_geo.datasets import ChargedBodies, TwoBody

DOUBLE: dict[str, Any] = {"dtype": torch.float64}
MASSES = [5.0, 1.0, 2.0, 0.5]


def stacked(data: Any, name: str, nodes: int) -> Tensor:
    return torch.as_tensor(data._data[name]).reshape(len(data), nodes, *data._data[name].shape[1:])


def test_unequal_bodies_share_their_orbit_by_their_masses() -> None:
    """Centre of mass and momentum stay zero; an orbit is as wide as the other body is heavy."""
    data = TwoBody(count=100, masses=[3, 1], noise=0.1, **DOUBLE)
    mass = stacked(data, "mass", 2)
    torch.testing.assert_close(mass, torch.tensor([[1.5, 0.5]]).double().expand(100, 2))
    assert data.fields["mass"] == "scalar"
    assert data.energy_drift.max() < 1e-5
    for name in ("pos", "vel", "next_pos", "next_vel", "acceleration"):
        values = stacked(data, name, 2)
        assert (mass[..., None] * values).sum(1).abs().max() < 1e-6
        torch.testing.assert_close(3 * values[:, 0].norm(dim=1), values[:, 1].norm(dim=1))


def test_a_circular_orbit_of_unequal_bodies_is_known_exactly() -> None:
    """The separation R turns with ω = √(2 / R³), as the sum of masses is 2."""
    data = TwoBody(count=50, noise=0.0, masses=[1, 4], **DOUBLE)
    pos, after = stacked(data, "pos", 2), stacked(data, "next_pos", 2)
    apart = (pos[:, 1] - pos[:, 0]).norm(dim=-1)
    angle = 0.4 * (2 / apart**3).sqrt()
    c, s = angle.cos()[:, None], angle.sin()[:, None]
    x, y = pos[..., 0], pos[..., 1]
    expected = torch.stack([c * x - s * y, s * x + c * y], dim=-1)
    torch.testing.assert_close(after, expected, atol=1e-6, rtol=0)


@pytest.mark.parametrize("masses", [(1, 1), [7.0, 7.0]])
def test_equal_masses_are_the_default_and_no_input(masses: Any) -> None:
    plain, same = TwoBody(count=20, **DOUBLE), TwoBody(count=20, masses=masses, **DOUBLE)
    assert "mass" not in same.fields
    for name in plain.fields:
        assert same._data[name].equal(plain._data[name])


def test_charged_bodies_of_any_mass_keep_momentum_and_energy() -> None:
    options: dict[str, Any] = {"count": 20, "bodies": 4, "before": 0.0, "softening": 0.5, **DOUBLE}
    data = ChargedBodies(masses=MASSES, **options)
    mass = stacked(data, "mass", 4)[..., None]
    assert mass[0, :, 0].tolist() == MASSES
    assert data.energy_drift.max() < 1e-4
    before, after = ((mass * stacked(data, name, 4)).sum(1) for name in ("vel", "next_vel"))
    torch.testing.assert_close(after, before, atol=1e-6, rtol=0)
    # The same systems with all masses 1: forces are the same, accelerations go with 1 / mass.
    light = ChargedBodies(bodies=4, **{k: v for k, v in options.items() if k != "bodies"})
    forces = stacked(light, "acceleration", 4)
    torch.testing.assert_close(mass * stacked(data, "acceleration", 4), forces)
    assert "mass" not in light.fields


def test_a_heavier_body_is_moved_less() -> None:
    """Forces bend the flight of a heavy body less than that of a light one."""
    options: dict[str, Any] = {"count": 40, "bodies": 3, "before": 0.0, "softening": 0.5, **DOUBLE}

    def bent(**more: Any) -> Tensor:
        data = ChargedBodies("next_pos", **options, **more)
        straight = stacked(data, "pos", 3) + stacked(data, "vel", 3)
        return (stacked(data, "next_pos", 3) - straight).norm(dim=-1).mean(0)

    heavy, light = bent(masses=[20.0, 1.0, 1.0]), bent()
    assert heavy[0] < light[0] / 10
    assert heavy[1] > light[1] / 2


@pytest.mark.parametrize("field", [{"field": 0.7}, {"magnetic": 0.7}, {"drag": 0.7}])
def test_fields_and_drag_act_as_forces(field: dict[str, float]) -> None:
    options: dict[str, Any] = {"count": 10, "bodies": 4, "before": 0.0, "charges": [2, -1, 0.5, 0]}
    light = ChargedBodies(**options, **field, **DOUBLE)
    heavy = ChargedBodies(**options, **field, masses=MASSES, **DOUBLE)
    mass = stacked(heavy, "mass", 4)[..., None]
    forces = stacked(light, "acceleration", 4)
    torch.testing.assert_close(mass * stacked(heavy, "acceleration", 4), forces)
    if "drag" not in field:
        assert heavy.energy_drift.max() < 1e-4


def test_chosen_charges_are_those_of_every_system() -> None:
    data = ChargedBodies(count=10, bodies=3, charges=(2, -1, 0), before=0.0, **DOUBLE)
    charge = stacked(data, "charge", 3)
    assert charge.tolist() == 10 * [[2.0, -1.0, 0.0]]
    pushed = stacked(data, "acceleration", 3)
    assert pushed[:, 2].abs().max() == 0
    torch.testing.assert_close(pushed[:, 0], -pushed[:, 1])
    pos = stacked(data, "pos", 3)
    apart = pos[:, 0] - pos[:, 1]
    law = -2 * apart / (apart.square().sum(1, keepdim=True) + 0.1**2) ** 1.5
    torch.testing.assert_close(pushed[:, 0], law)


def test_a_pose_leaves_masses_alone() -> None:
    data = ChargedBodies(
        count=10, bodies=4, masses=MASSES, before=0.0, orientation="canonical", **DOUBLE
    )
    assert stacked(data, "mass", 4).tolist() == 10 * [MASSES]


@pytest.mark.parametrize(
    ("cls", "options", "error", "message"),
    [
        (TwoBody, {"masses": [1.0]}, ValueError, "each of the 2 bodies, got 1"),
        (TwoBody, {"masses": [1.0, 0.0]}, ValueError, r"masses\[1\] must be positive"),
        (TwoBody, {"masses": [-1.0, 1.0]}, ValueError, r"masses\[0\] must be positive"),
        (TwoBody, {"masses": 2.0}, TypeError, "masses is a list"),
        (TwoBody, {"masses": "12"}, TypeError, "masses is a list"),
        (ChargedBodies, {"masses": [1, 2]}, ValueError, "each of the 5 bodies, got 2"),
        (ChargedBodies, {"masses": [1, 1, 1, 1, np.inf]}, ValueError, r"masses\[4\]"),
        (ChargedBodies, {"charges": [1, 1, 1, 1, np.nan]}, ValueError, r"charges\[4\].*finite"),
        (ChargedBodies, {"charges": [1, "a", 1, 1, 1]}, TypeError, r"charges\[1\].*'a'"),
        (ChargedBodies, {"charges": [1, 1, True, 1, 1]}, TypeError, r"charges\[2\]"),
    ],
)
def test_mistakes_are_explained(
    cls: Any, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        cls(**options)
