"""What the benchmarks of transforms share: the step they are measured against, and the clock."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from torch_geometric.data import Batch

from semola_geo.models import MPNN

__all__ = ["fastest", "training_step"]

REPEATS = 15


def training_step(batch: Batch) -> Callable[[], object]:
    """One step of AdamW on the plain batch."""
    model = MPNN(representation="vector", level="graph", output_shape=(3,))
    optimizer = torch.optim.AdamW(model.parameters())

    def step() -> None:
        optimizer.zero_grad()
        (model(batch) - batch.dipole).square().mean().backward()
        optimizer.step()

    return step


def fastest(calls: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Fastest call of each, in ms, timed in turn."""
    best = dict.fromkeys(calls, float("inf"))
    for _ in range(REPEATS):
        for name, call in calls.items():
            for _ in range(3):
                start = time.perf_counter()
                call()
                best[name] = min(best[name], 1e3 * (time.perf_counter() - start))
    return best
