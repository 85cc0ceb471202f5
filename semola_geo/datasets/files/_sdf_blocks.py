"""Molecules of a structure-data file as text, one after another, and what RDKit makes of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rdkit import Chem, rdBase

from semola_geo.datasets.files.errors import RecordError
from semola_geo.datasets.files.text import text_lines

__all__ = ["parse_block", "sdf_blocks"]

_END = "$$$$"


def parse_block(label: str, block: Sequence[str]) -> Any:
    """Return RDKit's molecule; chemistry is not checked, because coordinates need none.

    Args:
        label: How messages name the record.
        block: Its lines before ``M  END``.

    Raises:
        RecordError: If RDKit cannot read it.
    """
    text = "\n".join([*block, "M  END", ""])
    with rdBase.BlockLogs():
        try:
            molecule = Chem.MolFromMolBlock(text, sanitize=False, removeHs=False)
        except (OSError, IndexError, RuntimeError, UnicodeDecodeError):
            molecule = None
    if molecule is None:
        raise RecordError(label, None, "RDKit cannot read it as a molecule")
    return molecule


def sdf_blocks(path: Path) -> Iterator[tuple[int, str]]:
    """Cut a file into records, with the line on which each begins.

    Raises:
        ValueError: If the last of several records is not ended, or the file is no text.
    """
    lines: list[str] = []
    begin, count = 1, 0
    for number, line in enumerate(text_lines(path), start=1):
        if line.startswith(_END):  # RDKit looks at no more than this either.
            yield begin, "".join(lines)
            lines, begin, count = [], number + 1, count + 1
        else:
            lines.append(line)
    if any(line.strip() for line in lines):
        # A file of one molecule need not be ended.
        if count or not any(line.startswith("M  END") for line in lines):
            raise ValueError(
                f"{path}, record {count} (line {begin}): the file ends without {_END}; it is "
                "truncated"
            )
        yield begin, "".join(lines)
