"""What is wrong with a frame of extended XYZ, where ASE would pass over it or not say so."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from semola_geo.datasets.files._ase import import_ase
from semola_geo.datasets.files._xyz_columns import PLAIN, Column, read_columns
from semola_geo.datasets.files._xyz_comment import comment_texts
from semola_geo.datasets.files.errors import RecordError, why
from semola_geo.datasets.files.record import Record, as_value, number_or_text

__all__ = ["Frame"]

_SYMMETRIC = 1e-4  # As of every symmetric matrix.
_GEOMETRY = ("pos", "species", "Z")


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

    @cached_property
    def texts(self) -> dict[str, str]:
        """Keys of the comment line and their values as text."""
        return comment_texts(self.label, self.comment)

    @cached_property
    def columns(self) -> dict[str, Column]:
        """Names of the columns, and where they stand."""
        return read_columns(self.label, self._layout())

    def check(self) -> None:
        """Find what ASE would pass over.

        Raises:
            RecordError: For no atoms, a comment line whose keys come twice or are hidden by an open
                quote, columns that are too few, too many, the same twice, also a key, of a type
                that is no number, or without positions, unknown elements, or a stress that is not
                symmetric.

        >>> Frame("record 0", "", ["H 0 0"]).check()
        Traceback (most recent call last):
        semola_geo.datasets.files.errors.RecordError: record 0: atom 0 has 3 columns, but ...
        """
        if not self.atoms:
            raise RecordError(self.label, None, "has no atoms")
        for name in self.columns:
            if name in self.texts and name not in _GEOMETRY:
                raise RecordError(
                    self.label, name, "stands for two fields; rename one of them in the file"
                )
        rows = [line.split() for line in self.atoms]
        width = sum(column.width for column in self.columns.values())
        for row, parts in enumerate(rows):
            if len(parts) != width:
                raise RecordError(
                    self.label,
                    None,
                    f"atom {row} has {len(parts)} columns, but Properties={self._layout()} "
                    f"declares {width}",
                )
        self._check_numbers(rows)
        self._check_elements(rows)
        self._check_stress()

    def doubt(self, record: Record) -> None:
        """Turn values back into text that ASE took for numbers, and that may be none.

        To ASE, 1,5 are two numbers, and 1_5 is 15.

        Raises:
            RecordError: If it is the lattice.
        """
        for name, text in self.texts.items():
            if number_or_text(text).dtype.kind != "U" or text.startswith("_JSON "):
                continue
            if name == "Lattice":
                raise RecordError(
                    self.label, name, f"needs nine numbers with spaces between, got {text!r}"
                )
            if name in record.values and record.values[name].kind in ("float", "whole numbers"):
                record.values[name] = as_value(text)

    def blame(self, error: Exception) -> RecordError:
        """Return why ASE failed: the first number that is none, or else what ASE says."""
        for name, column in self.columns.items():
            if name == "species":
                continue
            for row, line in enumerate(self.atoms):
                for text in column.texts(line.split()):
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
        return self.texts.get("Properties", PLAIN)

    def _check_stress(self) -> None:
        # ASE keeps six of the nine numbers.
        numbers = number_or_text(self.texts.get("stress", ""))
        if numbers.shape == (9,):
            matrix = numbers.reshape(3, 3)
            with np.errstate(invalid="ignore"):  # Infinite numbers are told by what follows.
                defect = np.abs(matrix - matrix.T).max()
            if defect > _SYMMETRIC * np.abs(matrix).max():
                raise RecordError(self.label, "stress", "is not symmetric")

    def _check_numbers(self, rows: list[list[str]]) -> None:
        numeric = [(name, column) for name, column in self.columns.items() if column.kind in "RI"]
        for row, parts in enumerate(rows):
            if "_" not in self.atoms[row]:
                continue
            for name, column in numeric:
                # Python reads 1_5 as 15; in a file it is a slip.
                if slips := [text for text in column.texts(parts) if "_" in text]:
                    raise RecordError(
                        self.label, name, f"atom {row} has {slips[0]!r}, which is no number"
                    )

    def _check_elements(self, rows: list[list[str]]) -> None:
        if "species" not in self.columns:
            return
        numbers = import_ase("ase.data").atomic_numbers
        column, z = self.columns["species"].start, self.columns.get("Z")
        for row, parts in enumerate(rows):
            number = numbers.get(parts[column].capitalize(), 0)
            if number == 0:
                raise RecordError(
                    self.label, "z", f"atom {row} is {parts[column]!r}, which is no element"
                )
            if z and parts[z.start] != str(number):
                raise RecordError(
                    self.label,
                    "z",
                    f"atom {row} is {parts[column]!r} by species and {parts[z.start]} by Z",
                )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return text in ("T", "F", "True", "False")
    return True
