"""Data sets of PyTorch Geometric, which fetch nothing from the network unless they are told to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["from_pyg"]


def from_pyg(
    cls: Any,
    root: str | Path,
    download: bool,
    *arguments: Any,
    check: Callable[[Any], None],
    **options: Any,
) -> Any:
    """Build a data set of PyTorch Geometric from files that are there.

    Args:
        cls: Its class.
        root: Its folder, with the files in ``raw``.
        download: Whether missing files may be fetched from the network.
        arguments: Further arguments of the class.
        check: Refuses malformed raw files of the data set that it is given, before PyTorch
            Geometric processes them; files that were processed before are not read again.
        options: Further options of the class.

    Raises:
        FileNotFoundError: If files are missing and may not be fetched; names them.
        ValueError: If files are malformed, as ``check`` says.
    """

    def refuse(self: Any) -> None:
        missing = [path for path in self.raw_paths if not Path(path).exists()]
        raise FileNotFoundError(
            f"{cls.__name__} needs {', '.join(missing)}; put the files there, or let PyTorch "
            "Geometric fetch them from the network with download=True"
        )

    def process(self: Any) -> None:
        check(self)
        cls.process(self)

    # PyG calls `download` of the class whenever a raw file is missing, and `process` whenever
    # a processed one is.
    methods = {"process": process} if download else {"process": process, "download": refuse}
    source = type(cls.__name__, (cls,), methods)
    return source(str(Path(root).expanduser()), *arguments, **options)
