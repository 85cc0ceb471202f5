"""``TwoBody``: two masses under their gravity, in the plane."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any, Literal

import numpy as np
import torch
from torch_geometric.data import Data

from semola_geo.datasets._choice import check_choice
from semola_geo.datasets._max_angle import check_max_angle
from semola_geo.datasets._pose import DEFAULT_MAX_ANGLE
from semola_geo.datasets.bodies.dataset import (
    TARGETS,
    BodiesDataset,
    check_options,
    with_test_part,
)
from semola_geo.datasets.bodies.integrate import observe
from semola_geo.datasets.bodies.per_body import check_per_body
from semola_geo.datasets.bodies.planar import planar_turns, turned

__all__ = ["TwoBody"]

_ORIENTATIONS = ("random", "canonical", "restricted")
_NEAREST, _FURTHEST = 0.5, 1.5
# Speeds in units of the circular one; orbits are bound below √2.
_BOUND = (0.65, 1.35)
Array = np.ndarray[Any, Any]


class TwoBody(BodiesDataset):
    """Two masses on nearly circular orbits about their resting centre of mass.

    Units: G = 1, and the mean mass is 1. Each coordinate of half the distance from the second body
    to the first is uniform in [0.5, 1.5] before the simulation starts, and so is the first body's
    place where masses are equal; the velocity is that of the circular orbit times
    f = 1 + ``noise`` · N(0, 1), cut at 0.65 and 1.35 so that orbits are bound. Each system
    then moves for a random share of its own period, so that all phases occur, before the state is
    taken as input.

    The dynamics are invariant under E(2) and time reversal; the data move along rotations only:
    the centre of mass is at the origin in all systems, and all of them turn the same way. Equal
    bodies may be exchanged; unequal ones together with their ``mass`` [2], which is an input then.

    Args:
        targets: ``"next_pos"``, ``"next_vel"``, ``"acceleration"``, or several.
        split: ``"train"`` (75 %), ``"val"`` (10 %), ``"test"`` (15 %), ``"all"`` / None.
        count: Number of systems, over all splits.
        step: Time between input and target.
        noise: Relative spread of velocities about the circular one.
        masses: Of both bodies, relative to each other: they are scaled to a sum of 2.
        orientation: ``"random"`` (as simulated), ``"canonical"`` (turned about the origin so that
            the first body lies in the direction of x from the second) or ``"restricted"``
            (canonical, then turned by at most ``max_angle`` to either side, uniformly).
        test_orientation: That of the test systems where it differs; None: the same.
        max_angle: Degrees in [0, 180], 30 if not given; with ``"restricted"`` only.
        seed: Of the initial states, phases and poses.
        dtype: Of all fields.
        transform: Applied at every access, as in PyTorch Geometric.

    Raises:
        TypeError: For masses that are no numbers.
        ValueError: For an option out of range.

    Source: the two-body task of Greydanus, Dzamba and Yosinski, Hamiltonian Neural Networks
    (arXiv 1906.01563, A.4), with next states as targets as in Yang, Walters, Dehmamy and Yu, LieGAN
    (arXiv 2302.00236), and phases made uniform.

    >>> data = TwoBody("next_pos", count=20)
    >>> data[0].vel.shape, data.fields
    (torch.Size([2, 2]), {'pos': 'point', 'vel': 'vector@odd', 'next_pos': 'point'})
    >>> TwoBody("next_pos", count=20, masses=[3, 1])[0].mass
    tensor([1.5000, 0.5000])
    """

    def __init__(
        self,
        targets: str | Sequence[str] = TARGETS,
        split: Literal["train", "val", "test", "all"] | None = None,
        *,
        count: int = 2000,
        step: float = 0.4,
        noise: float = 0.05,
        masses: Sequence[float] = (1.0, 1.0),
        orientation: Literal["random", "canonical", "restricted"] = "random",
        test_orientation: Literal["random", "canonical", "restricted"] | None = None,
        max_angle: float | None = None,
        seed: int = 0,
        dtype: torch.dtype = torch.float32,
        transform: Callable[[Data], Data] | None = None,
    ) -> None:
        super().__init__(root=None, transform=transform)
        self.targets = check_options(targets, split, count, step)
        if not 0 <= noise <= 0.2:
            raise ValueError(f"noise must lie in [0, 0.2], got {noise}")
        shifted = test_orientation or orientation
        check_choice("orientation", orientation, _ORIENTATIONS)
        check_choice("test_orientation", shifted, _ORIENTATIONS)
        angle = check_max_angle(max_angle, DEFAULT_MAX_ANGLE, orientation, test_orientation)
        given = check_per_body("masses", masses, 2, positive=True)
        # Their mean is 1, whatever they are: so is then the law of periods.
        scaled = (2 * given[0] / sum(given), 2 * given[1] / sum(given))
        now, later, energies = _simulate(count, float(step), float(noise), scaled, int(seed))
        if (orientation, shifted) != ("random", "random"):
            usual, test = (
                {"turn": planar_turns(now["pos"], pose, angle, int(seed))}
                for pose in (orientation, shifted)
            )
            turn = with_test_part(usual, test)["turn"]
            now, later = turned(now, turn), turned(later, turn)
        self._build(now, later, energies, split, dtype)


@lru_cache(maxsize=2)
def _simulate(
    count: int, step: float, noise: float, masses: tuple[float, float], seed: int
) -> tuple[dict[str, Array], dict[str, Array], tuple[Array, Array]]:
    generator = np.random.default_rng(seed)
    first = generator.uniform(_NEAREST, _FURTHEST, (count, 2))
    radius = np.linalg.norm(first, axis=1, keepdims=True)
    factor = np.clip(1 + noise * generator.standard_normal((count, 1)), *_BOUND)
    speed = factor / (2 * radius**1.5)
    across = np.stack([-first[:, 1], first[:, 0]], axis=1)
    # The heavier body is nearer to the centre of mass, at the origin.
    start = np.stack([first * masses[1], -first * masses[0]], axis=1)
    moving = np.stack([across * speed * masses[1], -across * speed * masses[0]], axis=1)
    # Kepler's third law: the energy is that of the circular orbit times 2 - f².
    period = 4 * np.pi * (radius / (2 - factor**2))[:, 0] ** 1.5
    phase = generator.uniform(0, 1, count) * period
    law = partial(_gravity, masses=masses), partial(_energy, masses=masses)
    now, later, energies = observe(start, moving, *law, phase, step)
    if masses[0] != masses[1]:
        now["mass"] = np.tile(masses, (count, 1))
    return now, later, energies


def _gravity(pos: Array, vel: Array, masses: tuple[float, float]) -> Array:
    apart = pos[:, 1] - pos[:, 0]
    pull = apart / np.linalg.norm(apart, axis=1, keepdims=True) ** 3
    return np.stack([pull * masses[1], -pull * masses[0]], axis=1)


def _energy(pos: Array, vel: Array, masses: tuple[float, float]) -> Array:
    apart = np.linalg.norm(pos[:, 1] - pos[:, 0], axis=1)
    motion = (np.reshape(masses, (2, 1)) * np.square(vel)).sum((1, 2))
    energy: Array = 0.5 * motion - masses[0] * masses[1] / apart
    return energy
