"""Progress of a cell: a bar in its own process, or a file that another process reads."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any, Protocol

from tqdm import tqdm

from semola_geo.comparison.store import write_json

_LINE_INTERVAL = 30.0  # seconds between two lines where there is no terminal

__all__ = ["CellBar", "Progress", "ProgressBar", "ProgressFile"]


class Progress(Protocol):
    """Anything that can be told how far a cell got."""

    def update(self, stage: str, share: float) -> None:
        """Say that ``share`` (0…1) of a stage is done."""


class ProgressFile:
    """A small file, rewritten as the cell goes, that crosses the border of a process.

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


class ProgressBar:
    """A bar on a terminal; where there is none, a line per stage and every half minute.

    Args:
        label: Name of the cell.
        position: Line of the terminal.
    """

    def __init__(self, label: str, position: int = 0) -> None:
        self._label = label
        self._bar = tqdm(
            total=100,
            position=position,
            leave=False,
            file=sys.stderr,
            bar_format="{desc}|{bar:24}| {n:3.0f} % [{elapsed}]",
            disable=not sys.stderr.isatty(),
        )
        self._shown = ("", 0.0)

    def update(self, stage: str, share: float) -> None:
        """Say that ``share`` (0…1) of a stage is done."""
        text = f"{self._label:<20} {stage:<14}"
        if not self._bar.disable:
            self._bar.set_description_str(text, refresh=False)
            self._bar.update(100 * share - self._bar.n)
            self._bar.refresh()
        elif stage != self._shown[0] or time.monotonic() - self._shown[1] > _LINE_INTERVAL:
            self._shown = (stage, time.monotonic())
            print(f"{text} {100 * share:3.0f} %", file=sys.stderr, flush=True)

    def close(self, message: str) -> None:
        """Remove the bar and leave one line in its place."""
        self._bar.close()
        tqdm.write(message, file=sys.stderr)


class CellBar(ProgressBar):
    """The bar of a cell in another process, which writes a :class:`ProgressFile`."""

    def __init__(self, label: str, progress: ProgressFile, position: int = 0) -> None:
        super().__init__(label, position)
        self._progress = progress

    def refresh(self) -> None:
        """Show what the cell last wrote."""
        self.update(*self._progress.read())
