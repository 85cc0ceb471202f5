"""Coordinates for molecules that have none."""

from __future__ import annotations

from typing import Any

from rdkit import Chem, rdBase
from rdkit.Chem import rdDistGeom

from semola_geo.datasets.files.errors import RecordError, why

__all__ = ["check_seed", "embed"]

_LARGEST_SEED = 2**31 - 2


def check_seed(seed: int) -> int:
    """Return the seed.

    Raises:
        ValueError: If RDKit cannot take it.

    >>> check_seed(0)
    0
    """
    if not isinstance(seed, int) or not 0 <= seed <= _LARGEST_SEED:
        raise ValueError(f"seed must be an integer from 0 to {_LARGEST_SEED}, got {seed!r}")
    return seed


def embed(molecule: Any, label: str, seed: int) -> Any:
    """Return a molecule with explicit hydrogens and one conformer (ETKDGv3).

    The conformer is not optimised, and its frame is arbitrary.

    Args:
        molecule: An RDKit molecule.
        label: How messages name the record.
        seed: Of the random start; the same seed gives the same conformer.

    Raises:
        RecordError: If the molecule is chemically impossible, or (mild: counted in any case) if it
            consists of several fragments or no conformer is found.

    Source: Wang, Witek, Landrum and Riniker, J. Chem. Inf. Model. 60, 2044 (2020).
    """
    with rdBase.BlockLogs():
        try:
            molecule = Chem.Mol(molecule)
            Chem.SanitizeMol(molecule)
            molecule = Chem.AddHs(molecule)
        except Exception as error:  # Several classes, without a common one behind them.
            raise RecordError(label, None, f"RDKit refuses the molecule: {why(error)}") from None
        # RDKit embeds each about the same origin, one on top of the other.
        fragments = len(Chem.GetMolFrags(molecule))
        if fragments > 1:
            raise RecordError(
                label,
                None,
                f"has {fragments} separate fragments, whose relative positions RDKit does not "
                "know; keep one of them, or give coordinates",
                mild=True,
            )
        options: Any = rdDistGeom.ETKDGv3()
        options.randomSeed = seed + 1  # RDKit's generator takes 0 and 1 for the same.
        if rdDistGeom.EmbedMolecule(molecule, options) < 0:
            options.useRandomCoords = True
            if rdDistGeom.EmbedMolecule(molecule, options) < 0:
                raise RecordError(label, None, "RDKit finds no conformer", mild=True)
    return molecule
