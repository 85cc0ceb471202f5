"""Train a module: a budget in steps or seconds, exact resumption, one result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping
from lightning.pytorch.loggers import Logger
from torch_geometric.data import Batch

from semola_geo.training.budget import choose_steps, run_configuration
from semola_geo.training.checkpoint import (
    check_fingerprint,
    newest_checkpoint,
    stored_configuration,
)
from semola_geo.training.history import History
from semola_geo.training.loader import GraphLoader
from semola_geo.training.module import SymmetryRegularizedModule
from semola_geo.training.quiet import quiet_lightning
from semola_geo.training.result import FitResult, collect_result
from semola_geo.training.trainer import build_trainer

__all__ = ["fit"]


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
        early_stopping: Epochs without a better ``val/mae`` (of classes: ``val/accuracy``) before
            stopping, or a callback.
        callbacks: Further Lightning callbacks.
        accelerator: As for ``lightning.Trainer``, like the next three.
        devices: Devices per node.
        strategy: ``"ddp"`` and ``"ddp_spawn"`` are set up for this module. Batch norms of a network
            of one's own then need ``sync_batchnorm=True``, or each process keeps statistics apart.
        num_nodes: Nodes.
        threads: Threads of torch during training; ``None``: unchanged. Small graphs are fastest
            with one.
        trainer_options: Further options of ``lightning.Trainer``, such as ``precision``.

    Raises:
        ValueError: If there is no budget, or two different ones; if the checkpoint folder holds a
            run with other options (they are named); if the target has NaN values.
        FloatingPointError: If the gradient is not finite; on a GPU at the end of the epoch, before
            its checkpoint is written.
    """
    folder = None if checkpoint_dir is None else Path(checkpoint_dir)
    found = newest_checkpoint(folder) if folder is not None and resume else None
    with ExitStack() as stack:
        stack.enter_context(_threads(threads))
        stack.enter_context(_own_random_state())
        stack.enter_context(quiet_lightning())
        if module.normalizer is None or not bool(module.normalizer.fitted):
            module.fit_normalizer(_all_graphs(train_loader))
        steps = choose_steps(
            module,
            train_loader,
            val_loader,
            max_steps=max_steps,
            max_seconds=max_seconds,
            stored={} if found is None else stored_configuration(found[1]),
            accelerator=accelerator,
            processes=(devices, num_nodes),
        )
        stack.enter_context(_schedule(module, steps))
        configuration = run_configuration(
            module, train_loader, callbacks, trainer_options, early_stopping
        )
        if found is not None:
            check_fingerprint(found[1], configuration, found[0])
        done = found is not None and _stopped_early(found[1])
        history = History(None if folder is None or logger != "csv" else folder / "metrics.csv")
        trainer = build_trainer(
            max_steps=int(found[1]["global_step"]) if found and done else steps,
            history=history,
            monitor=module.monitor,
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
    return collect_result(
        trainer, history, steps, found[0] if found else None, monitor=module.monitor
    )


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
    devices = [torch.cuda.current_device()] if torch.cuda.is_available() else []
    with torch.random.fork_rng(devices=devices):
        yield


@contextmanager
def _schedule(module: SymmetryRegularizedModule, steps: int) -> Iterator[None]:
    """Lend the module the length of its schedule, so that another fit may choose another."""
    before, module.max_steps = module.max_steps, steps
    try:
        yield
    finally:
        module.max_steps = before
