"""``QM9``: 130,831 molecules with their scalar properties."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Literal

import torch
from torch import Tensor
from torch_geometric.data import Data, InMemoryDataset

from semola_geo.datasets._split_pose import SplitPose
from semola_geo.datasets._targets import check_targets
from semola_geo.datasets.qm9.molecules import PROPERTIES, Molecules
from semola_geo.datasets.qm9.pyg import read_pyg
from semola_geo.datasets.qm9.qm9pack import read_qm9pack
from semola_geo.datasets.split import cut

__all__ = ["QM9"]

_FEWEST = 10
# 110,000 / 10,000 / 10,831 of all 130,831 molecules, as most papers since SchNet and DimeNet.
_ENDS = (110_000 / 130_831, 120_000 / 130_831)


class QM9(InMemoryDataset):  # type: ignore[misc]
    """All molecules of QM9 that passed its consistency check, with B3LYP properties.

    Every ``Data`` holds ``pos`` [N, 3] (Å), ``z`` [N] (long), ``idx`` [1] (long, QM9's own number,
    from 1), ``smiles`` and the properties [1] named by ``targets``. Units are in :attr:`UNITS`.
    All targets are scalars: the dipole ``mu`` is a magnitude. Energies of atomization
    (``u0_atom`` …) are those of the molecule minus those of its free atoms, and negative.

    The 3,054 molecules that failed the check of the original paper ("uncharacterized") are in
    neither source. Both sources serve the same molecules in the same order, so that the splits of
    one seed agree; PyTorch Geometric stores properties in float32, which rounds total energies
    to 1e-3 eV, and writes SMILES with all hydrogens.

    Args:
        targets: Names out of :attr:`UNITS` other than ``pos``.
        split: ``"train"`` (110,000), ``"val"`` (10,000), ``"test"`` (10,831) of a random order
            fixed by ``split_seed``, or ``"all"`` / None; of fewer molecules the same shares.
        source: ``"qm9pack"`` (a package, no network; ``pip install 'semola_geo[qm9]'``) or
            ``"pyg"`` (PyTorch Geometric's class; ``root`` is its folder).
        root: Folder with the files; for ``qm9pack`` that of the package by default.
        download: Let PyTorch Geometric fetch missing files from the network.
        orientation: ``"random"`` (uniform on SO(3)), ``"canonical"`` (principal axes),
            ``"restricted"`` (canonical, then turned by at most ``max_angle``) or ``"original"``.
            Molecules are centred first.
        test_orientation: That of the test molecules where it differs; None: the same.
        max_angle: Degrees in [0, 180], for ``"restricted"`` only; 30 by default.
        offset: Standard deviation (Å) of a Gaussian displacement of the whole molecule; by default
            1 for random poses and 0 for the others.
        seed: Of the poses; a molecule's pose is the same in every split.
        split_seed: Of the order.
        limit: Keep the first ``limit`` molecules of the split.
        dtype: Of floating-point fields.
        transform: Applied at every access, as in PyTorch Geometric.

    Raises:
        ValueError: For an option out of range, or a file that cannot be read.
        FileNotFoundError: If files are missing.
        ImportError: If ``qm9pack`` is needed and not installed.

    Source: Ramakrishnan, Dral, Rupp and von Lilienfeld, Sci. Data 1, 140022 (2014).

    >>> QM9.UNITS["gap"], len(QM9.UNITS) - 1
    ('eV', 19)
    >>> QM9("energy")
    Traceback (most recent call last):
    ValueError: target 'energy' is unknown; choose among mu, alpha, homo, lumo, gap, ...
    """

    UNITS: ClassVar[dict[str, str]] = {"pos": "Å", **PROPERTIES}

    def __init__(
        self,
        targets: str | Sequence[str] = ("gap",),
        split: Literal["train", "val", "test", "all"] | None = None,
        *,
        source: Literal["qm9pack", "pyg"] = "qm9pack",
        root: str | Path | None = None,
        download: bool = False,
        orientation: Literal["random", "canonical", "restricted", "original"] = "random",
        test_orientation: Literal["random", "canonical", "restricted", "original"] | None = None,
        max_angle: float | None = None,
        offset: float | None = None,
        seed: int = 0,
        split_seed: int = 0,
        limit: int | None = None,
        dtype: torch.dtype = torch.float32,
        transform: Callable[[Data], Data] | None = None,
    ) -> None:
        super().__init__(root=None, transform=transform)
        self.targets = check_targets(targets, list(PROPERTIES))
        pose = SplitPose.check(orientation, test_orientation, max_angle, offset)
        cut(_FEWEST, split, _ENDS)
        if limit is not None and limit < 1:
            raise ValueError(f"limit counts molecules, at least 1, or None; got {limit!r}")
        if source not in ("qm9pack", "pyg"):
            raise ValueError(f"source={source!r} is unknown; choose qm9pack or pyg")
        if source == "pyg" and root is None:
            raise ValueError("source='pyg' needs root=, the folder of torch_geometric.datasets.QM9")
        everything = _read(source, None if root is None else str(root), bool(download))
        if len(everything) < _FEWEST:
            raise ValueError(
                f"{len(everything)} molecule(s) are too few; at least {_FEWEST} are needed"
            )
        order = torch.randperm(len(everything), generator=torch.Generator().manual_seed(split_seed))
        begin, end = cut(len(everything), split, _ENDS)
        testing = torch.zeros(len(everything), dtype=torch.bool)
        testing[order[cut(len(everything), "test", _ENDS)[0] :]] = True
        generator = torch.Generator().manual_seed(seed)
        pos, _ = pose.place(
            everything.pos, everything.z, everything.owner, len(everything), generator, testing
        )
        chosen = replace(everything, pos=pos).select(order[begin:end][:limit])
        self._data, self.slices = self._collated(chosen, dtype)

    def _collated(
        self, chosen: Molecules, dtype: torch.dtype
    ) -> tuple[Data, dict[str, Tensor] | None]:
        columns = {name: chosen.values[:, i] for i, name in enumerate(PROPERTIES)}
        per_graph = {"idx": chosen.idx} | {name: columns[name].to(dtype) for name in self.targets}
        data = Data(pos=chosen.pos.to(dtype), z=chosen.z, **per_graph)
        if len(chosen) == 1:  # PyG hands out the storage itself then.
            data.smiles = chosen.smiles[0]
            return data, None
        data.smiles = chosen.smiles
        graph = torch.arange(len(chosen) + 1)
        slices = dict.fromkeys((*per_graph, "smiles"), graph)
        return data, {"pos": chosen.ptr, "z": chosen.ptr, **slices}

    @property
    def fields(self) -> dict[str, str]:
        """Representations of the floating-point fields."""
        return {"pos": "point", **dict.fromkeys(self.targets, "scalar")}


@lru_cache(maxsize=1)  # The three splits are cut from one reading.
def _read(source: str, root: str | None, download: bool) -> Molecules:
    if source == "qm9pack":
        return read_qm9pack(root)
    assert root is not None
    return read_pyg(root, download)
