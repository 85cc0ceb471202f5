"""Mistakes in a user's file, told with file, record and field."""

from __future__ import annotations

from pathlib import Path

__all__ = ["RecordError", "existing_file", "why"]


_GZIP = b"\x1f\x8b"


class RecordError(ValueError):
    """One record of a file is wrong; the records behind it can still be read.

    Args:
        label: Which record, such as ``"record 3"``.
        field: Name of the field that is wrong, if it is one.
        problem: What is wrong and what to do.
        final: Whether it is the declaration that is wrong, so that skipping records is no help.
        mild: Whether the record is skipped, and counted, in any case.

    >>> str(RecordError("record 3", "forces", "1 value is NaN"))
    "record 3, field 'forces': 1 value is NaN"
    """

    def __init__(
        self,
        label: str,
        field: str | None,
        problem: str,
        *,
        final: bool = False,
        mild: bool = False,
    ) -> None:
        self.final, self.mild = final, mild
        where = label if field is None else f"{label}, field {field!r}"
        super().__init__(f"{where}: {problem}")


def existing_file(path: str | Path) -> Path:
    """Return the path of a file that exists and is not empty.

    Raises:
        TypeError: If it is no path.
        FileNotFoundError: If there is no such file.
        ValueError: If it is a folder, empty, or compressed.
    """
    if not isinstance(path, str | Path):
        raise TypeError(f"path must be the path of a file, got {type(path).__name__}")
    found = Path(path).expanduser()
    if found.is_dir():
        raise ValueError(f"{found} is a folder; give the path of a file")
    if not found.is_file():
        raise FileNotFoundError(f"there is no file {found}; a relative path starts at {Path.cwd()}")
    if found.stat().st_size == 0:
        raise ValueError(f"{found} is empty")
    with found.open("rb") as file:
        if file.read(len(_GZIP)) == _GZIP:
            raise ValueError(f"{found} is compressed with gzip; unpack it, as with gunzip")
    return found


def why(error: BaseException) -> str:
    """Return what another library says, in one line.

    >>> why(KeyError("Xx"))
    "KeyError: 'Xx'"
    """
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
