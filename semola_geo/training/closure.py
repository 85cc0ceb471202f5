"""Keep a learned span close to a Lie algebra while it is trained."""

from __future__ import annotations

from typing import Any

import lightning as L
from lightning.pytorch.callbacks import Callback

from semola_geo.transforms import LearnableSymmetryTransform, ProductTransform

__all__ = ["ClosureProjection"]


class ClosureProjection(Callback):
    """Project the generators onto the nearest closed algebra, now and then and at the end.

    The symmetries of any data form a group, hence their algebra is closed. A learned span wanders
    around the closed ones; only the part of its motion along them is signal.

    Args:
        every_n_steps: Steps between projections; depends on the step alone, so that interrupted
            runs repeat exactly.
        max_angle: Degrees beyond which a closed span is not near, and nothing is done.

    Raises:
        ValueError: If a number is not positive.

    >>> ClosureProjection(every_n_steps=50).every_n_steps
    50
    """

    def __init__(self, every_n_steps: int = 100, max_angle: float = 20.0) -> None:
        if every_n_steps < 1 or not max_angle > 0:
            raise ValueError(
                f"every_n_steps and max_angle must be positive, got {every_n_steps}, {max_angle}"
            )
        self.every_n_steps = every_n_steps
        self.max_angle = max_angle

    def configuration(self) -> dict[str, Any]:
        """Return the options, for the fingerprint of a run."""
        return {"every_n_steps": self.every_n_steps, "max_angle": self.max_angle}

    def on_train_batch_end(self, trainer: L.Trainer, module: L.LightningModule, *_: Any) -> None:
        """Project after every n-th step, and after the last one."""
        transform = getattr(module, "transform", None)
        if isinstance(transform, ProductTransform):
            transform = transform.continuous
        if not isinstance(transform, LearnableSymmetryTransform):
            return
        step = trainer.global_step
        if step % self.every_n_steps == 0 or step == trainer.max_steps:
            transform.close(self.max_angle)
