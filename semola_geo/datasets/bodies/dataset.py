"""``BodiesDataset``: where bodies are now, what pulls them, and where they will be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch_geometric.data import Data, InMemoryDataset

from semola_geo.datasets._targets import check_targets
from semola_geo.datasets.bodies.integrate import relative_drift
from semola_geo.datasets.split import cut

__all__ = ["TARGETS", "BodiesDataset", "check_options", "looks_ahead", "with_test_part"]

TARGETS = ("next_pos", "next_vel", "acceleration")
"""What can be predicted."""


class BodiesDataset(InMemoryDataset):  # type: ignore[misc]
    """Simulated systems of n bodies; every system is a trajectory of its own.

    Every ``Data`` holds ``pos`` and ``vel`` [n, d], and as targets their ``acceleration`` [n, d] at
    that time, and ``next_pos`` and ``next_vel`` [n, d] some time later. Velocities are odd under
    time reversal, positions and accelerations are even. Of the targets, reversal makes sense for
    accelerations alone: a later state is not the same function of a reversed one even where the
    motion is reversible. The first 75 % of the systems are for training, 10 % for validation,
    15 % for testing. Where bodies have unequal masses, ``mass`` [n] is an input.

    Units are those of the simulation: a length L and a mass m of 1 each, and the time T for which
    the constant of the force between bodies is 1, too.

    Attributes:
        targets: Fields to predict.
        energy_drift: Change of each system's energy over its whole simulation, ``[count]``
            (float64), in units of the spread of energies over all systems: what the integrator
            got wrong. NaN where drag takes energy out.
    """

    UNITS: ClassVar[dict[str, str]] = {
        "pos": "L",
        "vel": "L/T",
        "mass": "m",
        "next_pos": "L",
        "next_vel": "L/T",
        "acceleration": "L/T²",
    }

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
        begin, end = cut(count, split)
        self.energy_drift = torch.from_numpy(relative_drift(*energies))
        data, slices = Data(), {}
        for name, values in (*now.items(), *((n, later[n]) for n in self.targets)):
            rows = values[begin:end].reshape(-1, *values.shape[2:])
            # A copy: simulations are kept, and what is served may be changed in place.
            data[name] = torch.tensor(rows, dtype=dtype)
            slices[name] = nodes * torch.arange(end - begin + 1)
        self._data, self.slices = data, slices

    @property
    def fields(self) -> dict[str, str]:
        """Representations of the fields that are served: inputs, then targets."""
        known = {
            "pos": "point",
            "vel": "vector@odd",
            "mass": "scalar",
            "charge": "scalar",
            "next_pos": "point",
            "next_vel": "vector@odd",
            "acceleration": "vector",
        }
        return {name: known[name] for name in self._data.to_dict()}


def check_options(
    targets: str | Sequence[str], split: str | None, count: int, step: float
) -> tuple[str, ...]:
    """Return the targets as a tuple.

    Raises:
        ValueError: For an unknown target or split, too few systems, or a step of no length.

    >>> check_options("next_pos", None, 10, 1.0)
    ('next_pos',)
    """
    names = check_targets(targets, TARGETS)
    if not isinstance(count, int) or count < 10:
        raise ValueError(f"count is a number of systems, at least 10; got {count!r}")
    cut(count, split)
    if not 0 < step < float("inf"):
        raise ValueError(f"step must be positive, got {step}")
    return names


def with_test_part(
    usual: dict[str, np.ndarray[Any, Any]], shifted: dict[str, np.ndarray[Any, Any]]
) -> dict[str, np.ndarray[Any, Any]]:
    """Return the fields of all systems, those for testing out of other fields of the same systems.

    >>> all_of_ten = {"x": np.zeros(10)}
    >>> with_test_part(all_of_ten, {"x": np.ones(10)})["x"].tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]
    """
    first = cut(len(next(iter(usual.values()))), "test")[0]
    return {name: np.concatenate([usual[name][:first], shifted[name][first:]]) for name in usual}


def looks_ahead(targets: Sequence[str]) -> bool:
    """Whether a target is a later state, so that systems have to be followed until then.

    >>> looks_ahead(["acceleration"]), looks_ahead(["acceleration", "next_vel"])
    (False, True)
    """
    return any(name.startswith("next_") for name in targets)
