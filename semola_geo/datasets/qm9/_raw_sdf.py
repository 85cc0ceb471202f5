"""Whether the molecules of QM9 are whole, before PyTorch Geometric reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from semola_geo.datasets.files._molfile import check_block, split_block
from semola_geo.datasets.files._sdf_blocks import parse_block, sdf_blocks
from semola_geo.datasets.files.errors import RecordError, existing_file
from semola_geo.datasets.qm9._limits import check_positions

__all__ = ["check_molecules"]

_ELEMENTS = ("H", "C", "N", "O", "F")
_BONDS = ("SINGLE", "DOUBLE", "TRIPLE", "AROMATIC")


def check_molecules(path: str | Path) -> int:
    """Refuse molecules that PyTorch Geometric would read wrongly or not at all.

    Molecules are read one by one.

    Args:
        path: ``gdb9.sdf``: molecules that are called ``gdb_1``, ``gdb_2``, …

    Returns:
        The number of molecules.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is anything else, or a molecule is malformed, in another place than
            its name says, or of other elements than H, C, N, O and F; names file, record and field.
    """
    file = existing_file(path)
    count = 0
    for number, (line, text) in enumerate(sdf_blocks(file)):
        try:
            _check(f"record {number} (line {line})", f"gdb_{number + 1}", text)
        except RecordError as error:
            raise ValueError(f"{file}, {error}; fetch the file again") from None
        count += 1
    if count == 0:
        raise ValueError(f"{file} has no molecules; fetch the file again")
    return count


def _check(label: str, name: str, text: str) -> None:
    block, _ = split_block(label, text)
    check_block(label, block)
    if block[0].strip() != name:
        raise RecordError(
            label,
            "name",
            f"expected {name}, by which properties are found, got {block[0].strip()[:40]!r}",
        )
    molecule: Any = parse_block(label, block)
    for row, atom in enumerate(molecule.GetAtoms()):
        if atom.GetSymbol() not in _ELEMENTS:
            raise RecordError(
                label,
                "z",
                f"atom {row} is {atom.GetSymbol()!r}, but QM9 has {', '.join(_ELEMENTS)} only",
            )
    for row, bond in enumerate(molecule.GetBonds()):
        if bond.GetBondType().name not in _BONDS:
            raise RecordError(label, "bond", f"bond {row} is none of {', '.join(_BONDS).lower()}")
    check_positions(label, "pos", molecule.GetConformer().GetPositions())
