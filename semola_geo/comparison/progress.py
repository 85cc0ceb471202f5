"""Progress that crosses a process boundary: a small file that a cell rewrites as it goes."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from tqdm import tqdm

from semola_geo.comparison.store import write_json

__all__ = ["CellBar", "ProgressFile"]


class ProgressFile:
    """Written by a cell: what it is doing, and how far it got.

    Args:
        path: File to rewrite.
        interval: Least seconds between two writes of the same stage.

    >>> import tempfile
    >>> progress = ProgressFile(Path(tempfile.mkdtemp()) / "progress.json")
    >>> progress.update("training", 0.5)
    >>> progress.read()
    ('training', 0.5)
    """

    def __init__(self, path: str | Path, interval: float = 0.5) -> None:
        self.path = Path(path)
        self.interval = interval
        self._stage = ""
        self._written = 0.0

    def update(self, stage: str, share: float) -> None:
        """Say that ``share`` (0…1) of a stage is done."""
        now = time.monotonic()
        if stage == self._stage and now - self._written < self.interval and share < 1:
            return
        write_json(self.path, {"stage": stage, "share": share})
        self._stage, self._written = stage, now

    def read(self) -> tuple[str, float]:
        """Return stage and share; before the first write, that the cell is starting."""
        try:
            content: dict[str, Any] = json.loads(self.path.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return "starting", 0.0
        return str(content["stage"]), float(content["share"])


class CellBar:
    """One line of progress for one running cell, as a bar on a terminal and as text elsewhere.

    Args:
        label: Name of the cell.
        progress: Its progress file.
        position: Line of the terminal.
    """

    def __init__(self, label: str, progress: ProgressFile, position: int = 0) -> None:
        self._progress = progress
        self._label = label
        self._bar = tqdm(
            total=100,
            desc=label,
            position=position,
            leave=False,
            file=sys.stderr,
            bar_format="{desc} |{bar:24}| {n:3.0f} % [{elapsed}]",
            # A log file gets a line now and then, a terminal a bar that moves.
            mininterval=0.1 if sys.stderr.isatty() else 10.0,
        )

    def refresh(self) -> None:
        """Show what the cell last wrote."""
        stage, share = self._progress.read()
        self._bar.set_description_str(f"{self._label:<22} {stage:<16}", refresh=False)
        self._bar.update(100 * share - self._bar.n)
        if sys.stderr.isatty():
            self._bar.refresh()

    def close(self, message: str) -> None:
        """Remove the bar and leave one line in its place."""
        self._bar.close()
        tqdm.write(message, file=sys.stderr)
