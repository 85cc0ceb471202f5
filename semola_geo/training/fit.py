"""Train a module: a budget in steps or seconds, exact resumption, one result."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, ModelCheckpoint
from lightning.pytorch.loggers import Logger
from torch_geometric.data import Batch

from semola_geo.training.calibrate import calibrate_steps
from semola_geo.training.checkpoint import (
    check_fingerprint,
    newest_checkpoint,
    stored_configuration,
)
from semola_geo.training.history import History
from semola_geo.training.loader import GraphLoader
from semola_geo.training.module import SymmetryRegularizedModule
from semola_geo.training.quiet import quiet_lightning
from semola_geo.training.trainer import MONITOR, build_trainer

__all__ = ["FitResult", "fit"]


@dataclass(frozen=True)
class FitResult:
    """What training did.

    Attributes:
        steps: Optimiser steps of the whole run, over all its interruptions.
        seconds: Wall-clock time of the whole run.
        cpu_seconds: CPU time of this process over the whole run.
        metrics: Last value of every logged metric (``val/mae``, ``train/loss`` …).
        best: Smallest ``val/mae`` over the epochs, in data units; ``None`` without validation.
        best_checkpoint: Checkpoint of that epoch.
        last_checkpoint: Checkpoint of the last epoch.
        history: One row per epoch.
        resumed_from: Checkpoint that was continued.
        stopped_early: Whether training ended before ``max_steps``.
    """

    steps: int
    seconds: float
    cpu_seconds: float
    metrics: dict[str, float] = field(default_factory=dict)
    best: float | None = None
    best_checkpoint: Path | None = None
    last_checkpoint: Path | None = None
    history: list[dict[str, float]] = field(default_factory=list)
    resumed_from: Path | None = None
    stopped_early: bool = False


def fit(
    module: SymmetryRegularizedModule,
    train_loader: GraphLoader | Iterable[Batch],
    val_loader: GraphLoader | Iterable[Batch] | None = None,
    *,
    max_steps: int | None = None,
    max_seconds: float | None = None,
    checkpoint_dir: str | Path | None = None,
    resume: bool = True,
    progress: bool = True,
    logger: str | Logger | None = "csv",
    early_stopping: int | EarlyStopping | None = None,
    callbacks: Sequence[Callback] = (),
    accelerator: str = "auto",
    devices: int | str | list[int] = 1,
    strategy: Any = "auto",
    num_nodes: int = 1,
    threads: int | None = 1,
    **trainer_options: Any,
) -> FitResult:
    """Train a module, and continue where an interrupted run of the same options stopped.

    A run that was killed at any moment and is started again ends with the same weights, bit for
    bit, as an uninterrupted one (same machine, same number of threads, a :class:`GraphLoader`):
    checkpoints are atomic and written at the ends of epochs, and order and randomness are pure
    functions of seed, epoch and step. Choose ``steps_per_epoch`` of the loader so that an epoch
    takes seconds to minutes.

    Args:
        module: What is trained, in place.
        train_loader: Training batches; from a :class:`GraphLoader` the target's units are learned
            where the module has none yet.
        val_loader: Held-out batches, evaluated after every epoch.
        max_steps: Optimiser steps; ``None``: ``module.max_steps``, or from ``max_seconds``.
        max_seconds: Wall-clock budget in seconds, turned into steps by :func:`calibrate_steps`.
        checkpoint_dir: Folder of ``last.ckpt``, ``best.ckpt`` and ``metrics.csv``; ``None``:
            nothing is written.
        resume: Continue from the newest valid checkpoint in the folder.
        progress: Show a progress bar.
        logger: ``"csv"`` (``metrics.csv``), ``"tensorboard"``, ``None`` or a Lightning logger.
        early_stopping: Epochs without a better ``val/mae`` before stopping, or a callback.
        callbacks: Further Lightning callbacks.
        accelerator: As for ``lightning.Trainer``, like the next three.
        devices: Devices per node.
        strategy: ``"ddp"`` and ``"ddp_spawn"`` are set up for this module.
        num_nodes: Nodes.
        threads: Threads of torch during training; ``None``: unchanged. Small graphs are fastest
            with one.
        trainer_options: Further options of ``lightning.Trainer``, such as ``precision``.

    Raises:
        ValueError: If there is no budget, or two different ones; if the checkpoint folder holds a
            run with other options (they are named); if the target has NaN values.
        FloatingPointError: If the gradient is not finite.
    """
    folder = None if checkpoint_dir is None else Path(checkpoint_dir)
    found = newest_checkpoint(folder) if folder is not None and resume else None
    with _threads(threads), _own_random_state(), quiet_lightning():
        if module.normalizer is None or not bool(module.normalizer.fitted):
            module.fit_normalizer(_all_graphs(train_loader))
        budget_options = {} if found is None else stored_configuration(found[1])
        module.max_steps = _budget(
            module, train_loader, val_loader, max_steps, max_seconds, budget_options
        )
        configuration = _configuration(module, train_loader, trainer_options)
        if found is not None:
            check_fingerprint(found[1], configuration, found[0])
        done = found is not None and _stopped_early(found[1])
        history = History(None if folder is None or logger != "csv" else folder / "metrics.csv")
        trainer = build_trainer(
            max_steps=int(found[1]["global_step"]) if found and done else module.max_steps,
            history=history,
            configuration=configuration,
            checkpoint_dir=folder,
            validated=val_loader is not None,
            progress=progress,
            logger=logger,
            early_stopping=early_stopping,
            callbacks=callbacks,
            accelerator=accelerator,
            devices=devices,
            strategy=strategy,
            num_nodes=num_nodes,
            options=trainer_options,
        )
        trainer.fit(module, train_loader, val_loader, ckpt_path=None if found is None else found[0])
    module.eval()
    return _result(trainer, history, module.max_steps, found[0] if found else None)


def _budget(
    module: SymmetryRegularizedModule,
    train_loader: Iterable[Batch],
    val_loader: Iterable[Batch] | None,
    max_steps: int | None,
    max_seconds: float | None,
    stored: dict[str, Any],
) -> int:
    """Return the number of steps of the run."""
    if max_steps is not None and max_steps < 1:
        raise ValueError(f"max_steps must be at least 1, got {max_steps}")
    if max_steps is not None and max_seconds is not None:
        raise ValueError("give either max_steps or max_seconds, not both")
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
    return calibrate_steps(module, train_loader, max_seconds, val_loader=val_loader)


def _configuration(
    module: SymmetryRegularizedModule, loader: Iterable[Batch], options: dict[str, Any]
) -> dict[str, Any]:
    """Return all that decides the result, as plain values."""
    configuration = module.configuration()
    if isinstance(loader, GraphLoader):
        configuration.update(loader.configuration())
        if loader.in_memory:
            target = loader.full_batch()[module.target].detach().cpu().contiguous()
            configuration["target_checksum"] = zlib.crc32(target.numpy().tobytes())
    configuration.update({name: repr(value) for name, value in options.items()})
    return configuration


def _all_graphs(loader: Iterable[Batch]) -> Batch:
    if isinstance(loader, GraphLoader):
        return loader.full_batch()
    graphs = [graph for batch in loader for graph in batch.to_data_list()]
    if not graphs:
        raise ValueError("the training loader is empty")
    return Batch.from_data_list(graphs)


def _stopped_early(checkpoint: dict[str, Any]) -> bool:
    """Whether early stopping had ended the run that wrote the checkpoint."""
    return any(
        state["wait_count"] >= state["patience"]
        for name, state in checkpoint.get("callbacks", {}).items()
        if name.startswith("EarlyStopping")
    )


def _result(
    trainer: L.Trainer, history: History, max_steps: int, resumed_from: Path | None
) -> FitResult:
    metrics = {str(name): float(value) for name, value in trainer.callback_metrics.items()}
    if not metrics and history.rows:
        # Nothing was left to do.
        own = ("epoch", "step", "seconds")
        metrics = {name: value for name, value in history.rows[-1].items() if name not in own}
    errors = [row[MONITOR] for row in history.rows if MONITOR in row]
    checkpoints = [c for c in trainer.callbacks if isinstance(c, ModelCheckpoint)]  # type: ignore[attr-defined]
    written = checkpoints[0] if checkpoints else None
    best = written.best_model_path if written is not None else ""
    last = written.last_model_path if written is not None else ""
    return FitResult(
        steps=trainer.global_step,
        seconds=history.seconds,
        cpu_seconds=history.cpu_seconds,
        metrics=metrics,
        best=min(errors, default=None),
        best_checkpoint=Path(best) if best and errors else None,
        last_checkpoint=Path(last) if last else None,
        history=history.rows,
        resumed_from=resumed_from,
        stopped_early=trainer.global_step < max_steps,
    )


@contextmanager
def _threads(count: int | None) -> Iterator[None]:
    before = torch.get_num_threads()
    if count is not None:
        torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def _own_random_state() -> Iterator[None]:
    """Leave the caller's global generators as they were: every step seeds them for dropout."""
    used = torch.cuda.is_available() and torch.cuda.is_initialized()
    with torch.random.fork_rng(devices=[torch.cuda.current_device()] if used else []):
        yield
