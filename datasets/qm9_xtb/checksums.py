"""The list of checksums beside the data files, in the format of ``sha256sum``."""

from __future__ import annotations

import hashlib
from pathlib import Path

__all__ = ["record"]


def record(path: Path) -> str:
    """Write the SHA-256 of a file to ``SHA256SUMS`` beside it; entries of other files stay."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    sums = path.parent / "SHA256SUMS"
    lines = sums.read_text().splitlines() if sums.is_file() else []
    entries = {line.split()[1]: line for line in lines if line.strip()}
    entries[path.name] = f"{digest}  {path.name}"
    sums.write_text("".join(f"{entries[name]}\n" for name in sorted(entries)))
    return digest
