"""Many small systems integrated at once, to a tolerance, with the energy as a check."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

__all__ = ["Energy", "Forces", "advance", "observe", "relative_drift"]

Array = np.ndarray[Any, Any]
Forces = Callable[[Array, Array], Array]
"""Positions and velocities ``[N, n, d]`` → accelerations of the same shape."""

Energy = Callable[[Array, Array], Array]
"""Positions and velocities ``[N, n, d]`` → energies ``[N]``."""

# Tolerance of the root mean square over all systems, so that a single one may be further off.
_TOLERANCE = 1e-9


def advance(pos: Array, vel: Array, forces: Forces, time: Array) -> tuple[Array, Array]:
    """Integrate Newton's equations (DOP853), each system for its own time.

    Time is rescaled so that all systems end together.

    Args:
        pos: Positions ``[N, n, d]``.
        vel: Velocities ``[N, n, d]``.
        forces: Accelerations at positions and velocities.
        time: How long each system moves, ``[N]``.

    Returns:
        Positions and velocities at the end.

    Raises:
        RuntimeError: If the integrator gives up.

    Source: Hairer, Nørsett and Wanner, *Solving Ordinary Differential Equations I*, II.10.

    >>> still = np.zeros((1, 1, 2))
    >>> pos, vel = advance(still, still + 1.0, lambda x, v: 0 * x, np.array([2.0]))
    >>> pos.round(6).tolist(), vel.round(6).tolist()
    ([[[2.0, 2.0]]], [[[1.0, 1.0]]])
    """
    if not time.any():
        return pos, vel
    shape = (2, *pos.shape)
    scale = time.reshape(-1, 1, 1)

    def derivative(_: float, state: Array) -> Array:
        x, v = state.reshape(shape)
        return np.stack([v * scale, forces(x, v) * scale]).ravel()

    start = np.stack([pos, vel]).ravel()
    options = {"method": "DOP853", "rtol": _TOLERANCE, "atol": _TOLERANCE}
    solution = solve_ivp(derivative, (0.0, 1.0), start, t_eval=[1.0], **options)
    if not solution.success:
        raise RuntimeError(f"the simulation failed: {solution.message}")
    x, v = solution.y[:, -1].reshape(shape)
    return x, v


def observe(
    pos: Array,
    vel: Array,
    forces: Forces,
    energy: Energy,
    before: Array,
    step: float | None,
) -> tuple[dict[str, Array], dict[str, Array], tuple[Array, Array]]:
    """Let systems move before they are observed, and observe them twice.

    Args:
        pos: Positions at the start, ``[N, n, d]``.
        vel: Velocities at the start.
        forces: Accelerations at positions and velocities.
        energy: Energies, at the start and at the end.
        before: Time until the first observation, ``[N]``.
        step: Time between the observations; ``None``: there is no second one.

    Returns:
        ``pos`` and ``vel``; ``acceleration`` at the same time, then ``next_pos`` and ``next_vel``;
        and the energies at the start and at the end.
    """
    first = advance(pos, vel, forces, before)
    now = dict(zip(("pos", "vel"), first, strict=True))
    answers, last = {"acceleration": forces(*first)}, first
    if step is not None:
        last = advance(*first, forces, np.full(len(pos), step))
        answers |= dict(zip(("next_pos", "next_vel"), last, strict=True))
    return now, answers, (energy(pos, vel), energy(*last))


def relative_drift(before: Array, after: Array) -> Array:
    """Return the change of each system's energy, in units of the spread of energies.

    >>> relative_drift(np.array([1.0, 3.0]), np.array([1.0, 3.5])).tolist()
    [0.0, 0.5]
    """
    scale = max(float(np.std(before)), float(np.abs(before).mean()) * 1e-6, 1e-300)
    drift: Array = np.abs(after - before) / scale
    return drift
