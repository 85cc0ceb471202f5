"""Published splits: files that list the rows of a data set, one number a line."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from semola_geo.datasets.files.errors import existing_file
from semola_geo.datasets.files.text import text_lines

__all__ = ["check_disjoint", "read_indices"]


def read_indices(path: str | Path, rows: int) -> Tensor:
    r"""Return the rows that a file lists, in its order, as a long tensor ``[M]``.

    Args:
        path: The file: a whole number from 0 on each line, as ``index_train_01.csv`` of the revised
            MD17; blank lines are passed over.
        rows: Number of rows of the data.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: For a line that is no whole number from 0 to ``rows`` − 1, or one that comes
            twice; names file and line.

    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "index_train_01.csv"
    >>> _ = file.write_text("7\n0\n")
    >>> read_indices(file, 10)
    tensor([7, 0])
    >>> read_indices(file, 7)
    Traceback (most recent call last):
    ValueError: ...index_train_01.csv, line 1: row 7 is not among the 7 rows of the data, ...
    """
    file = existing_file(path)
    lines: dict[int, int] = {}
    for line, content in enumerate(text_lines(file), start=1):
        text = content.strip()
        if not text:
            continue
        if not (text.isascii() and text.isdecimal()):
            raise ValueError(
                f"{file}, line {line}: expected the number of a row, from 0, and nothing else; got "
                f"{text[:40]!r}"
            )
        row = int(text)
        if row >= rows:
            raise ValueError(
                f"{file}, line {line}: row {row} is not among the {rows} rows of the data, which "
                "are numbered from 0; is it the list of another molecule or file?"
            )
        if row in lines:
            raise ValueError(f"{file}, line {line}: row {row} is on line {lines[row]} already")
        lines[row] = line
    if not lines:
        raise ValueError(f"{file} lists no rows")
    return torch.tensor(list(lines))


def check_disjoint(train: Tensor, test: Tensor, names: tuple[str, str]) -> None:
    """Refuse test rows that are trained on.

    Args:
        train: Rows ``[M]``.
        test: Rows ``[N]``.
        names: What each was read from, for messages.

    Raises:
        ValueError: If a row is in both.

    >>> check_disjoint(torch.tensor([0, 1]), torch.tensor([1, 2]), ("a.csv", "b.csv"))
    Traceback (most recent call last):
    ValueError: 1 row(s) are in both a.csv and b.csv, the first is 1; ...
    """
    both = train[torch.isin(train, test)]
    if len(both):
        raise ValueError(
            f"{len(both)} row(s) are in both {names[0]} and {names[1]}, the first is "
            f"{int(both[0])}; test errors would be measured on what was trained on"
        )
