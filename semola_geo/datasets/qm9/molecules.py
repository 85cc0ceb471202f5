"""``Molecules``: what both sources of QM9 hand on, flat and in one order."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["PROPERTIES", "Molecules"]

PROPERTIES = {
    "mu": "D",
    "alpha": "bohr³",
    "homo": "eV",
    "lumo": "eV",
    "gap": "eV",
    "r2": "bohr²",
    "zpve": "eV",
    "u0": "eV",
    "u298": "eV",
    "h298": "eV",
    "g298": "eV",
    "cv": "cal/(mol K)",
    "u0_atom": "eV",
    "u298_atom": "eV",
    "h298_atom": "eV",
    "g298_atom": "eV",
    "rotational_a": "GHz",
    "rotational_b": "GHz",
    "rotational_c": "GHz",
}
"""Name → unit, in the order of PyTorch Geometric's 19 columns."""


@dataclass(frozen=True)
class Molecules:
    """Molecules in the order of QM9's own numbers.

    Attributes:
        ptr: First atom of each molecule, and the end ``[M + 1]``.
        z: Atomic numbers ``[A]``.
        pos: Positions ``[A, 3]`` in Å, float64.
        idx: QM9's own number of each molecule, from 1 ``[M]``.
        smiles: As the source writes it.
        values: All properties ``[M, 19]``, float64.
    """

    ptr: Tensor
    z: Tensor
    pos: Tensor
    idx: Tensor
    smiles: list[str]
    values: Tensor

    def __len__(self) -> int:
        """Return the number of molecules M."""
        return len(self.idx)

    @property
    def owner(self) -> Tensor:
        """Molecule of each atom ``[A]``."""
        return torch.repeat_interleave(torch.arange(len(self)), self.ptr.diff())

    def select(self, rows: Tensor) -> Molecules:
        """Return the molecules ``rows``, in that order."""
        sizes = self.ptr.diff()[rows]
        ptr = torch.cat([sizes.new_zeros(1), sizes.cumsum(0)])
        # Atoms of row r: its first atom in the file, plus 0 … size − 1.
        start = (self.ptr[rows] - ptr[:-1]).repeat_interleave(sizes)
        atoms = start + torch.arange(int(ptr[-1]))
        smiles = [self.smiles[row] for row in rows.tolist()]
        return Molecules(
            ptr, self.z[atoms], self.pos[atoms], self.idx[rows], smiles, self.values[rows]
        )
