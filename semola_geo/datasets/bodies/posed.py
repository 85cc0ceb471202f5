"""Systems of bodies in poses of our choice: everything in a system turns together."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from semola_geo.datasets._pose import Pose

__all__ = ["posed"]

_POINTS = ("pos", "next_pos")
_SEEDS = 5_915_587  # Of poses, apart from those of initial states.
Fields = dict[str, np.ndarray[Any, Any]]


def posed(now: Fields, later: Fields, pose: Pose, seed: int) -> tuple[Fields, Fields]:
    """Turn and displace each system as its positions are put into a pose.

    Args:
        now: Inputs ``[N, n, ...]``: ``pos`` and other vectors of three components, and scalars of
            shape ``[N, n]``, which stay.
        later: Targets, likewise.
        pose: Which pose.
        seed: Of what is random about it.

    Returns:
        Both, moved.

    >>> state = {"pos": np.array([[[1.0, 3, 0], [1, -3, 0]]]), "vel": np.array([[[0.0, 2, 0]] * 2])}
    >>> start, _ = posed(state, {}, Pose.check("canonical", None, None), 0)
    >>> np.abs(start["pos"][0]).round(), np.abs(start["vel"][0, 0]).round()
    (array([[3., 0., 0.],
           [3., 0., 0.]]), array([2., 0., 0.]))
    """
    count, bodies = now["pos"].shape[:2]
    owner = torch.arange(count).repeat_interleave(bodies)
    pos = torch.from_numpy(now["pos"]).reshape(-1, 3)
    generator = torch.Generator().manual_seed(seed + _SEEDS)
    # Bodies count alike: charges would make the frame of a neutral pair arbitrary.
    placed, rotation = pose.place(pos, torch.ones(len(pos)), owner, count, generator)
    turn = rotation.mT.numpy()
    middle = now["pos"].mean(1, keepdims=True)
    shift = placed.reshape(count, bodies, 3).numpy().mean(1, keepdims=True)

    def moved(name: str, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        if values.ndim == 2:
            return values
        if name in _POINTS:
            return np.asarray((values - middle) @ turn + shift)
        return np.asarray(values @ turn)

    return (
        {name: moved(name, values) for name, values in now.items()},
        {name: moved(name, values) for name, values in later.items()},
    )
