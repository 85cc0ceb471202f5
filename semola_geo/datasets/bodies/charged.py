"""``ChargedBodies``: charges that attract and repel each other, with or without a field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import torch
from torch_geometric.data import Data

from semola_geo.datasets.bodies.dataset import TARGETS, BodiesDataset, check_options
from semola_geo.datasets.bodies.integrate import observe

__all__ = ["ChargedBodies"]

# Coulomb's law with the distance √(r² + ε²), so that no encounter needs endlessly small steps.
_SOFTENING = 0.1
_SPEED = 0.5
_BEFORE = 3.0
Array = np.ndarray[Any, Any]


class ChargedBodies(BodiesDataset):
    """Bodies of charge ±1 and mass 1 in three dimensions.

    Positions are normal and velocities have length 0.5 in a random direction; the input is the
    state three units of time later. ``charge`` [n] is an input. Forces are Coulomb's, softened at
    distances below 0.1.

    Without a field the dynamics are invariant under E(3). A uniform electric ``field`` along z
    leaves translations, rotations about z, and reflections that keep z.

    Args:
        targets: ``"next_pos"``, ``"next_vel"``, or both.
        split: ``"train"`` (75 %), ``"val"`` (10 %), ``"test"`` (15 %), ``"all"`` / None.
        count: Number of systems, over all splits.
        bodies: Number of bodies n.
        step: Time between input and target.
        field: Strength of the electric field along z.
        seed: Of the initial states and charges.
        dtype: Of all fields.
        transform: Applied at every access, as in PyTorch Geometric.

    Raises:
        ValueError: For an option out of range.

    Source: the n-body task of Satorras, Hoogeboom and Welling, E(n) Equivariant Graph Neural
    Networks (arXiv 2102.09844, 5.1), after Kipf et al. (arXiv 1802.04687), with softened forces
    instead of clamped ones.

    >>> data = ChargedBodies("next_pos", count=10, field=1.0)
    >>> data[0].charge.shape, data.fields["next_pos"]
    (torch.Size([5]), 'point')
    """

    def __init__(
        self,
        targets: str | Sequence[str] = TARGETS,
        split: Literal["train", "val", "test", "all"] | None = None,
        *,
        count: int = 2000,
        bodies: int = 5,
        step: float = 1.0,
        field: float = 0.0,
        seed: int = 0,
        dtype: torch.dtype = torch.float32,
        transform: Callable[[Data], Data] | None = None,
    ) -> None:
        super().__init__(root=None, transform=transform)
        self.targets = check_options(targets, split, count, step)
        if not isinstance(bodies, int) or bodies < 1:
            raise ValueError(f"bodies must be at least 1, got {bodies!r}")
        if not abs(field) < float("inf"):
            raise ValueError(f"field must be finite, got {field}")
        now, later, energies = _simulate(count, bodies, float(step), float(field), int(seed))
        self._build(now, later, energies, split, dtype)


@lru_cache(maxsize=2)
def _simulate(
    count: int, bodies: int, step: float, field: float, seed: int
) -> tuple[dict[str, Array], dict[str, Array], tuple[Array, Array]]:
    generator = np.random.default_rng(seed)
    start = generator.standard_normal((count, bodies, 3))
    moving = generator.standard_normal((count, bodies, 3))
    moving *= _SPEED / np.linalg.norm(moving, axis=-1, keepdims=True)
    charge = generator.choice([-1.0, 1.0], (count, bodies))

    def forces(pos: Array) -> Array:
        weight = charge[:, :, None] * charge[:, None] / _softened(pos) ** 3
        pushed: Array = pos * weight.sum(2, keepdims=True) - weight @ pos
        pushed[..., 2] += field * charge
        return pushed

    def energy(pos: Array, vel: Array) -> Array:
        pairs = charge[:, :, None] * charge[:, None] / _softened(pos)
        own = np.square(charge).sum(1) / _SOFTENING
        total: Array = 0.5 * np.square(vel).sum((1, 2)) + 0.5 * (pairs.sum((1, 2)) - own)
        total -= field * (charge * pos[..., 2]).sum(1)
        return total

    before = np.full(count, _BEFORE)
    now, later, energies = observe(start, moving, forces, energy, before, step)
    return {**now, "charge": charge}, later, energies


def _softened(pos: Array) -> Array:
    """Return √(r² + ε²) of all pairs ``[N, n, n]``; rounding is far below ε²."""
    squared = np.square(pos).sum(-1)
    apart = squared[:, :, None] + squared[:, None] - 2 * pos @ pos.swapaxes(1, 2)
    softened: Array = np.sqrt(np.maximum(apart, 0.0) + _SOFTENING**2)
    return softened
