"""Dipoles of the molecules of ``qm9_xtb`` in a uniform electric field along the z axis."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from semola_geo.datasets._location import verify
from semola_geo.datasets._orientation import quaternion_rotations

__all__ = ["FieldLabels"]


@dataclass(frozen=True)
class FieldLabels:
    """Orientation and dipole of every molecule in one field, in the order of ``qm9_xtb.npz``.

    A field singles out a direction, so that labels belong to an orientation in the laboratory:
    nobody can turn them afterwards, except about the z axis.

    Attributes:
        idx: QM9's own numbers ``[M]`` (long).
        rotation: From QM9's frame into the laboratory's ``[M, 3, 3]`` (float64).
        dipole: In the laboratory's frame ``[M, 3]`` (float64), e·Å; ``None`` without a field,
            where it is the dipole of ``qm9_xtb.npz``, turned.
    """

    idx: Tensor
    rotation: Tensor
    dipole: Tensor | None

    @classmethod
    def read(cls, path: Path, strength: float) -> FieldLabels:
        """Read the labels for a field of ``strength`` atomic units.

        Raises:
            ValueError: For a strength that is not in the file, or a wrong checksum.

        >>> from semola_geo.datasets._location import locate
        >>> labels = FieldLabels.read(locate("qm9_xtb", "qm9_xtb_field.npz"), 0.02)
        >>> labels.rotation.shape, labels.dipole.shape
        (torch.Size([4980, 3, 3]), torch.Size([4980, 3]))
        """
        verify(path)
        with np.load(path) as archive:
            strengths = [float(value) for value in archive["field"]]
            if strength not in (0.0, *strengths):
                shipped = ", ".join(map(str, (0.0, *strengths)))
                raise ValueError(
                    f"no dipoles for field={strength!r}; shipped strengths in atomic units: "
                    f"{shipped} (None: no field, and molecules in any pose)"
                )
            dipole = None
            if strength:
                labels = archive["dipole"][:, strengths.index(strength)]
                dipole = torch.from_numpy(labels).double()
            return cls(
                idx=torch.from_numpy(archive["idx"]).long(),
                rotation=quaternion_rotations(torch.from_numpy(archive["quaternion"]).double()),
                dipole=dipole,
            )
