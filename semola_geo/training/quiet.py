"""Silence for the parts of Lightning's output that say nothing about the run."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["quiet_lightning"]

# Advice that does not apply: data live in memory, metrics are logged per epoch by intent.
_BESIDE_THE_POINT = (
    ".*does not have many workers.*",
    ".*number of training batches.*smaller than the logging interval.*",
    ".*Checkpoint directory .* exists and is not empty.*",
    ".*is a wrapper for.*LeafSpec.*",
    ".*LeafSpec.*",
    ".*could not find the monitored key.*",
    ".*no `val_dataloader`.*",
    ".*lr_scheduler.step.*before.*optimizer.step.*",
    ".*It is recommended to use.*sync_dist=True.*",
    ".*The dirpath has changed.*",
    ".*You defined a `validation_step` but have no.*",
    ".*GPU available but not used.*",
    ".*Trying to infer the `batch_size`.*",
    ".*Found .* module.*in eval mode.*",
)


@contextmanager
def quiet_lightning() -> Iterator[None]:
    """Hide tips, device banners and inapplicable advice; real warnings and errors stay.

    >>> with quiet_lightning():
    ...     logging.getLogger("lightning.pytorch").level == logging.WARNING
    True
    """
    loggers = [
        logging.getLogger(name)
        for name in ("lightning.pytorch", "lightning.fabric", "lightning_utilities")
    ]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            for message in _BESIDE_THE_POINT:
                warnings.filterwarnings("ignore", message=message)
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
