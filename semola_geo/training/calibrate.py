"""From a budget in seconds to a number of steps, which a one-cycle schedule needs to know."""

from __future__ import annotations

import copy
import itertools
import time
from collections.abc import Iterable, Sized

import torch
from torch_geometric.data import Batch

from semola_geo.training.module import SymmetryRegularizedModule
from semola_geo.training.optimization import build_optimizer, clip_gradients

__all__ = ["calibrate_steps"]

# Measured overhead of a Lightning step over the bare loop below, seconds (one core).
_TRAINER_OVERHEAD = 6e-4


def calibrate_steps(
    module: SymmetryRegularizedModule,
    loader: Iterable[Batch],
    max_seconds: float,
    *,
    val_loader: Iterable[Batch] | None = None,
    trial_seconds: float | None = None,
    device: torch.device | str = "cpu",
) -> int:
    """Estimate how many training steps fit into a budget.

    Steps of a copy of the module are timed, the module itself is not changed. The machine should
    be as busy as it will be during training; the estimate aims at 90 % of the budget.

    Args:
        module: What will be trained; its target units must be known.
        loader: Training batches.
        max_seconds: Wall-clock budget, seconds.
        val_loader: Validation batches, whose cost once per pass is taken into account.
        trial_seconds: Time to spend on the estimate; ``None``: 2 % of the budget, at most 5 s.
        device: Where training will run.

    Returns:
        A number of steps, at least 1.

    Raises:
        ValueError: If the budget is not positive, or the loader is empty.
    """
    if not max_seconds > 0:
        raise ValueError(f"max_seconds must be positive, got {max_seconds}")
    trial = min(0.02 * max_seconds, 5.0) if trial_seconds is None else trial_seconds
    start = time.perf_counter()
    probe = copy.deepcopy(module).to(device)
    per_step = _seconds_per_step(probe, loader, trial) + _TRAINER_OVERHEAD
    if val_loader is not None and isinstance(loader, Sized):
        per_step += _seconds_of_validation(probe, val_loader) / max(len(loader), 1)
    remaining = 0.9 * max_seconds - (time.perf_counter() - start)
    return max(int(remaining / per_step), 1)


def _seconds_per_step(
    module: SymmetryRegularizedModule, loader: Iterable[Batch], trial: float
) -> float:
    optimizer = build_optimizer(
        module.model, module.transform, lr=1e-6, basis_lr=1e-6, weight_decay=0.0
    )
    module.train()
    times: list[float] = []
    # The first steps pay for caches and lazy initialisation.
    warm_up, begin = 3, time.perf_counter()
    last = begin
    for step, batch in enumerate(_endless(loader)):
        optimizer.zero_grad()
        loss = module.terms(batch.to(module.device), step)["loss"]
        loss.backward()  # type: ignore[no-untyped-call]
        clip_gradients(optimizer, module.gradient_clip or 1e30)
        optimizer.step()
        if module.device.type == "cuda":
            torch.cuda.synchronize()
        now = time.perf_counter()
        times.append(now - last)
        last = now
        if len(times) > warm_up + 2 and now - begin > trial:
            break
    # The mean, not the median: ragged batches and a busy machine cost what they cost.
    measured = times[warm_up:]
    return sum(measured) / len(measured)


def _seconds_of_validation(
    module: SymmetryRegularizedModule, loader: Iterable[Batch], batches: int = 3
) -> float:
    start, count = time.perf_counter(), 0
    with torch.no_grad():
        for batch in itertools.islice(loader, batches):
            module.model(batch.to(module.device))
            count += 1
    total = len(loader) if isinstance(loader, Sized) else count
    return (time.perf_counter() - start) * total / max(count, 1)


def _endless(loader: Iterable[Batch]) -> Iterable[Batch]:
    while True:
        empty = True
        for batch in loader:
            empty = False
            yield batch
        if empty:
            raise ValueError("the training loader is empty")
