"""``ChargedBodies``: charges that attract and repel each other, with or without a field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
import torch
from torch_geometric.data import Data

from semola_geo.datasets._derangement import derangement
from semola_geo.datasets._pose import Pose
from semola_geo.datasets._split_pose import SplitPose
from semola_geo.datasets.bodies.dataset import (
    TARGETS,
    BodiesDataset,
    check_options,
    looks_ahead,
    with_test_part,
)
from semola_geo.datasets.bodies.integrate import observe
from semola_geo.datasets.bodies.per_body import check_per_body
from semola_geo.datasets.bodies.posed import posed

__all__ = ["ChargedBodies"]

_SPEED = 0.5
_ORIENTATIONS = ("random", "canonical", "restricted")
Array = np.ndarray[Any, Any]
Fields = dict[str, Array]


class ChargedBodies(BodiesDataset):
    """Bodies of charge ±1 and mass 1, or of others, in three dimensions.

    Positions are normal and velocities have length 0.5 in a random direction; the input is the
    state some time later. ``charge`` q [n] is an input, and ``mass`` [n] where masses are unequal.
    Forces are Coulomb's, softened at short distances.

    As they are, the dynamics are invariant under E(3) and time reversal. A uniform electric
    ``field`` E along z leaves translations, rotations about z, reflections that keep z, and time
    reversal. A uniform ``magnetic`` field B along z, with the force q v × B, leaves translations,
    rotations about z, and the inversion: what turns B round (time reversal, a mirror plane through
    z, a half-turn across z) is no symmetry alone, but two of these together are. ``drag`` γ, with
    the force −γ v, leaves E(3) and breaks time reversal.

    At the start velocities have nothing to do with positions, and later most systems fly apart:
    time reversal is only tested by data that are observed at the start, ``before=0``.

    Args:
        targets: ``"next_pos"``, ``"next_vel"``, ``"acceleration"``, or several.
        split: ``"train"`` (75 %), ``"val"`` (10 %), ``"test"`` (15 %), ``"all"`` / None.
        count: Number of systems, over all splits.
        bodies: Number of bodies n.
        masses: Of the bodies, the same in every system; None: all are 1.
        charges: Of the bodies, the same in every system; None: 1 or −1 by chance.
        step: Time between input and target.
        field: Strength of the electric field along z.
        magnetic: Strength of the magnetic field along z.
        drag: Rate γ at which velocities fade, at least 0.
        before: Time that the systems move before they are observed.
        softening: Length ε of Coulomb's law with the distance √(r² + ε²), so that no encounter
            needs endlessly small steps.
        orientation: ``"random"`` (as simulated), ``"canonical"`` (centred, positions along their
            principal axes) or ``"restricted"`` (canonical, then turned by at most ``max_angle``):
            all of a system turns, and what happens in it is the same. Without fields along z only.
        test_orientation: That of the test systems where it differs; None: the same.
        max_angle: Degrees in [0, 180], 30 if not given; with ``"restricted"`` only.
        shuffle_targets: Hand every system the targets of another one: data with no answer.
        seed: Of the initial states, charges and poses.
        dtype: Of all fields.
        transform: Applied at every access, as in PyTorch Geometric.

    Raises:
        TypeError: For masses or charges that are no numbers.
        ValueError: For an option out of range, or poses in a field.

    Source: the n-body task of Satorras, Hoogeboom and Welling, E(n) Equivariant Graph Neural
    Networks (arXiv 2102.09844, 5.1), after Kipf et al. (arXiv 1802.04687), with softened forces
    instead of clamped ones.

    >>> data = ChargedBodies("next_pos", count=10, field=1.0)
    >>> data[0].charge.shape, data.fields["next_pos"]
    (torch.Size([5]), 'point')
    >>> helium = {"bodies": 3, "masses": [7000, 1, 1], "charges": [2, -1, -1]}
    >>> ChargedBodies("acceleration", count=10, before=0, **helium)[0].charge
    tensor([ 2., -1., -1.])
    """

    UNITS: ClassVar[dict[str, str]] = {**BodiesDataset.UNITS, "charge": "q"}

    def __init__(
        self,
        targets: str | Sequence[str] = TARGETS,
        split: Literal["train", "val", "test", "all"] | None = None,
        *,
        count: int = 2000,
        bodies: int = 5,
        masses: Sequence[float] | None = None,
        charges: Sequence[float] | None = None,
        step: float = 1.0,
        field: float = 0.0,
        magnetic: float = 0.0,
        drag: float = 0.0,
        before: float = 3.0,
        softening: float = 0.1,
        orientation: Literal["random", "canonical", "restricted"] = "random",
        test_orientation: Literal["random", "canonical", "restricted"] | None = None,
        max_angle: float | None = None,
        shuffle_targets: bool = False,
        seed: int = 0,
        dtype: torch.dtype = torch.float32,
        transform: Callable[[Data], Data] | None = None,
    ) -> None:
        super().__init__(root=None, transform=transform)
        self.targets = check_options(targets, split, count, step)
        if not isinstance(bodies, int) or bodies < 1:
            raise ValueError(f"bodies must be at least 1, got {bodies!r}")
        mass = (1.0,) * bodies
        if masses is not None:
            mass = check_per_body("masses", masses, bodies, positive=True)
        charge = None if charges is None else check_per_body("charges", charges, bodies)
        for name, strength in (("field", field), ("magnetic", magnetic)):
            if not abs(strength) < float("inf"):
                raise ValueError(f"{name} must be finite, got {strength}")
        for name, value in (("drag", drag), ("before", before)):
            if not 0 <= value < float("inf"):
                raise ValueError(f"{name} must be finite and not negative, got {value}")
        if not 0 < softening < float("inf"):
            raise ValueError(f"softening must be positive, got {softening}")
        pose = SplitPose.check(orientation, test_orientation, max_angle, None, _ORIENTATIONS)
        for option, given in (("orientation", orientation), ("test_orientation", test_orientation)):
            if (field or magnetic) and given not in ("random", None):
                raise ValueError(
                    f"{option}={given!r} turns systems, but a field along z stays: use "
                    f"{option}='random' or no field"
                )
        law = _Law(float(field), float(magnetic), float(drag), float(softening), mass)
        ahead = float(step) if looks_ahead(self.targets) else None
        now, later, energies = _simulate(count, charge, law, float(before), ahead, int(seed))
        simulated = now, later
        now, later = _posed(*simulated, pose.usual, int(seed))
        if pose.test is not None:
            test_now, test_later = _posed(*simulated, pose.test, int(seed))
            now, later = with_test_part(now, test_now), with_test_part(later, test_later)
        if shuffle_targets:
            source = derangement(count, torch.Generator().manual_seed(int(seed))).numpy()
            later = {name: values[source] for name, values in later.items()}
        self._build(now, later, energies, split, dtype)


def _posed(now: Fields, later: Fields, pose: Pose, seed: int) -> tuple[Fields, Fields]:
    return (now, later) if pose.orientation == "random" else posed(now, later, pose, seed)


class _Law(NamedTuple):
    """What acts on bodies: fields along z, drag, and Coulomb's softened law."""

    field: float
    magnetic: float
    drag: float
    softening: float
    mass: tuple[float, ...]

    def forces(self, pos: Array, vel: Array, charge: Array) -> Array:
        """Return accelerations ``[N, n, 3]``."""
        weight = charge[:, :, None] * charge[:, None] / self._distances(pos) ** 3
        pushed: Array = pos * weight.sum(2, keepdims=True) - weight @ pos
        pushed[..., 2] += self.field * charge
        # v × B for B along z.
        pushed[..., 0] += self.magnetic * charge * vel[..., 1]
        pushed[..., 1] -= self.magnetic * charge * vel[..., 0]
        accelerations: Array = (pushed - self.drag * vel) / np.reshape(self.mass, (-1, 1))
        return accelerations

    def energy(self, pos: Array, vel: Array, charge: Array) -> Array:
        """Return energies ``[N]``; NaN under drag, where they are not kept."""
        if self.drag:
            return np.full(len(pos), np.nan)
        pairs = charge[:, :, None] * charge[:, None] / self._distances(pos)
        own = np.square(charge).sum(1) / self.softening
        motion = (np.reshape(self.mass, (-1, 1)) * np.square(vel)).sum((1, 2))
        total: Array = 0.5 * motion + 0.5 * (pairs.sum((1, 2)) - own)
        total -= self.field * (charge * pos[..., 2]).sum(1)
        return total

    def _distances(self, pos: Array) -> Array:
        """Return √(r² + ε²) of all pairs ``[N, n, n]``; rounding is far below ε²."""
        squared = np.square(pos).sum(-1)
        apart = squared[:, :, None] + squared[:, None] - 2 * pos @ pos.swapaxes(1, 2)
        softened: Array = np.sqrt(np.maximum(apart, 0.0) + self.softening**2)
        return softened


@lru_cache(maxsize=2)
def _simulate(
    count: int,
    charges: tuple[float, ...] | None,
    law: _Law,
    before: float,
    step: float | None,
    seed: int,
) -> tuple[dict[str, Array], dict[str, Array], tuple[Array, Array]]:
    generator = np.random.default_rng(seed)
    bodies = len(law.mass)
    start = generator.standard_normal((count, bodies, 3))
    moving = generator.standard_normal((count, bodies, 3))
    moving *= _SPEED / np.linalg.norm(moving, axis=-1, keepdims=True)
    charge = generator.choice([-1.0, 1.0], (count, bodies))
    if charges is not None:
        charge = np.tile(charges, (count, 1))
    now, answers, energies = observe(
        start,
        moving,
        partial(law.forces, charge=charge),
        partial(law.energy, charge=charge),
        np.full(count, before),
        step,
    )
    now["charge"] = charge
    if len(set(law.mass)) > 1:
        now["mass"] = np.tile(law.mass, (count, 1))
    return now, answers, energies
