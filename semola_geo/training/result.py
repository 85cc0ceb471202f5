"""What a training run did."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import lightning as L
from lightning.pytorch.callbacks import ModelCheckpoint

from semola_geo.training.history import History
from semola_geo.training.monitor import Monitor

__all__ = ["FitResult", "collect_result"]


@dataclass(frozen=True)
class FitResult:
    """What training did.

    Attributes:
        steps: Optimiser steps of the whole run, over all its interruptions.
        seconds: Wall-clock time of the whole run.
        cpu_seconds: CPU time of this process over the whole run.
        metrics: Last value of every logged metric (``val/mae``, ``train/loss`` …).
        best: Smallest ``val/mae`` over the epochs, in data units, or largest ``val/accuracy`` of
            classes; ``None`` without validation.
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


def collect_result(
    trainer: L.Trainer,
    history: History,
    max_steps: int,
    resumed_from: Path | None,
    *,
    monitor: Monitor,
) -> FitResult:
    """Gather the result of a finished ``trainer.fit``."""
    metrics = {str(name): float(value) for name, value in trainer.callback_metrics.items()}
    if not metrics and history.rows:
        # Nothing was left to do.
        own = ("epoch", "step", "seconds")
        metrics = {name: value for name, value in history.rows[-1].items() if name not in own}
    watched = [row[monitor.name] for row in history.rows if monitor.name in row]
    checkpoints = [c for c in trainer.callbacks if isinstance(c, ModelCheckpoint)]  # type: ignore[attr-defined]
    written = checkpoints[0] if checkpoints else None
    best = written.best_model_path if written is not None else ""
    last = written.last_model_path if written is not None else ""
    return FitResult(
        steps=trainer.global_step,
        seconds=history.seconds,
        cpu_seconds=history.cpu_seconds,
        metrics=metrics,
        best=monitor.best(watched),
        best_checkpoint=Path(best) if best and watched else None,
        last_checkpoint=Path(last) if last else None,
        history=history.rows,
        resumed_from=resumed_from,
        stopped_early=trainer.global_step < max_steps,
    )
