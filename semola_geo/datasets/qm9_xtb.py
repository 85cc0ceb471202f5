"""``QM9XTB``: 4,980 real molecules with GFN2-xTB dipoles, energies, forces and polarizabilities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Data, InMemoryDataset

from semola_geo.datasets import _orientation as poses
from semola_geo.datasets._location import locate, verify

__all__ = ["QM9XTB"]

_NAME, _FILE = "qm9_xtb", "qm9_xtb.npz"
_SPLITS = ("train", "val", "test")
_ORIENTATIONS = ("random", "canonical", "restricted")
_GEOMETRIES = ("equilibrium", "jittered")
_JITTERED = ("energy", "forces")  # the labels that exist for the jittered geometry
_DEFAULT_MAX_ANGLE = 30.0
_B3LYP = {
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
}


class QM9XTB(InMemoryDataset):  # type: ignore[misc]
    """4,980 molecules of QM9 with GFN2-xTB labels, in the pose that an experiment asks for.

    Every ``Data`` holds ``pos`` [N, 3] (Å), ``z`` [N] (long, atomic numbers), ``idx`` [1] (long,
    QM9's own number), ``smiles`` and the fields named by ``targets``, and no other floating-point
    field. Units are in :attr:`UNITS`; labels turn with the molecule.

    Args:
        targets: names out of :attr:`FIELDS`: ``dipole`` [1, 3], ``energy`` [1],
            ``polarizability`` [1, 3, 3], ``forces`` [N, 3], or the B3LYP scalars [1] of QM9
            (``mu``, ``alpha``, ``homo``, ``lumo``, ``gap``, ``r2``, ``zpve``, ``u0``, ``u298``,
            ``h298``, ``g298``, ``cv``).
        split: ``"train"`` (3,780), ``"val"`` (400), ``"test"`` (800), or ``"all"`` / None.
        geometry: ``"equilibrium"`` or ``"jittered"`` (atoms displaced by Gaussian noise of
            0.05–0.1 Å; only ``energy`` and ``forces`` exist there). None takes ``"jittered"`` when
            forces are asked for.
        orientation: ``"random"`` (uniform on SO(3)), ``"canonical"`` (principal axes, signs by
            third moments) or ``"restricted"`` (canonical, then turned by at most ``max_angle``).
            Molecules are centred first.
        max_angle: degrees in [0, 180], for ``"restricted"`` only; 30 by default.
        offset: standard deviation (Å) of a Gaussian displacement of the whole molecule; by default
            1 for random poses, so that translations can be tested, and 0 for the others.
        seed: fixes poses, displacements and the shuffle; a molecule's pose is the same in every
            split.
        shuffle_targets: hand every molecule the labels of another one: data with no answer, for
            graph-level targets only.
        limit: keep the first ``limit`` molecules of the split (their order is random).
        root: folder with ``qm9_xtb.npz`` and ``SHA256SUMS``; by default the shipped one.
        transform: applied at every access, as in PyTorch Geometric.
        dtype: of all floating-point fields. In float32 total energies (about −600 eV) are rounded
            to 6e-5 eV.

    Raises:
        ValueError: for an unknown or inconsistent option, or a data file whose checksum is wrong.
        FileNotFoundError: when the data file is missing.

    Sources: Ramakrishnan, Dral, Rupp and von Lilienfeld, Sci. Data 1, 140022 (2014);
    Bannwarth, Ehlert and Grimme, J. Chem. Theory Comput. 15, 1652 (2019).

    Example:
        >>> dataset = QM9XTB("dipole", split="val")
        >>> len(dataset), sorted(dataset[0].keys())
        (400, ['dipole', 'idx', 'pos', 'smiles', 'z'])
        >>> dataset.fields
        {'pos': 'point', 'dipole': 'vector'}
    """

    FIELDS: ClassVar[dict[str, str]] = {
        "pos": "point",
        "dipole": "vector",
        "energy": "scalar",
        "forces": "covector",
        "polarizability": "ij=ji",
        **dict.fromkeys(_B3LYP, "scalar"),
    }
    UNITS: ClassVar[dict[str, str]] = {
        "pos": "Å",
        "dipole": "e·Å",
        "energy": "eV",
        "forces": "eV/Å",
        "polarizability": "Å³",
        **_B3LYP,
    }

    def __init__(
        self,
        targets: str | Sequence[str] = ("dipole",),
        split: Literal["train", "val", "test", "all"] | None = None,
        *,
        geometry: Literal["equilibrium", "jittered"] | None = None,
        orientation: Literal["random", "canonical", "restricted"] = "random",
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
        self.targets = (targets,) if isinstance(targets, str) else tuple(targets)
        self.geometry = _resolve_geometry(geometry, self.targets)
        _check("split", split, (*_SPLITS, "all", None))
        _check("orientation", orientation, _ORIENTATIONS)
        max_angle = _resolve_max_angle(max_angle, orientation)
        if offset is None:
            offset = 1.0 if orientation == "random" else 0.0
        if not 0.0 <= offset < float("inf"):
            raise ValueError(f"offset is a standard deviation in Å, at least 0; got {offset!r}")
        if limit is not None and limit < 1:
            raise ValueError(f"limit counts molecules, at least 1, or None; got {limit!r}")
        if shuffle_targets and "forces" in self.targets:
            raise ValueError(
                "shuffle_targets=True needs graph-level targets: forces belong to atoms and cannot "
                "move to a molecule of another size; leave 'forces' out of targets"
            )

        path = locate(_NAME, _FILE, root)
        verify(path)
        with np.load(path) as archive:
            table = _Table(archive, self.geometry, self.targets)
        generator = torch.Generator().manual_seed(seed)
        table.orient(orientation, max_angle, offset, generator)
        rows = table.rows(split)[:limit]
        self._data, self.slices = table.collate(rows, shuffle_targets, generator, dtype)

    @property
    def fields(self) -> dict[str, str]:
        """Representations of the floating-point fields that are served: pos, then the targets."""
        return {name: self.FIELDS[name] for name in ("pos", *self.targets)}


class _Table:
    """The file's flat arrays for one geometry, as float64 tensors of all molecules."""

    def __init__(self, archive: Any, geometry: str, targets: Sequence[str]) -> None:
        suffix = "_jittered" if geometry == "jittered" else ""
        self.ptr = torch.from_numpy(archive["ptr"]).long()
        self.count = len(self.ptr) - 1
        self.owner = torch.repeat_interleave(torch.arange(self.count), self.ptr.diff())
        self.z = torch.from_numpy(archive["z"]).long()
        self.idx = torch.from_numpy(archive["idx"]).long()
        self.split = torch.from_numpy(archive["split"])
        self.smiles = [text.decode() for text in archive["smiles"].tolist()]
        self.pos = torch.from_numpy(archive["pos" + suffix]).double()
        self.labels = {
            name: torch.from_numpy(archive[name + suffix if name == "energy" else name]).double()
            for name in targets
        }

    def orient(
        self, orientation: str, max_angle: float, offset: float, generator: torch.Generator
    ) -> None:
        """Turn and displace all molecules, labels included; random numbers come in file order."""
        centred = self.pos - poses.centroids(self.pos, self.owner, self.count)[self.owner]
        if orientation == "random":
            rotation = poses.haar_rotations(self.count, generator)
        else:
            rotation = poses.canonical_rotations(centred, self.z, self.owner, self.count)
        if orientation == "restricted":
            rotation = poses.restricted_rotations(self.count, max_angle, generator) @ rotation
        shift = offset * torch.randn(self.count, 3, generator=generator, dtype=torch.float64)
        turned = torch.einsum("aij,aj->ai", rotation[self.owner], centred)
        self.pos = turned + shift[self.owner]
        for name, value in self.labels.items():
            kind = QM9XTB.FIELDS[name]
            if kind == "vector":
                self.labels[name] = torch.einsum("mij,mj->mi", rotation, value)
            elif kind == "covector":  # A⁻ᵀ = A for a rotation
                self.labels[name] = torch.einsum("aij,aj->ai", rotation[self.owner], value)
            elif kind == "ij=ji":
                self.labels[name] = rotation @ value @ rotation.mT

    def rows(self, split: str | None) -> Tensor:
        """Molecules of a split, in file order."""
        if split in (None, "all"):
            return torch.arange(self.count)
        return torch.nonzero(self.split == _SPLITS.index(str(split))).flatten()

    def collate(
        self, rows: Tensor, shuffle: bool, generator: torch.Generator, dtype: torch.dtype
    ) -> tuple[Data, dict[str, Tensor] | None]:
        """Storage of an ``InMemoryDataset`` with the molecules ``rows``, in that order."""
        sizes = self.ptr.diff()[rows]
        atoms = torch.cat([torch.arange(self.ptr[r], self.ptr[r + 1]) for r in rows.tolist()])
        node = torch.cat([sizes.new_zeros(1), sizes.cumsum(0)])
        graph = torch.arange(len(rows) + 1)
        source = rows[_derangement(len(rows), generator)] if shuffle else rows
        fields = {"z": self.z[atoms], "pos": self.pos[atoms].to(dtype)}
        slices = {"z": node, "pos": node}
        for name, value in self.labels.items():
            per_node = name == "forces"
            fields[name] = value[atoms if per_node else source].to(dtype)
            slices[name] = node if per_node else graph
        smiles = [self.smiles[r] for r in rows.tolist()]
        if len(rows) == 1:  # PyG hands out the storage itself then
            return Data(**fields, idx=self.idx[rows], smiles=smiles[0]), None
        slices |= {"idx": graph, "smiles": graph}
        return Data(**fields, idx=self.idx[rows], smiles=smiles), slices


def _derangement(count: int, generator: torch.Generator) -> Tensor:
    """One random cycle through all of ``range(count)``: nobody keeps what they had."""
    if count < 2:
        raise ValueError(f"shuffle_targets=True needs at least 2 molecules, got {count}")
    cycle = torch.randperm(count, generator=generator)
    image = torch.empty_like(cycle)
    image[cycle] = cycle.roll(1)
    return image


def _check(option: str, given: object, allowed: Sequence[object]) -> None:
    if given not in allowed:
        names = ", ".join(repr(value) for value in allowed)
        raise ValueError(f"{option}={given!r} is unknown; choose one of {names}")


def _resolve_geometry(geometry: str | None, targets: Sequence[str]) -> str:
    allowed = [name for name in QM9XTB.FIELDS if name != "pos"]
    for name in targets:
        if name not in allowed:
            raise ValueError(f"target {name!r} is unknown; choose among {', '.join(allowed)}")
    if len(set(targets)) < len(targets):
        raise ValueError(f"targets={tuple(targets)} names a field twice")
    if geometry is None:
        geometry = "jittered" if "forces" in targets else "equilibrium"
    _check("geometry", geometry, _GEOMETRIES)
    missing = [
        name
        for name in targets
        if (name not in _JITTERED if geometry == "jittered" else name == "forces")
    ]
    if missing:
        raise ValueError(
            f"no {', '.join(missing)} for geometry={geometry!r}: the jittered geometry has energy "
            "and forces, the equilibrium geometry everything but forces; use two data sets"
        )
    return geometry


def _resolve_max_angle(max_angle: float | None, orientation: str) -> float:
    if max_angle is None:
        return _DEFAULT_MAX_ANGLE
    if orientation != "restricted":
        raise ValueError(
            f"max_angle={max_angle!r} only applies to orientation='restricted', "
            f"got orientation={orientation!r}"
        )
    if not 0.0 <= max_angle <= 180.0:
        raise ValueError(f"max_angle is an angle in degrees between 0 and 180; got {max_angle!r}")
    return float(max_angle)
