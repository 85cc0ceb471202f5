"""How long to train, and the fingerprint of all that decides the outcome."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping
from torch import Tensor
from torch_geometric.data import Batch

from semola_geo.training.calibrate import calibrate_steps
from semola_geo.training.loader import GraphLoader
from semola_geo.training.module import SymmetryRegularizedModule

__all__ = ["choose_steps", "run_configuration"]


def choose_steps(
    module: SymmetryRegularizedModule,
    train_loader: Iterable[Batch],
    val_loader: Iterable[Batch] | None,
    *,
    max_steps: int | None,
    max_seconds: float | None,
    stored: dict[str, Any],
    accelerator: str,
    processes: tuple[Any, int],
) -> int:
    """Return the number of steps of a run.

    Args:
        module: What is trained.
        train_loader: Training batches.
        val_loader: Validation batches.
        max_steps: Budget in steps.
        max_seconds: Budget in seconds.
        stored: Configuration in the checkpoint that is continued, if any.
        accelerator: Where training will run.
        processes: Devices and nodes.

    Raises:
        ValueError: If there is no budget, or two different ones.
    """
    if max_steps is not None and max_steps < 1:
        raise ValueError(f"max_steps must be at least 1, got {max_steps}")
    if max_steps is not None and max_seconds is not None:
        raise ValueError("give either max_steps or max_seconds, not both")
    if max_seconds is not None and processes != (1, 1):
        raise ValueError(
            "max_seconds is measured in one process and would give each its own number of steps; "
            "use max_steps with several devices or nodes"
        )
    known = module.max_steps
    if max_steps is not None and known is not None and max_steps != known:
        raise ValueError(
            f"the module's schedule has max_steps={known}, but fit was given {max_steps}; give it "
            "once"
        )
    if max_steps is not None or known is not None:
        return known if max_steps is None else max_steps  # type: ignore[return-value]
    if max_seconds is None:
        raise ValueError("training needs a budget: give max_steps or max_seconds")
    # An interrupted run keeps the number of steps that was found when it began.
    if isinstance(stored.get("max_steps"), int):
        return int(stored["max_steps"])
    on_gpu = accelerator in ("gpu", "cuda", "auto") and torch.cuda.is_available()
    return calibrate_steps(
        module,
        train_loader,
        max_seconds,
        val_loader=val_loader,
        device=torch.device("cuda" if on_gpu else "cpu"),
    )


def run_configuration(
    module: SymmetryRegularizedModule,
    loader: Iterable[Batch],
    callbacks: Sequence[Callback],
    options: dict[str, Any],
    early_stopping: int | EarlyStopping | None = None,
) -> dict[str, Any]:
    """Return all that decides the result, as plain values; of data in memory, their checksums.

    Callbacks that change the result take part by a method ``configuration() -> dict``.
    """
    configuration = module.configuration()
    for callback in callbacks:
        describe = getattr(callback, "configuration", None)
        if callable(describe):
            configuration[type(callback).__name__] = describe()
    if isinstance(loader, GraphLoader):
        configuration.update(loader.configuration())
        if loader.in_memory:
            sums = {
                str(name): _checksum(values)
                for name, values in loader.full_batch().to_dict().items()
                if isinstance(values, Tensor)
            }
            configuration["target_checksum"] = sums.pop(module.target)
            configuration["input_checksum"] = sums
    configuration["early_stopping"] = getattr(early_stopping, "patience", early_stopping)
    configuration.update({name: repr(value) for name, value in options.items()})
    return configuration


def _checksum(values: Tensor) -> int:
    """Return a number that differs where one bit does, whatever the dtype."""
    flat = values.detach().cpu().contiguous().flatten()
    return zlib.crc32(flat.view(torch.uint8).numpy().data)
