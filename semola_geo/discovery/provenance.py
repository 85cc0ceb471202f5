"""Where a report comes from: versions and times."""

from __future__ import annotations

import platform
import time
from importlib.metadata import PackageNotFoundError, version

__all__ = ["Stopwatch", "versions"]

_PACKAGES = ("semola-geo", "torch", "torch-geometric", "e3nn", "lightning")


class Stopwatch:
    """Wall-clock seconds of consecutive phases.

    >>> watch = Stopwatch()
    >>> watch.lap("phase")
    >>> list(watch.laps)
    ['phase']
    """

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        """End a phase."""
        now = time.perf_counter()
        self.laps[name] = round(now - self._last, 3)
        self._last = now


def versions() -> dict[str, str]:
    """Return the versions of what decides a result.

    >>> "torch" in versions()
    True
    """
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
