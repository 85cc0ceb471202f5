"""Coordinates for molecules that have none."""

from __future__ import annotations

from typing import Any

from rdkit import Chem, rdBase
from rdkit.Chem import rdDistGeom

from semola_geo.datasets.files.errors import RecordError, why

__all__ = ["embed"]


def embed(molecule: Any, label: str, seed: int) -> Any:
    """Return a molecule with explicit hydrogens and one conformer (ETKDGv3).

    The conformer is not optimised, and its frame is arbitrary.

    Args:
        molecule: An RDKit molecule.
        label: How messages name the record.
        seed: Of the random start; the same seed gives the same conformer.

    Raises:
        RecordError: If the molecule is chemically impossible, or (mild: counted in any case) if no
            conformer is found.

    Source: Wang, Witek, Landrum and Riniker, J. Chem. Inf. Model. 60, 2044 (2020).
    """
    with rdBase.BlockLogs():
        try:
            molecule = Chem.Mol(molecule)
            Chem.SanitizeMol(molecule)
            molecule = Chem.AddHs(molecule)
        except Exception as error:  # Several classes, without a common one behind them.
            raise RecordError(label, None, f"RDKit refuses the molecule: {why(error)}") from None
        options = rdDistGeom.ETKDGv3()
        options.randomSeed = seed
        if rdDistGeom.EmbedMolecule(molecule, options) < 0:
            options.useRandomCoords = True
            if rdDistGeom.EmbedMolecule(molecule, options) < 0:
                raise RecordError(label, None, "RDKit finds no conformer", mild=True)
    return molecule
