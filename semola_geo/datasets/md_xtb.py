"""``MDXTB``: ethanol and malonaldehyde in motion, with GFN2-xTB energies, forces and dipoles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Data, InMemoryDataset

from semola_geo.datasets._choice import check_choice
from semola_geo.datasets._derangement import derangement
from semola_geo.datasets._location import locate, verify
from semola_geo.datasets._pose import turn
from semola_geo.datasets._split_pose import SplitPose
from semola_geo.datasets._targets import check_targets

__all__ = ["MDXTB"]

_NAME, _FILE = "md_xtb", "md_xtb.npz"
# RDKit numbers atoms as the data do, hydrogens last.
_SMILES = {"ethanol": "CCO", "malonaldehyde": r"O=C/C=C\O"}
_SPLITS = ("train", "val", "test")  # in the order of the file's codes 0, 1, 2
_LABELS = ("energy", "forces", "dipole")


class MDXTB(InMemoryDataset):  # type: ignore[misc]
    """2,000 frames of one molecule of nine atoms at 500 K, 50 fs apart: its nuclei have slots.

    Every ``Data`` holds ``pos`` [9, 3] (Å), ``z`` [9] (long, atomic numbers), ``idx`` [1] (long,
    number of the frame) and the fields named by ``targets``: ``energy`` [1] (eV, less
    :attr:`mean_energy`), ``forces`` [9, 3] (eV/Å), ``dipole`` [1, 3] (e·Å). Atoms come in the
    order of RDKit for :attr:`smiles`, hydrogens last, in every frame.

    Splits are blocks in time, with a gap: a test frame lies at least 0.5 ps from the next training
    frame. 100 frames near the ends of blocks are in no split.

    Args:
        molecule: ``"ethanol"``, or ``"malonaldehyde"`` (the enol, whose proton hops).
        targets: Names of fields.
        split: ``"train"`` (1,500), ``"val"`` (160), ``"test"`` (240); ``"all"`` / None: all 2,000.
        orientation: ``"random"`` (uniform on SO(3)), ``"canonical"`` (principal axes),
            ``"restricted"`` (canonical, then turned by at most ``max_angle``) or ``"original"``,
            that of the trajectory. Molecules are centred first.
        test_orientation: That of the test frames where it differs; None: the same.
        max_angle: Degrees in [0, 180], for ``"restricted"`` only; 30 by default.
        offset: Standard deviation (Å) of a Gaussian displacement; by default 1 for random poses
            and 0 for the others.
        seed: Of the poses; a frame's pose is the same in every split.
        shuffle_targets: Hand every frame the targets of another one: data with no answer.
        limit: Keep this many frames of the split, evenly spaced in time; None: all.
        root: Folder with ``md_xtb.npz`` and ``SHA256SUMS``; by default the shipped one.
        transform: Applied at every access, as in PyTorch Geometric.
        dtype: Of floating-point fields.

    Attributes:
        mean_energy: What was subtracted from energies: their mean over training frames, eV.
        smiles: SMILES of the molecule.

    Raises:
        ValueError: For an option out of range, or a data file whose checksum is wrong.
        FileNotFoundError: When the data file is missing.

    Source: see ``datasets/md_xtb/README.md``; the method is GFN2-xTB, Bannwarth, Ehlert and Grimme,
    J. Chem. Theory Comput. 15, 1652 (2019).

    >>> dataset = MDXTB("ethanol", ["energy", "forces"], "test")
    >>> len(dataset), dataset[0].forces.shape, dataset.smiles
    (240, torch.Size([9, 3]), 'CCO')
    >>> dataset.fields
    {'pos': 'point@slot', 'energy': 'scalar', 'forces': 'covector@slot'}
    """

    FIELDS: ClassVar[dict[str, str]] = {
        "pos": "point@slot",
        "energy": "scalar",
        "forces": "covector@slot",
        "dipole": "vector",
    }
    UNITS: ClassVar[dict[str, str]] = {
        "pos": "Å",
        "energy": "eV",
        "forces": "eV/Å",
        "dipole": "e·Å",
    }

    def __init__(
        self,
        molecule: str = "ethanol",
        targets: str | Sequence[str] = ("energy",),
        split: Literal["train", "val", "test", "all"] | None = None,
        *,
        orientation: Literal["random", "canonical", "restricted", "original"] = "random",
        test_orientation: Literal["random", "canonical", "restricted", "original"] | None = None,
        max_angle: float | None = None,
        offset: float | None = None,
        seed: int = 0,
        shuffle_targets: bool = False,
        limit: int | None = None,
        root: str | Path | None = None,
        transform: Callable[[Data], Data] | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__(root=None, transform=transform)
        check_choice("molecule", molecule, tuple(_SMILES))
        self.targets = check_targets(targets, _LABELS)
        if split is not None:
            check_choice("split", split, (*_SPLITS, "all"))
        pose = SplitPose.check(orientation, test_orientation, max_angle, offset)
        if limit is not None and limit < 1:
            raise ValueError(f"limit counts frames, at least 1, or None; got {limit!r}")
        self.smiles = _SMILES[molecule]
        path = locate(_NAME, _FILE, root)
        verify(path)
        with np.load(path) as archive:
            frames = _read(archive, molecule)
            codes = torch.from_numpy(archive["split"])
        self.mean_energy = float(frames["energy"][codes == 0].mean())
        frames["energy"] = frames["energy"] - self.mean_energy
        generator = torch.Generator().manual_seed(seed)
        _place(frames, pose, generator, codes == _SPLITS.index("test"))
        rows = torch.arange(len(codes))
        if split in _SPLITS:
            rows = rows[codes == _SPLITS.index(split)]
        if limit is not None:
            rows = rows[torch.linspace(0, len(rows) - 1, min(limit, len(rows))).round().long()]
        if shuffle_targets:
            source = rows[derangement(len(rows), generator)]
            for name in _LABELS:
                frames[name][rows] = frames[name][source]
        self._data, self.slices = _collated(frames, rows, self.targets, dtype)

    @property
    def fields(self) -> dict[str, str]:
        """Representations of the floating-point fields that are served: pos, then the targets."""
        return {name: self.FIELDS[name] for name in ("pos", *self.targets)}


def _read(archive: Any, molecule: str) -> dict[str, Tensor]:
    """Return ``z`` [N], and ``pos``, ``energy``, ``forces``, ``dipole`` of all frames, float64."""
    frames = {
        name: torch.from_numpy(archive[f"{molecule}_{name}"]).double() for name in ("pos", *_LABELS)
    }
    return frames | {"z": torch.from_numpy(archive[f"{molecule}_z"]).long()}


def _place(
    frames: dict[str, Tensor], pose: SplitPose, generator: torch.Generator, testing: Tensor
) -> None:
    """Turn and displace every frame, labels included."""
    count, atoms = frames["pos"].shape[:2]
    owner = torch.arange(count).repeat_interleave(atoms)
    flat = frames["pos"].flatten(0, 1)
    z = frames["z"].repeat(count)
    placed, rotation = pose.place(flat, z, owner, count, generator, testing)
    frames["pos"] = placed.view(count, atoms, 3)
    frames["forces"] = turn(frames["forces"].flatten(0, 1), rotation[owner]).view(count, atoms, 3)
    frames["dipole"] = turn(frames["dipole"], rotation)


def _collated(
    frames: dict[str, Tensor], rows: Tensor, targets: Sequence[str], dtype: torch.dtype
) -> tuple[Data, dict[str, Tensor] | None]:
    """Storage of an ``InMemoryDataset`` with some of the frames."""
    graph = torch.arange(len(rows) + 1)
    columns, slices = {}, {}
    for name in ("pos", *targets):
        values = frames[name][rows].to(dtype)
        columns[name] = values.flatten(0, 1) if name in ("pos", "forces") else values
        slices[name] = len(columns[name]) // len(rows) * graph
    atoms = len(frames["z"])
    data = Data(**columns, z=frames["z"].repeat(len(rows)), idx=rows)
    # PyG hands out the storage itself where there is one graph.
    return data, None if len(rows) == 1 else slices | {"z": atoms * graph, "idx": graph}
