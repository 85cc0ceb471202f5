"""Train the module of a cell: loaders, checkpoints, and progress for whoever watches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lightning as L
from lightning.pytorch.callbacks import Callback
from omegaconf import DictConfig

from semola_geo.comparison.method import plain_options
from semola_geo.comparison.progress import Progress
from semola_geo.comparison.task import Task
from semola_geo.training import (
    ClosureProjection,
    FitResult,
    GraphLoader,
    SymmetryRegularizedModule,
    calibrate_steps,
    fit,
)

__all__ = ["steps_within", "train"]


class _Tell(Callback):
    """Tells a :class:`Progress` how much of the training is done."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def on_train_batch_end(self, trainer: L.Trainer, *_: Any) -> None:
        """Tell, after every step."""
        self._progress.update("training", trainer.global_step / max(trainer.max_steps, 1))


def train(
    module: SymmetryRegularizedModule,
    config: DictConfig,
    task: Task,
    folder: Path,
    progress: Progress,
) -> FitResult:
    """Train for ``module.max_steps``; a run that was killed goes on from its checkpoint.

    Args:
        module: What is trained, in place.
        config: Composed configuration; ``config.trainer.fit`` holds options of
            :func:`semola_geo.training.fit`.
        task: The task.
        folder: Where ``checkpoints/`` goes.
        progress: Told after every step.
    """
    train_loader, val_loader = _loaders(config, task)
    return fit(
        module,
        train_loader,
        val_loader,
        checkpoint_dir=folder / "checkpoints",
        progress=False,
        callbacks=[_Tell(progress), *_closure(config)],
        **plain_options(config.trainer.fit),
    )


def _closure(config: DictConfig) -> list[Callback]:
    """Projection of learned generators onto closed algebras, where the method asks for it."""
    every = config.method.get("close_every")
    return [] if every is None else [ClosureProjection(int(every))]


def steps_within(
    seconds: float, module: SymmetryRegularizedModule, config: DictConfig, task: Task
) -> int:
    """Return how many training steps fit into a wall-clock budget.

    Args:
        seconds: The budget.
        module: What will be trained; only a copy of it is.
        config: Composed configuration.
        task: The task.

    Raises:
        ValueError: If the budget is not positive.
    """
    if seconds <= 0:
        raise ValueError(f"budget.seconds must be positive, got {seconds}")
    train_loader, val_loader = _loaders(config, task)
    module.fit_normalizer(train_loader.full_batch())
    return calibrate_steps(module, train_loader, seconds, val_loader=val_loader)


def _loaders(config: DictConfig, task: Task) -> tuple[GraphLoader, GraphLoader]:
    options = plain_options(config.trainer.loader)
    return (
        GraphLoader(task.train, seed=int(config.seed), **options),
        GraphLoader(task.val, int(config.evaluation.batch_size), shuffle=False),
    )
