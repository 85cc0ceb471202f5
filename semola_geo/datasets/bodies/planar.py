"""Systems of two bodies in the plane, turned about the origin."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

__all__ = ["planar_turns", "turned"]

_SEEDS = 7_778_777  # Of poses, apart from those of initial states.
Array = np.ndarray[Any, Any]


def planar_turns(pos: Array, orientation: str, max_angle: float, seed: int) -> Array:
    """Return the angle by which each system has to be turned.

    Args:
        pos: Positions ``[N, 2, 2]``.
        orientation: ``"random"`` (as simulated), ``"canonical"`` (the first body lies in the
            direction of x from the second) or ``"restricted"`` (canonical, then turned).
        max_angle: Of restricted turns to either side, in degrees.
        seed: Of restricted turns.

    >>> planar_turns(np.array([[[0.0, 1.0], [0.0, -1.0]]]), "canonical", 0.0, 0).round(4).tolist()
    [-1.5708]
    """
    if orientation == "random":
        return np.zeros(len(pos))
    apart = pos[:, 0] - pos[:, 1]
    turns: Array = -np.arctan2(apart[:, 1], apart[:, 0])
    if orientation == "restricted":
        share = np.random.default_rng(seed + _SEEDS).uniform(-1, 1, len(pos))
        turns = turns + math.radians(max_angle) * share
    return turns


def turned(fields: dict[str, Array], angle: Array) -> dict[str, Array]:
    """Turn each system's points and vectors about the origin; scalars ``[N, n]`` stay.

    >>> quarter = np.array([np.pi / 2])
    >>> turned({"pos": np.array([[[1.0, 0.0]]])}, quarter)["pos"].round(4).tolist()
    [[[0.0, 1.0]]]
    """
    c, s = np.cos(angle)[:, None], np.sin(angle)[:, None]

    def moved(values: Array) -> Array:
        if values.ndim == 2:
            return values
        x, y = values[..., 0], values[..., 1]
        return np.stack([c * x - s * y, s * x + c * y], axis=-1)

    return {name: moved(values) for name, values in fields.items()}
