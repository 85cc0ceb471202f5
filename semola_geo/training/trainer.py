"""A lean Lightning trainer: little work per step, whole epochs, atomic checkpoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import lightning as L
from lightning.pytorch.callbacks import (
    Callback,
    EarlyStopping,
    ModelCheckpoint,
    TQDMProgressBar,
)
from lightning.pytorch.loggers import Logger, TensorBoardLogger
from lightning.pytorch.strategies import DDPStrategy

from semola_geo.training.checkpoint import AtomicCheckpointIO, Fingerprint
from semola_geo.training.history import History
from semola_geo.training.monitor import Monitor

__all__ = ["LAST", "build_trainer"]

LAST = "last"


def build_trainer(
    *,
    max_steps: int,
    history: History,
    monitor: Monitor,
    configuration: Mapping[str, Any],
    checkpoint_dir: Path | None,
    validated: bool,
    progress: bool,
    logger: str | Logger | None,
    early_stopping: int | EarlyStopping | None,
    callbacks: Sequence[Callback],
    accelerator: str,
    devices: int | str | list[int],
    strategy: Any,
    num_nodes: int,
    options: Mapping[str, Any],
) -> L.Trainer:
    """Build the trainer of :func:`fit`, which documents the arguments.

    Raises:
        ValueError: For an unknown logger, or early stopping without validation data.
    """
    chain: list[Callback] = [history, _EndWithValidation(), *callbacks]
    if progress:
        chain.append(TQDMProgressBar(refresh_rate=50))
    if early_stopping is not None:
        if not validated:
            raise ValueError("early_stopping needs val_loader: it watches the validation error")
        chain.append(
            early_stopping
            if isinstance(early_stopping, EarlyStopping)
            else EarlyStopping(
                monitor.name,
                patience=early_stopping,
                mode=monitor.mode,
                check_on_train_epoch_end=False,
            )
        )
    if checkpoint_dir is not None:
        chain += [
            Fingerprint(configuration),
            _model_checkpoint(checkpoint_dir, monitor if validated else None),
        ]
    return L.Trainer(
        max_steps=max_steps,
        callbacks=chain,
        logger=_logger(logger, checkpoint_dir),
        plugins=[AtomicCheckpointIO()],
        accelerator=accelerator,
        devices=devices,
        strategy=_strategy(strategy),
        num_nodes=num_nodes,
        enable_progress_bar=progress,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        # GraphLoader shares out the global batch itself.
        use_distributed_sampler=False,
        # Per-step logging costs more than a step of a small model; metrics are logged per epoch.
        log_every_n_steps=10**9 if logger in (None, "csv") else 50,
        default_root_dir=None if checkpoint_dir is None else str(checkpoint_dir),
        **options,
    )


def _model_checkpoint(folder: Path, monitor: Monitor | None) -> ModelCheckpoint:
    return ModelCheckpoint(
        dirpath=folder,
        filename="epoch" if monitor is None else "best",
        monitor=None if monitor is None else monitor.name,
        mode="min" if monitor is None else monitor.mode,
        save_last=True,
        save_on_train_epoch_end=True,
        # A resumed run overwrites its own files, instead of leaving last-v1.ckpt beside last.ckpt.
        enable_version_counter=False,
    )


def _logger(logger: str | Logger | None, folder: Path | None) -> Logger | bool:
    if logger is None or logger == "csv":
        return False  # History writes metrics.csv, and survives resumption.
    if isinstance(logger, Logger):
        return logger
    if logger == "tensorboard":
        return TensorBoardLogger(folder or Path.cwd(), name="tensorboard", version="")
    raise ValueError(
        f"logger must be 'csv', 'tensorboard', None or a Lightning Logger, got {logger!r}"
    )


def _strategy(strategy: Any) -> Any:
    if strategy in ("ddp", "ddp_spawn", "ddp_fork"):
        # Evaluation shares may be ragged: no broadcasts. Buffers are the same everywhere, as
        # networks of this library take running statistics over all processes; a batch norm does
        # with sync_batchnorm=True.
        # Terms that are switched off leave parameters without gradient.
        start_method = {"ddp": "popen", "ddp_spawn": "spawn", "ddp_fork": "fork"}[strategy]
        return DDPStrategy(
            start_method=start_method,  # type: ignore[arg-type]
            find_unused_parameters=True,
            broadcast_buffers=False,
        )
    return strategy


class _EndWithValidation(Callback):
    """Evaluate also after the last step, where that is not the last of an epoch."""

    def on_train_batch_end(self, trainer: L.Trainer, *_: Any) -> None:
        """Ask the trainer to stop in its regular way, which validates first."""
        if trainer.global_step >= trainer.max_steps:
            trainer.should_stop = True
