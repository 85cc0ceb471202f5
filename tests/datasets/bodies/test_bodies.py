"""Simulated bodies: conserved quantities, known symmetries, reproducible splits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from semola_geo.datasets import ChargedBodies, TwoBody
from semola_geo.datasets.bodies.integrate import advance
from semola_geo.discovery.support import as_batch, tangent_support
from semola_geo.fields import Fields
from semola_geo.groups import parse_ambient

DOUBLE: dict[str, Any] = {"dtype": torch.float64}


def stacked(data: Any, name: str, nodes: int) -> Tensor:
    return torch.as_tensor(data._data[name]).reshape(len(data), nodes, *data._data[name].shape[1:])


def test_a_circular_orbit_is_known_exactly() -> None:
    """Separation 2r, angular velocity 1 / (2 r^1.5): after a time t the angle is ωt."""
    data = TwoBody(count=50, noise=0.0, **DOUBLE)
    pos, after = stacked(data, "pos", 2), stacked(data, "next_pos", 2)
    radius = pos[:, 0].norm(dim=-1)
    angle = 0.4 / (2 * radius**1.5)
    c, s = angle.cos()[:, None], angle.sin()[:, None]
    x, y = pos[..., 0], pos[..., 1]
    expected = torch.stack([c * x - s * y, s * x + c * y], dim=-1)
    torch.testing.assert_close(after, expected, atol=1e-6, rtol=0)


def test_two_bodies_keep_energy_momentum_and_angular_momentum() -> None:
    data = TwoBody(count=200, **DOUBLE)
    assert data.energy_drift.shape == (200,)
    assert data.energy_drift.max() < 1e-5
    for pos, vel in (("pos", "vel"), ("next_pos", "next_vel")):
        assert stacked(data, pos, 2).sum(1).abs().max() < 1e-6
        assert stacked(data, vel, 2).sum(1).abs().max() < 1e-6
    spins = [
        (x[..., 0] * v[..., 1] - x[..., 1] * v[..., 0]).sum(1)
        for x, v in (
            (stacked(data, "pos", 2), stacked(data, "vel", 2)),
            (stacked(data, "next_pos", 2), stacked(data, "next_vel", 2)),
        )
    ]
    torch.testing.assert_close(*spins, atol=1e-6, rtol=0)


def test_phases_of_two_bodies_cover_the_circle() -> None:
    """Rayleigh's test: 2 N |mean of e^{iφ}|² is χ² with 2 degrees of freedom; bound at 1e-6."""
    pos = stacked(TwoBody(count=1000, **DOUBLE), "pos", 2)[:, 0]
    direction = pos / pos.norm(dim=-1, keepdim=True)
    assert 2 * len(pos) * direction.mean(0).square().sum() < -2 * np.log(1e-6)


def test_two_bodies_move_along_rotations_and_nothing_else_of_the_plane() -> None:
    """The tangent space of circular orbits holds so(2), and no other direction of GL(2)."""
    data = TwoBody("next_pos", count=1500, noise=0.0, **DOUBLE)
    inputs = Fields({name: data.fields[name] for name in ("pos", "vel")}, 2)
    support = tangent_support(
        as_batch(data), inputs, parse_ambient("GL(2)").basis, torch.Generator().manual_seed(0)
    )
    supported, unsupported = support.split(0.1)
    assert (supported.shape[1], unsupported.shape[1]) == (1, 3)
    found = torch.einsum("a,aij->ij", supported[:, 0], parse_ambient("GL(2)").basis)
    turn = torch.tensor([[0.0, -1.0], [1.0, 0.0]], dtype=torch.float64)
    assert (found * turn).sum().abs() / found.norm() / turn.norm() > 0.99


@pytest.mark.parametrize("field", [0.0, 0.7])
def test_charges_keep_energy_and_obey_the_field(field: float) -> None:
    data = ChargedBodies(count=40, field=field, **DOUBLE)
    assert data.energy_drift.max() < 1e-4
    before, after = stacked(data, "vel", 5).sum(1), stacked(data, "next_vel", 5).sum(1)
    pushed = torch.zeros_like(before)
    pushed[:, 2] = field * stacked(data, "charge", 5).sum(1)
    torch.testing.assert_close(after - before, pushed, atol=1e-5, rtol=0)


def test_dynamics_turn_with_the_bodies_unless_there_is_a_field() -> None:
    """A rotation before the motion is the same as a rotation after it."""

    def fall(pos: np.ndarray, strength: float) -> np.ndarray:
        def forces(x: np.ndarray, v: np.ndarray) -> np.ndarray:
            pull = -x.copy()
            pull[..., 2] += strength
            return pull

        return advance(pos, 0 * pos, forces, np.ones(len(pos)))[0]

    pos = np.random.default_rng(0).normal(size=(5, 2, 3))
    turn = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
    np.testing.assert_allclose(fall(pos @ turn.T, 0.0), fall(pos, 0.0) @ turn.T, atol=1e-8)
    assert np.abs(fall(pos @ turn.T, 1.0) - fall(pos, 1.0) @ turn.T).max() > 0.1


@pytest.mark.parametrize("cls", [TwoBody, ChargedBodies])
def test_splits_seeds_and_fields(cls: type[TwoBody] | type[ChargedBodies]) -> None:
    everything = cls(count=20)
    parts = [cls(count=20, split=split) for split in ("train", "val", "test")]  # type: ignore[arg-type]
    assert [len(part) for part in parts] == [15, 2, 3]
    assert torch.cat([part._data.pos for part in parts]).equal(everything._data.pos)
    assert not cls(count=20, seed=1)._data.pos.equal(everything._data.pos)
    only = cls("next_vel", count=20)
    assert only.targets == ("next_vel",)
    assert set(only.fields) == set(only[0].to_dict())
    assert only.fields["next_vel"] == "vector@odd"


@pytest.mark.parametrize(
    ("cls", "options", "message"),
    [
        (TwoBody, {"targets": "energy"}, "target 'energy' is unknown; choose among next_pos"),
        (TwoBody, {"targets": ("next_pos", "next_pos")}, "names a field twice"),
        (TwoBody, {"split": "dev"}, "split='dev' is unknown"),
        (TwoBody, {"count": 5}, "at least 10; got 5"),
        (TwoBody, {"step": 0.0}, "step must be positive"),
        (TwoBody, {"noise": 0.5}, r"noise must lie in \[0, 0\.2\]"),
        (ChargedBodies, {"bodies": 0}, "bodies must be at least 1"),
        (ChargedBodies, {"field": float("nan")}, "field must be finite"),
        (ChargedBodies, {"step": -1.0}, "step must be positive"),
        (ChargedBodies, {"orientation": "upright"}, "orientation='upright' is unknown"),
        (ChargedBodies, {"max_angle": 10.0}, "only applies to orientation='restricted'"),
        (ChargedBodies, {"orientation": "canonical", "field": 1.0}, "a field along z stays"),
    ],
)
def test_mistakes_are_explained(cls: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        cls(**options)


def test_drag_fades_momentum_and_a_magnetic_field_keeps_energy() -> None:
    still = {"before": 0.0, "softening": 0.5, **DOUBLE}
    slowed = ChargedBodies(count=20, drag=0.5, step=1.0, **still)
    before, after = stacked(slowed, "vel", 5).sum(1), stacked(slowed, "next_vel", 5).sum(1)
    torch.testing.assert_close(after, before * np.exp(-0.5), atol=1e-5, rtol=0)
    assert bool(slowed.energy_drift.isnan().all())
    bent = ChargedBodies(count=20, magnetic=1.0, **still)
    assert bent.energy_drift.max() < 1e-4
    alone = ChargedBodies(count=20, bodies=1, magnetic=2.0, **still)
    vel, push = alone.vel, alone.acceleration
    b = torch.tensor([0.0, 0.0, 2.0], dtype=vel.dtype).expand_as(vel)
    torch.testing.assert_close(push, alone.charge[:, None] * torch.linalg.cross(vel, b))


def test_shuffled_targets_belong_to_other_systems() -> None:
    plain = ChargedBodies("acceleration", count=20, before=0.0, **DOUBLE)
    other = ChargedBodies("acceleration", count=20, before=0.0, shuffle_targets=True, **DOUBLE)
    assert torch.equal(plain.pos, other.pos)
    own, given = (stacked(data, "acceleration", 5) for data in (plain, other))
    assert not any(torch.equal(a, b) for a, b in zip(own, given, strict=True))
    assert all(any(torch.equal(a, b) for b in own) for a in given)


def test_a_pose_turns_whole_systems_and_changes_nothing_in_them() -> None:
    options: dict[str, Any] = {"count": 20, "before": 0.0, **DOUBLE}
    names = ("vel", "acceleration", "next_pos")

    def rows(data: ChargedBodies) -> Tensor:
        """Positions from their centre, and vectors; a later position from the same centre."""
        pos = stacked(data, "pos", 5)
        middle = pos.mean(1, keepdim=True)
        others = [stacked(data, name, 5) for name in names]
        others[2] = others[2] - middle
        return torch.cat([pos - middle, *others], dim=1)

    plain = rows(ChargedBodies(("acceleration", "next_pos"), **options))
    for pose in ({"orientation": "canonical"}, {"orientation": "restricted", "max_angle": 45}):
        moved_data = ChargedBodies(("acceleration", "next_pos"), **options, **pose)
        moved = rows(moved_data)
        torch.testing.assert_close(moved @ moved.mT, plain @ plain.mT)
        # Triple products keep their sign: no mirror images.
        torch.testing.assert_close(torch.linalg.det(moved[:, :3]), torch.linalg.det(plain[:, :3]))
        assert not torch.allclose(moved, plain)


def test_restricted_poses_lie_within_their_angle_of_the_canonical_one() -> None:
    poses = [
        stacked(ChargedBodies("acceleration", count=50, before=0.0, **options, **DOUBLE), "pos", 5)
        for options in (
            {"orientation": "canonical"},
            {"orientation": "restricted", "max_angle": 20.0},
        )
    ]
    u, _, vh = torch.linalg.svd(poses[1].mT @ poses[0])
    cosine = ((u @ vh).diagonal(dim1=1, dim2=2).sum(1) - 1) / 2
    angles = cosine.clamp(-1, 1).arccos().rad2deg()
    assert 10 < angles.max() < 20 + 1e-6
    assert poses[0].mean(1).abs().max() < 1e-9


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("make", "name"), [(TwoBody, "next_pos"), (ChargedBodies, "acceleration")])
def test_what_is_changed_in_place_stays_with_its_data_set(make, name, dtype):
    first = make(name, "test", count=20, dtype=dtype)
    before = first[0].pos.clone()
    first[0].pos.add_(100.0)
    first[0][name].zero_()
    again = make(name, "test", count=20, dtype=dtype)
    torch.testing.assert_close(again[0].pos, before, rtol=0, atol=0)
    assert bool(again[0][name].any())


def test_phases_of_orbits_that_are_no_circles_are_uniform():
    """The mean anomaly, not the angle, is uniform in time."""
    data = TwoBody("acceleration", count=4000, noise=0.2, seed=3, dtype=torch.float64)
    pos = torch.stack([graph.pos[0] for graph in data]).numpy()
    vel = torch.stack([graph.vel[0] for graph in data]).numpy()
    # The relative motion: separation 2x, velocity 2v, about a mass of 2.
    r, v, mass = 2 * pos, 2 * vel, 2.0
    radius = np.linalg.norm(r, axis=1)
    axis = 1 / (2 / radius - (v**2).sum(1) / mass)
    assert (axis > 0).all()
    lean = (v**2).sum(1)[:, None] * r / mass - (r * v).sum(1)[:, None] * v / mass
    eccentricity = np.linalg.norm(lean - r / radius[:, None], axis=1)
    cosine, sine = 1 - radius / axis, (r * v).sum(1) / np.sqrt(mass * axis)
    anomaly = np.arctan2(sine, cosine)  # Eccentric; both are times the eccentricity.
    mean = (anomaly - eccentricity * np.sin(anomaly)) % (2 * np.pi)
    counts = np.histogram(mean, 8, (0, 2 * np.pi))[0]
    # χ² with 7 degrees of freedom exceeds 24.3 with probability 0.001.
    assert ((counts - 500) ** 2 / 500).sum() < 24.3
