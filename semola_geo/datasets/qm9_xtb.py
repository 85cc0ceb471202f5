"""``QM9XTB``: 4,980 real molecules with GFN2-xTB dipoles, energies, forces and polarizabilities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import torch
from torch_geometric.data import Data, InMemoryDataset

from semola_geo.datasets._location import locate, verify
from semola_geo.datasets._qm9_field import FieldLabels
from semola_geo.datasets._qm9_table import SPLITS, Table
from semola_geo.datasets._split_pose import SplitPose
from semola_geo.datasets._targets import check_targets
from semola_geo.datasets.handedness import HANDED
from semola_geo.datasets.qm9.molecules import PROPERTIES

__all__ = ["QM9XTB"]

_NAME, _FILE, _FIELD_FILE = "qm9_xtb", "qm9_xtb.npz", "qm9_xtb_field.npz"
_ORIENTATIONS = ("random", "canonical", "restricted")
_GEOMETRIES = ("equilibrium", "jittered")
_JITTERED = ("energy", "forces", *HANDED)  # the labels that exist for the jittered geometry
_PER_ATOM = ("forces", "chirality")
# Labels of QM9 that are shipped: all but atomization energies and rotational constants.
_B3LYP = dict(islice(PROPERTIES.items(), 12))


class QM9XTB(InMemoryDataset):  # type: ignore[misc]
    """4,980 molecules of QM9 with GFN2-xTB labels, in the pose that an experiment asks for.

    Every ``Data`` holds ``pos`` [N, 3] (Å), ``z`` [N] (long, atomic numbers), ``idx`` [1] (long,
    QM9's own number), ``smiles`` and the fields named by ``targets``, and no other floating-point
    field. Units are in :attr:`UNITS`; labels turn with the molecule.

    Args:
        targets: names out of :attr:`FIELDS`: ``dipole`` [1, 3], ``energy`` [1],
            ``polarizability`` [1, 3, 3], ``forces`` [N, 3], the B3LYP scalars [1] of QM9
            (``mu``, ``alpha``, ``homo``, ``lumo``, ``gap``, ``r2``, ``zpve``, ``u0``, ``u298``,
            ``h298``, ``g298``, ``cv``), or what tells a molecule from its mirror image, computed
            from the geometry (:mod:`semola_geo.datasets.handedness`): ``axial_moment`` [1, 3] and
            ``chirality`` [N].
        split: ``"train"`` (3,780), ``"val"`` (400), ``"test"`` (800), or ``"all"`` / None.
        geometry: ``"equilibrium"`` or ``"jittered"`` (atoms displaced by Gaussian noise of
            0.05–0.1 Å; of the stored labels only ``energy`` and ``forces`` exist there). None takes
            ``"jittered"`` when forces are asked for.
        orientation: ``"random"`` (uniform on SO(3)), ``"canonical"`` (principal axes, signs by
            third moments) or ``"restricted"`` (canonical, then turned by at most ``max_angle``).
            Molecules are centred first.
        test_orientation: that of the test molecules where it differs; None: the same.
        max_angle: degrees in [0, 180], for ``"restricted"`` only; 30 by default.
        offset: standard deviation (Å) of a Gaussian displacement of the whole molecule; by default
            1 for random poses, so that translations can be tested, and 0 for the others.
        field: strength of a uniform electric field along the z axis in atomic units (Eh / (e a0),
            51.4 V/Å): 0.005, 0.01, 0.02 or 0.04, and 0.0 for the same poses without. Only
            ``dipole`` has labels there, in one random orientation of each molecule that no
            ``seed`` changes: in a field, labels cannot be turned. Molecules whose SCF does not
            converge (8 at 0.04, all of ``"train"``) are left out.
        seed: fixes poses, displacements and the shuffle; a molecule's pose is the same in every
            split.
        shuffle_targets: hand every molecule the labels of another one: data with no answer, for
            graph-level targets only.
        limit: keep the first ``limit`` molecules of the split (their order is random).
        root: folder with ``qm9_xtb.npz``, for a field ``qm9_xtb_field.npz``, and ``SHA256SUMS``; by
            default the shipped one.
        transform: applied at every access, as in PyTorch Geometric.
        dtype: of all floating-point fields. In float32 total energies (about −736 eV) are rounded
            to 6e-5 eV.

    Raises:
        TypeError: for a field that is no number.
        ValueError: for an unknown or inconsistent option, a field that is not shipped, or
            a data file whose checksum is wrong.
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
        "axial_moment": "pseudovector",
        "chirality": "pseudoscalar",
        **dict.fromkeys(_B3LYP, "scalar"),
    }
    UNITS: ClassVar[dict[str, str]] = {
        "pos": "Å",
        "dipole": "e·Å",
        "energy": "eV",
        "forces": "eV/Å",
        "polarizability": "Å³",
        "axial_moment": "Å²",
        "chirality": "Å³",
        **_B3LYP,
    }

    def __init__(
        self,
        targets: str | Sequence[str] = ("dipole",),
        split: Literal["train", "val", "test", "all"] | None = None,
        *,
        geometry: Literal["equilibrium", "jittered"] | None = None,
        orientation: Literal["random", "canonical", "restricted"] = "random",
        test_orientation: Literal["random", "canonical", "restricted"] | None = None,
        max_angle: float | None = None,
        offset: float | None = None,
        field: float | None = None,
        seed: int = 0,
        shuffle_targets: bool = False,
        limit: int | None = None,
        root: str | Path | None = None,
        transform: Callable[[Data], Data] | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__(root=None, transform=transform)
        self.targets = check_targets(targets, [name for name in self.FIELDS if name != "pos"])
        self.geometry = _resolve_geometry(geometry, self.targets)
        _check("split", split, (*SPLITS, "all", None))
        pose = SplitPose.check(orientation, test_orientation, max_angle, offset, _ORIENTATIONS)
        if limit is not None and limit < 1:
            raise ValueError(f"limit counts molecules, at least 1, or None; got {limit!r}")
        per_atom = [name for name in self.targets if name in _PER_ATOM]
        if shuffle_targets and per_atom:
            raise ValueError(
                f"shuffle_targets=True needs graph-level targets: {', '.join(per_atom)} belong to "
                "atoms and cannot move to a molecule of another size; leave them out of targets"
            )

        if field is not None:
            _check_field(field, self.targets, self.geometry, orientation, test_orientation)
        path = locate(_NAME, _FILE, root)
        verify(path)
        with np.load(path) as archive:
            table = Table(archive, self.geometry, {t: self.FIELDS[t] for t in self.targets})
        if field is not None:
            labels = FieldLabels.read(locate(_NAME, _FIELD_FILE, root), float(field))
            if not torch.equal(labels.idx, table.idx):
                raise ValueError(
                    f"{_FIELD_FILE} belongs to other molecules than {_FILE} in {path.parent}: "
                    f"rebuild it with datasets/{_NAME}/build_field.py"
                )
            table.expose(labels.rotation, labels.dipole)
            pose = SplitPose(replace(pose.usual, orientation="original"))
        generator = torch.Generator().manual_seed(seed)
        table.orient(pose, generator)
        rows = table.rows(split or "all")[:limit]
        self._data, self.slices = table.collate(rows, shuffle_targets, generator, dtype)

    @property
    def fields(self) -> dict[str, str]:
        """Representations of the floating-point fields that are served: pos, then the targets."""
        return {name: self.FIELDS[name] for name in ("pos", *self.targets)}


def _check(option: str, given: object, allowed: Sequence[object]) -> None:
    if given not in allowed:
        names = ", ".join(repr(value) for value in allowed)
        raise ValueError(f"{option}={given!r} is unknown; choose one of {names}")


def _check_field(
    field: object,
    targets: Sequence[str],
    geometry: str,
    orientation: str,
    test_orientation: str | None,
) -> None:
    if isinstance(field, bool) or not isinstance(field, int | float):
        raise TypeError(f"field is a strength in atomic units or None, got {field!r}")
    if tuple(targets) != ("dipole",) or geometry != "equilibrium":
        raise ValueError(
            f"field={field!r} has labels for targets='dipole' alone, at the equilibrium geometry; "
            f"got targets={tuple(targets)}, geometry={geometry!r}"
        )
    for option, given in (("orientation", orientation), ("test_orientation", test_orientation)):
        if given not in ("random", None):
            raise ValueError(
                f"field={field!r} needs {option}='random', got {given!r}: labels in a field "
                "belong to the one orientation that they were computed for"
            )


def _resolve_geometry(geometry: str | None, targets: Sequence[str]) -> str:
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
            f"no {', '.join(missing)} for geometry={geometry!r}: the jittered geometry has "
            f"{', '.join(_JITTERED)}, the equilibrium geometry everything but forces; use two data "
            "sets"
        )
    return geometry
