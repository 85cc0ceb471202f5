"""Checkpoints that survive SIGKILL, and refuse to continue another experiment."""

from __future__ import annotations

import os
import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.plugins.io import TorchCheckpointIO

__all__ = [
    "AtomicCheckpointIO",
    "Fingerprint",
    "check_fingerprint",
    "load_checkpoint",
    "newest_checkpoint",
    "stored_configuration",
]

_KEY = "semola_geo_configuration"
# What runs did before an option existed: their checkpoints do not tell it.
_BEFORE = {"categorical": False, "loss": "squared error"}
# What older checkpoints do not tell either way.
_UNTOLD = ("input_checksum", "early_stopping")


class AtomicCheckpointIO(TorchCheckpointIO):
    """Write a checkpoint beside its final place, flush it to disk, and rename.

    A rename within one folder is atomic: whenever the process dies, the name holds either the
    old checkpoint or the new one, complete. Other file systems (``s3://`` …) are left to Lightning.
    """

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None
    ) -> None:
        """Save so that no half-written file can ever be found at ``path``."""
        if "://" in str(path):
            super().save_checkpoint(checkpoint, path, storage_options)
            return
        final = Path(path)
        final.parent.mkdir(parents=True, exist_ok=True)
        temporary = final.with_name(f".{final.name}.{os.getpid()}.tmp")
        try:
            with temporary.open("wb") as file:
                torch.save(checkpoint, file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, final)
        finally:
            temporary.unlink(missing_ok=True)
        _sync_folder(final.parent)


def _sync_folder(folder: Path) -> None:
    """Make a rename durable: without, a power cut may bring back the old name."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def load_checkpoint(path: str | os.PathLike[str]) -> dict[str, Any] | None:
    """Load a checkpoint to the CPU, or return ``None`` where the file is no valid checkpoint.

    Only tensors and plain values are unpickled.
    """
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError, zipfile.BadZipFile):
        return None
    valid = isinstance(checkpoint, dict) and {"state_dict", "global_step"} <= checkpoint.keys()
    return checkpoint if valid else None


def newest_checkpoint(folder: str | os.PathLike[str]) -> tuple[Path, dict[str, Any]] | None:
    """Find the valid ``*.ckpt`` of the largest step, and of equal ones the latest written.

    Returns:
        Its path and content; ``None`` if the folder holds no valid checkpoint.
    """
    found = []
    for path in Path(folder).glob("*.ckpt"):
        checkpoint = load_checkpoint(path)
        if checkpoint is not None:
            key = (int(checkpoint["global_step"]), path.stat().st_mtime_ns, path.name)
            found.append((key, path, checkpoint))
    if not found:
        return None
    _, path, checkpoint = max(found, key=lambda item: item[0])
    return path, checkpoint


class Fingerprint(Callback):
    """Store the configuration of a run in its checkpoints.

    Args:
        configuration: Plain values: numbers, strings, ``None``, lists and dictionaries of them.
    """

    def __init__(self, configuration: Mapping[str, Any]) -> None:
        self.configuration = dict(configuration)

    def on_save_checkpoint(
        self, trainer: L.Trainer, pl_module: L.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Add the configuration to what is saved."""
        checkpoint[_KEY] = self.configuration


def check_fingerprint(
    checkpoint: Mapping[str, Any], configuration: Mapping[str, Any], path: Path
) -> None:
    """Refuse to continue a run that had other options.

    Options that are younger than the checkpoint count as what runs did before, where that is known,
    and else are not compared.

    Raises:
        ValueError: Naming every option that differs, with both values.

    >>> check_fingerprint({_KEY: {"lr": 0.1}}, {"lr": 0.2}, Path("last.ckpt"))
    Traceback (most recent call last):
    ValueError: last.ckpt comes from a run with other options: lr was 0.1, now 0.2. Use these
    options, another checkpoint_dir, or resume=False to start afresh
    """
    stored = checkpoint.get(_KEY)
    if stored is None:
        raise ValueError(
            f"{path} has no configuration of semola_geo, so it cannot be told whether it belongs "
            "to this run; use another checkpoint_dir, or resume=False to start afresh"
        )
    known = {n: v for n, v in configuration.items() if n in stored or n not in _UNTOLD}
    now = _flatten(known)
    before = {name: old for name, old in _BEFORE.items() if name in now} | _flatten(stored)
    missing = object()
    differences = [
        f"{name} was {before.get(name)!r}, now {now.get(name)!r}"
        for name in {**before, **now}
        if before.get(name, missing) != now.get(name, missing)
    ]
    if differences:
        raise ValueError(
            f"{path} comes from a run with other options: {'; '.join(differences)}. Use these "
            "options, another checkpoint_dir, or resume=False to start afresh"
        )


def stored_configuration(checkpoint: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration stored in a checkpoint, empty if there is none."""
    return dict(checkpoint.get(_KEY) or {})


def _flatten(options: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Name nested options by their path, so that a difference can be told in a few words."""
    flat: dict[str, Any] = {}
    for name, value in options.items():
        if isinstance(value, Mapping):
            flat.update(_flatten(value, f"{prefix}{name}."))
        else:
            flat[f"{prefix}{name}"] = value
    return flat
