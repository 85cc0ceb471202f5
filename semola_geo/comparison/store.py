"""A folder of finished cells, found again by the fingerprint of their configuration."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

__all__ = ["CellStore", "file_fingerprint", "fingerprint", "write_json"]


def fingerprint(config: Mapping[str, Any]) -> str:
    """Return a short hash of a plain configuration; the order of its keys does not matter.

    >>> fingerprint({"a": 1, "b": [2]}) == fingerprint({"b": [2], "a": 1})
    True
    """
    text = json.dumps(config, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def file_fingerprint(path: Path) -> str:
    """Return a short hash of the content of a file.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "data"
    >>> _ = path.write_bytes(b"")
    >>> file_fingerprint(path)
    'e3b0c44298fc1c14'
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file in one step, so that a killed process leaves the old file or the new one.

    Raises:
        TypeError: If the content is not plain.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    temporary.write_text(json.dumps(content, indent=2) + "\n")
    os.replace(temporary, path)


def _method_and_seed(config: Mapping[str, Any]) -> str:
    return f"{config['method']['name']}_seed{config['seed']}"


class CellStore:
    """Folders ``<root>/<label>_<fingerprint>`` with a ``result.json`` once finished.

    A cell that was killed has no ``result.json`` and is run again; one that is finished is not.

    Args:
        root: Folder of all cells; shared by comparisons.
        label: What a person calls a cell, from its configuration.

    >>> import tempfile
    >>> store = CellStore(tempfile.mkdtemp())
    >>> config = {"method": {"name": "none"}, "seed": 0}
    >>> store.finished(config) is None
    True
    >>> write_json(store.folder(config) / "result.json", {"test_error": 0.1})
    >>> store.finished(config)
    {'test_error': 0.1}
    """

    def __init__(
        self, root: str | Path, label: Callable[[Mapping[str, Any]], str] = _method_and_seed
    ) -> None:
        self.root = Path(root)
        self._label = label

    def folder(self, config: Mapping[str, Any]) -> Path:
        """Return the folder of a cell, which may not exist yet."""
        return self.root / f"{self._label(config)}_{fingerprint(config)}"

    def prepare(self, config: Mapping[str, Any]) -> Path:
        """Create the folder of a cell, with its configuration, and return it."""
        folder = self.folder(config)
        write_json(folder / "config.json", dict(config))
        return folder

    def finished(self, config: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the result of a cell, or ``None`` if it has not been finished."""
        path = self.folder(config) / "result.json"
        if not path.is_file():
            return None
        try:
            result: dict[str, Any] = json.loads(path.read_text())
        except json.JSONDecodeError:
            return None
        return result
