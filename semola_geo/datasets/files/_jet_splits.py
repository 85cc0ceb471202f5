"""Which file, and which of its jets, belong to a published split."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from semola_geo.datasets._choice import check_choice
from semola_geo.datasets.files._tables import Chunk
from semola_geo.datasets.files.errors import RecordError
from semola_geo.datasets.split import PUBLISHED

__all__ = ["COLUMN", "file_of", "is_in_split", "published_codes"]

COLUMN = "ttv"
"""The column that tells the split of a jet."""

_CODES = {"train": 0, "test": 1, "val": 2}


def file_of(path: str | Path | Mapping[str, str | Path], split: str | None) -> str | Path:
    """Return the file of a split.

    Args:
        path: One file for all splits, or the file of each.
        split: ``"train"``, ``"val"``, ``"test"``, or ``None`` for all jets of one file.

    Raises:
        TypeError: If the file of a split is no path.
        ValueError: For an unknown split, one file that stands for several splits, other splits than
            these three, or files of splits where none is asked for.

    >>> file_of({"train": "train.h5", "val": "val.h5", "test": "test.h5"}, "val")
    'val.h5'
    """
    if split is not None:
        check_choice("split", split, PUBLISHED)
    if not isinstance(path, Mapping):
        return path
    if set(path) != set(PUBLISHED):
        raise ValueError(
            f"path has files for {', '.join(map(str, path)) or 'nothing'}; give one file, or one "
            "for each of train, val and test, as in path={'train': 'train.h5', 'val': 'val.h5', "
            "'test': 'test.h5'}"
        )
    for name in PUBLISHED:
        if not isinstance(path[name], str | Path):
            raise TypeError(
                f"path[{name!r}] must be the path of a file, got {type(path[name]).__name__}"
            )
    if len({Path(path[name]).expanduser().resolve() for name in PUBLISHED}) < len(PUBLISHED):
        raise ValueError(
            f"path={dict(path)} needs three different files; of one file with a column "
            f"{COLUMN!r}, give the path alone"
        )
    if split is None:
        raise ValueError("path has a file for each split; choose split='train', 'val' or 'test'")
    return path[split]


def published_codes(chunk: Chunk, path: Path) -> np.ndarray[Any, Any] | None:
    """Return the column of splits as numbers, or ``None`` where there is none.

    Raises:
        ValueError: If it holds anything else than numbers.
    """
    if COLUMN not in chunk:
        return None
    column = chunk[COLUMN]
    if column.dtype.kind not in "fiu":
        raise ValueError(f"{path}, column {COLUMN!r}: needs numbers, got {column.dtype}")
    return column


def is_in_split(label: str, code: Any, split: str, *, alone: bool) -> bool:
    """Whether a jet belongs to a split.

    Args:
        label: How messages name the jet.
        code: What its column of splits says.
        split: The split that is read.
        alone: Whether the file is said to hold this split and no other.

    Raises:
        RecordError: For a code that is none, or that contradicts the file.

    >>> [is_in_split("record 3", code, "val", alone=False) for code in (0, 1, 2)]
    [False, False, True]
    """
    if code not in _CODES.values():
        raise RecordError(label, COLUMN, f"is {code}; it is 0 (train), 1 (test) or 2 (validation)")
    here = bool(code == _CODES[split])
    if alone and not here:
        told = next(name for name, number in _CODES.items() if number == code)
        raise RecordError(
            label,
            COLUMN,
            f"is {code} ({told}), but the file is given as that of {split}; are files mixed up?",
            final=True,
        )
    return here
