"""``BodiesDataset``: where bodies are now, and where they will be."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import torch
from torch_geometric.data import Data, InMemoryDataset

from semola_geo.datasets.bodies.integrate import relative_drift

__all__ = ["BodiesDataset", "check_options"]

_SPLITS = {"train": (0.0, 0.75), "val": (0.75, 0.85), "test": (0.85, 1.0), "all": (0.0, 1.0)}


class BodiesDataset(InMemoryDataset):  # type: ignore[misc]
    """Simulated systems of n bodies; every system is a trajectory of its own.

    Every ``Data`` holds ``pos`` and ``vel`` [n, d] and the targets ``next_pos`` and ``next_vel``
    [n, d], some time later. The first 75 % of the systems are for training, 10 % for validation,
    15 % for testing.

    Attributes:
        targets: Fields to predict.
        energy_drift: Change of each system's energy over its whole simulation, ``[count]``
            (float64), in units of the spread of energies over all systems: what the integrator
            got wrong.
    """

    targets: tuple[str, ...]

    def _build(
        self,
        now: dict[str, np.ndarray[Any, Any]],
        later: dict[str, np.ndarray[Any, Any]],
        energies: tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]],
        split: Literal["train", "val", "test", "all"] | None,
        dtype: torch.dtype,
    ) -> None:
        count, nodes = next(iter(now.values())).shape[:2]
        begin, end = (round(share * count) for share in _SPLITS[split or "all"])
        self.energy_drift = torch.from_numpy(relative_drift(*energies))
        data, slices = Data(), {}
        for name, values in (*now.items(), *((n, later[n]) for n in self.targets)):
            rows = values[begin:end].reshape(-1, *values.shape[2:])
            data[name] = torch.from_numpy(np.ascontiguousarray(rows)).to(dtype)
            slices[name] = nodes * torch.arange(end - begin + 1)
        self._data, self.slices = data, slices

    @property
    def fields(self) -> dict[str, str]:
        """Representations of the fields that are served: inputs, then targets."""
        known = {
            "pos": "point",
            "vel": "vector",
            "charge": "scalar",
            "next_pos": "point",
            "next_vel": "vector",
        }
        return {name: known[name] for name in self._data.to_dict()}


def check_options(
    targets: Any, split: object, count: int, allowed: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the targets as a tuple.

    Raises:
        ValueError: For an unknown target or split, or too few systems.

    >>> check_options("next_pos", None, 10, ("next_pos", "next_vel"))
    ('next_pos',)
    """
    names = (targets,) if isinstance(targets, str) else tuple(targets)
    for name in names:
        if name not in allowed:
            raise ValueError(f"target {name!r} is unknown; choose among {', '.join(allowed)}")
    if len(set(names)) < len(names):
        raise ValueError(f"targets={names} names a field twice")
    if split not in (*_SPLITS, None):
        raise ValueError(f"split={split!r} is unknown; choose one of {', '.join(_SPLITS)}")
    if not isinstance(count, int) or count < 10:
        raise ValueError(f"count is a number of systems, at least 10; got {count!r}")
    return names
