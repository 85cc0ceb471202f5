"""The flat table of molecules behind :class:`~semola_geo.datasets.QM9XTB`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Data

from semola_geo.datasets._derangement import derangement
from semola_geo.datasets._pose import turn
from semola_geo.datasets._split_pose import SplitPose
from semola_geo.datasets.handedness import HANDED

__all__ = ["SPLITS", "Table"]

SPLITS = ("train", "val", "test")  # in the order of the file's codes 0, 1, 2


class Table:
    """The file's flat arrays for one geometry, as float64 tensors of all molecules.

    Args:
        archive: the open ``.npz`` file.
        geometry: ``"equilibrium"`` or ``"jittered"``.
        fields: representation of each label to serve: read, or computed from the placed atoms
            (:mod:`semola_geo.datasets.handedness`).

    Example:
        >>> import numpy as np
        >>> from semola_geo.datasets._location import locate
        >>> with np.load(locate("qm9_xtb", "qm9_xtb.npz")) as archive:
        ...     table = Table(archive, "jittered", {"energy": "scalar"})
        >>> table.count, table.labels["energy"].shape
        (4980, torch.Size([4980]))
    """

    def __init__(self, archive: Any, geometry: str, fields: Mapping[str, str]) -> None:
        suffix = "_jittered" if geometry == "jittered" else ""
        self.fields = dict(fields)
        self.ptr = torch.from_numpy(archive["ptr"]).long()
        self.count = len(self.ptr) - 1
        self.owner = torch.repeat_interleave(torch.arange(self.count), self.ptr.diff())
        self.z = torch.from_numpy(archive["z"]).long()
        self.known = torch.ones(self.count, dtype=torch.bool)
        self.idx = torch.from_numpy(archive["idx"]).long()
        self.split = torch.from_numpy(archive["split"])
        self.smiles = [text.decode() for text in archive["smiles"].tolist()]
        self.pos = torch.from_numpy(archive["pos" + suffix]).double()
        self.labels = {
            name: torch.from_numpy(archive[name + suffix if name == "energy" else name]).double()
            for name in fields
            if name not in HANDED
        }

    def orient(self, pose: SplitPose, generator: torch.Generator) -> None:
        """Turn and displace all molecules, labels included; random numbers come in file order."""
        testing = self.split == SPLITS.index("test")
        self.pos, rotation = pose.place(
            self.pos, self.z, self.owner, self.count, generator, testing
        )
        for name, value in self.labels.items():
            kind = self.fields[name]
            if kind == "vector":
                self.labels[name] = turn(value, rotation)
            elif kind == "covector":  # A⁻ᵀ = A for a rotation
                self.labels[name] = turn(value, rotation[self.owner])
            elif kind == "ij=ji":
                self.labels[name] = rotation @ value @ rotation.mT
        for name in self.fields:
            if name in HANDED:
                self.labels[name] = HANDED[name](self.pos, self.z, self.owner, self.count)

    def expose(self, rotation: Tensor, dipole: Tensor | None) -> None:
        """Turn every molecule as it stands in a field, and give it the dipole that it has there.

        Args:
            rotation: ``[count, 3, 3]``.
            dipole: In the field ``[count, 3]``, NaN where it is unknown, which leaves the molecule
                out; ``None``: there is no field, and dipoles turn along.
        """
        self.pos = turn(self.pos, rotation[self.owner])
        turned = turn(self.labels["dipole"], rotation) if dipole is None else dipole
        self.labels["dipole"] = turned
        self.known &= turned.isfinite().all(1)

    def rows(self, split: str) -> Tensor:
        """Molecules of a split whose labels are known, in file order."""
        chosen = self.known
        if split != "all":
            chosen = chosen & (self.split == SPLITS.index(split))
        return torch.nonzero(chosen).flatten()

    def collate(
        self, rows: Tensor, shuffle: bool, generator: torch.Generator, dtype: torch.dtype
    ) -> tuple[Data, dict[str, Tensor] | None]:
        """Storage of an ``InMemoryDataset`` with the molecules ``rows``, ascending."""
        sizes = self.ptr.diff()[rows]
        chosen = torch.zeros(self.count, dtype=torch.bool)
        chosen[rows] = True
        atoms = torch.nonzero(chosen[self.owner]).flatten()  # rows ascend, so the order agrees
        node = torch.cat([sizes.new_zeros(1), sizes.cumsum(0)])
        graph = torch.arange(len(rows) + 1)
        source = rows[derangement(len(rows), generator)] if shuffle else rows
        fields = {"z": self.z[atoms], "pos": self.pos[atoms].to(dtype)}
        slices = {"z": node, "pos": node}
        for name, value in self.labels.items():
            per_node = len(value) == len(self.z)
            fields[name] = value[atoms if per_node else source].to(dtype)
            slices[name] = node if per_node else graph
        smiles = [self.smiles[r] for r in rows.tolist()]
        if len(rows) == 1:  # PyG hands out the storage itself then
            return Data(**fields, idx=self.idx[rows], smiles=smiles[0]), None
        slices |= {"idx": graph, "smiles": graph}
        return Data(**fields, idx=self.idx[rows], smiles=smiles), slices
