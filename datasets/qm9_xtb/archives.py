"""The archives of arrays, and the list of their checksums beside them, as ``sha256sum`` has it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["load", "save"]


def load(path: Path) -> dict[str, Any]:
    """Read all arrays of an archive."""
    with np.load(path) as archive:
        return {name: archive[name] for name in archive.files}


def save(path: Path, arrays: Mapping[str, Any], molecules: int) -> None:
    """Write an archive and its SHA-256 to ``SHA256SUMS`` beside it, and say what was written.

    Entries of other files stay.
    """
    np.savez_compressed(path, **arrays)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    sums = path.parent / "SHA256SUMS"
    lines = sums.read_text().splitlines() if sums.is_file() else []
    entries = {line.split()[1]: line for line in lines if line.strip()}
    entries[path.name] = f"{digest}  {path.name}"
    sums.write_text("".join(f"{entries[name]}\n" for name in sorted(entries)))
    print(f"{path}: {molecules} molecules, {path.stat().st_size / 2**20:.2f} MiB, sha256 {digest}")
