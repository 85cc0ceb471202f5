"""QM9 from PyTorch Geometric's own class."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import torch_geometric.datasets

from semola_geo.datasets._pyg import from_pyg
from semola_geo.datasets.qm9._raw_sdf import check_molecules
from semola_geo.datasets.qm9._raw_tables import check_left_out, check_scalars
from semola_geo.datasets.qm9.molecules import PROPERTIES, Molecules

__all__ = ["read_pyg"]


def read_pyg(root: str | Path, download: bool) -> Molecules:
    """Read all molecules, in the units of :data:`PROPERTIES`, which are those of the class.

    Args:
        root: Its folder.
        download: Whether missing files may be fetched.

    Raises:
        FileNotFoundError: If files are missing and may not be fetched.
        ValueError: If there are fewer than two molecules, or a file is malformed; names file,
            record or line, and field.
    """
    source = from_pyg(torch_geometric.datasets.QM9, root, download, check=_check)
    data, slices = source._data, source.slices
    if slices is None:
        raise ValueError(f"{root} holds one molecule only; at least 10 are needed")
    values = data.y.double()
    if values.shape[1] != len(PROPERTIES):
        raise ValueError(f"{root} has {values.shape[1]} properties, not {len(PROPERTIES)}")
    return Molecules(
        ptr=slices["pos"],
        z=data.z,
        pos=data.pos.double(),
        idx=torch.as_tensor(data.idx).flatten() + 1,  # PyG counts from 0.
        smiles=list(data.smiles),
        values=values,
    )


def _check(source: Any) -> None:
    molecules, scalars, left_out = source.raw_paths
    count = check_molecules(molecules)
    check_scalars(scalars, count)
    check_left_out(left_out, count)
