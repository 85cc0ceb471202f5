"""What is wrong with a frame of extended XYZ, where ASE would pass over it or not say so."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from semola_geo.datasets.files._ase import import_ase
from semola_geo.datasets.files.errors import RecordError, why

__all__ = ["Frame"]

_QUOTED = re.compile(r'"[^"]*"|\'[^\']*\'|\{[^}]*\}')
# A quote that never ends hides the keys behind it.
_OPEN = re.compile(r"[\"{]|=\s*'|'.*=")
_KEY = re.compile(r"(?<!\S)([^\s=]+)\s*=")
# ASE takes the next key for the value.
_EMPTY = re.compile(r"(?<!\S)([^\s=]+)\s*=\s*(?:$|\s(?=[^\s=]+\s*=))")
_PROPERTIES = re.compile(r'(?<!\S)Properties\s*=\s*"?([^"\s]+)"?')
_STRESS = re.compile(r'(?<!\S)stress\s*=\s*["\'{]([^"\'}]*)["\'}]')
_SYMMETRIC = 1e-6
_PLAIN = "species:S:1:pos:R:3"
# Names that mean the same to ASE, which keeps one of them.
_SAME = {"positions": "pos", "symbols": "species", "numbers": "Z", "charges": "charge"}


@dataclass(frozen=True)
class Frame:
    """The text of one record.

    Attributes:
        label: How messages name it.
        comment: Its comment line.
        atoms: Its lines of atoms.
    """

    label: str
    comment: str
    atoms: list[str]

    def text(self) -> str:
        """Return the lines as they stand in a file of one frame."""
        return "\n".join([str(len(self.atoms)), self.comment, *self.atoms, ""])

    def check(self) -> None:
        """Find what ASE would pass over.

        Raises:
            RecordError: For no atoms, a comment line whose keys come twice or are hidden by an open
                quote, columns that are too few, too many, the same twice or without positions,
                unknown elements, or a stress that is not symmetric.

        >>> Frame("record 0", "", ["H 0 0"]).check()
        Traceback (most recent call last):
        semola_geo.datasets.files.errors.RecordError: record 0: atom 0 has 3 columns, but ...
        """
        if not self.atoms:
            raise RecordError(self.label, None, "has no atoms")
        self._check_keys()
        columns = self._columns()
        rows = [line.split() for line in self.atoms]
        width = sum(width for _, width in columns.values())
        for row, parts in enumerate(rows):
            if len(parts) != width:
                raise RecordError(
                    self.label,
                    None,
                    f"atom {row} has {len(parts)} columns, but Properties={self._layout()} "
                    f"declares {width}",
                )
        self._check_elements(rows, columns)
        stress = _STRESS.search(self.comment)
        if stress and len(numbers := stress[1].replace(",", " ").split()) == 9:
            matrix = np.array(numbers, dtype=float).reshape(3, 3)
            if not np.allclose(matrix, matrix.T, rtol=_SYMMETRIC, atol=_SYMMETRIC):
                raise RecordError(self.label, "stress", "is not symmetric")

    def blame(self, error: Exception) -> RecordError:
        """Return why ASE failed: the first number that is none, or else what ASE says."""
        for name, (start, width) in self._columns().items():
            if name == "species":
                continue
            for row, line in enumerate(self.atoms):
                for text in line.split()[start : start + width]:
                    if not _is_number(text):
                        return RecordError(
                            self.label, name, f"atom {row} has {text!r}, which is no number"
                        )
        module = import_ase("ase.io.extxyz")
        try:
            keys = module.key_val_str_to_dict(self.comment)
        except ValueError as unreadable:
            special = [key for key in ("Lattice", "stress", "virial") if key in str(unreadable)]
            if special:
                return RecordError(
                    self.label, special[0], "needs nine numbers in quotes, the rows of a matrix"
                )
            keys = {}
        for name, value in keys.items():
            if name in module.per_config_properties and isinstance(value, str):
                return RecordError(self.label, name, f"is no number but text: {value!r}")
        return RecordError(self.label, None, f"ASE cannot read it: {why(error)}")

    def _layout(self) -> str:
        declared = _PROPERTIES.search(self.comment)
        return declared[1] if declared else _PLAIN

    def _columns(self) -> dict[str, tuple[int, int]]:
        """Return name → (first column, number of columns)."""
        layout = self._layout()
        parts = layout.split(":")
        widths = [int(width) if width.isdecimal() else 0 for width in parts[2::3]]
        if len(parts) % 3 or min(widths) < 1:
            raise RecordError(
                self.label,
                None,
                f"Properties={layout} is no list of name:type:count, such as {_PLAIN}",
            )
        names = [_SAME.get(name, name) for name in parts[::3]]
        for name, count in Counter(names).items():
            if count > 1:
                raise RecordError(self.label, name, f"comes twice in Properties={layout}")
        starts = np.cumsum([0, *widths]).tolist()
        columns = {n: (s, w) for n, s, w in zip(names, starts, widths, strict=False)}
        if columns.get("pos", (0, 0))[1] != 3:
            raise RecordError(self.label, "pos", f"needs pos:R:3 in Properties={layout}")
        if "species" not in columns and "Z" not in columns:
            raise RecordError(self.label, "z", f"needs species:S:1 or Z:I:1 in Properties={layout}")
        return columns

    def _check_keys(self) -> None:
        bare = _QUOTED.sub(lambda quote: "_" if quote[0][1:-1].strip() else "", self.comment)
        if _OPEN.search(bare):
            raise RecordError(
                self.label, None, "a quote in the comment line is opened and never closed"
            )
        if empty := _EMPTY.search(bare):
            raise RecordError(self.label, empty[1], "has no value in the comment line")
        for key, count in Counter(_KEY.findall(bare)).items():
            if count > 1:
                raise RecordError(self.label, key, "comes twice in the comment line")

    def _check_elements(self, rows: list[list[str]], columns: dict[str, tuple[int, int]]) -> None:
        if "species" not in columns:
            return
        numbers = import_ase("ase.data").atomic_numbers
        column, z = columns["species"][0], columns.get("Z")
        for row, parts in enumerate(rows):
            number = numbers.get(parts[column].capitalize(), 0)
            if number == 0:
                raise RecordError(
                    self.label, "z", f"atom {row} is {parts[column]!r}, which is no element"
                )
            if z and parts[z[0]] != str(number):
                raise RecordError(
                    self.label,
                    "z",
                    f"atom {row} is {parts[column]!r} by species and {parts[z[0]]} by Z",
                )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return text in ("T", "F", "True", "False")
    return True
