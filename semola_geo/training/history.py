"""What was measured in every epoch, kept across interruptions."""

from __future__ import annotations

import csv
import os
import time
from pathlib import Path
from typing import Any

import lightning as L
from lightning.pytorch.callbacks import Checkpoint

__all__ = ["History"]


class History(Checkpoint):
    """One row per epoch, stored in the checkpoints, so that a resumed run has a whole history.

    Lightning's CSV logger deletes or splits its file on resumption; here the file is rewritten
    from the rows, atomically. This is a ``Checkpoint`` because Lightning calls these after the
    module has logged its epoch; put it before the ``ModelCheckpoint`` that is to store it.

    Args:
        path: CSV file to keep up to date; ``None``: rows are kept in memory only.

    Attributes:
        rows: One dictionary per epoch: ``epoch``, ``step``, ``seconds`` and all logged metrics.
        seconds: Wall-clock time of training so far, over all parts of the run.
        cpu_seconds: CPU time of this process, likewise.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.rows: list[dict[str, float]] = []
        self.seconds = 0.0
        self.cpu_seconds = 0.0
        self._path = path
        self._clock = (time.perf_counter(), time.process_time())

    def on_fit_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Start the clocks."""
        self._clock = (time.perf_counter(), time.process_time())

    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Add the row of this epoch."""
        if self.rows and self.rows[-1]["step"] == trainer.global_step:
            return  # Lightning repeats the end of the checkpointed epoch when it resumes
        self._tick()
        row = {
            "epoch": float(len(self.rows)),
            "step": float(trainer.global_step),
            "seconds": self.seconds,
        }
        row.update({str(name): float(value) for name, value in trainer.callback_metrics.items()})
        self.rows.append(row)
        if self._path is not None and trainer.is_global_zero:
            _write_csv(self._path, self.rows)

    def on_fit_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Stop the clocks."""
        self._tick()

    def state_dict(self) -> dict[str, Any]:
        """Return rows and times, for the checkpoint."""
        return {"rows": self.rows, "seconds": self.seconds, "cpu_seconds": self.cpu_seconds}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue from a checkpoint."""
        self.rows = list(state_dict["rows"])
        self.seconds = state_dict["seconds"]
        self.cpu_seconds = state_dict["cpu_seconds"]

    def _tick(self) -> None:
        now = (time.perf_counter(), time.process_time())
        self.seconds += now[0] - self._clock[0]
        self.cpu_seconds += now[1] - self._clock[1]
        self._clock = now


def _write_csv(path: Path, rows: list[dict[str, float]]) -> None:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with temporary.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    os.replace(temporary, path)
