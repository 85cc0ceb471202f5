"""In which poses molecules are served."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from semola_geo.datasets import _orientation as rotations
from semola_geo.datasets._max_angle import check_max_angle

__all__ = ["DEFAULT_MAX_ANGLE", "Pose", "turn"]

DEFAULT_MAX_ANGLE = 30.0
"""Degrees by which restricted poses are turned at most, if nothing is said."""


@dataclass(frozen=True)
class Pose:
    """How molecules are turned and displaced; they are centred first.

    Attributes:
        orientation: ``"random"`` (uniform on SO(3)), ``"canonical"`` (principal axes),
            ``"restricted"`` (canonical, then turned by at most ``max_angle``) or ``"original"``.
        max_angle: Degrees in [0, 180].
        offset: Standard deviation in Å of a Gaussian displacement of the whole molecule.
    """

    orientation: str
    max_angle: float
    offset: float

    @classmethod
    def check(
        cls,
        orientation: str,
        max_angle: float | None,
        offset: float | None,
        allowed: Sequence[str] = ("random", "canonical", "restricted", "original"),
    ) -> Pose:
        """Check a user's options; the offset is 1 Å in random poses and 0 otherwise, if not given.

        Raises:
            ValueError: For an option out of range, or ``max_angle`` without ``"restricted"``.

        >>> Pose.check("random", None, None)
        Pose(orientation='random', max_angle=30.0, offset=1.0)
        """
        if orientation not in allowed:
            names = ", ".join(repr(value) for value in allowed)
            raise ValueError(f"orientation={orientation!r} is unknown; choose one of {names}")
        angle = check_max_angle(max_angle, DEFAULT_MAX_ANGLE, orientation)
        if offset is None:
            offset = 1.0 if orientation == "random" else 0.0
        if not 0.0 <= offset < float("inf"):
            raise ValueError(f"offset is a standard deviation in Å, at least 0; got {offset!r}")
        return cls(orientation, angle, float(offset))

    def place(
        self, pos: Tensor, z: Tensor, owner: Tensor, count: int, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Turn and displace all molecules; random numbers come in their order.

        Args:
            pos: Positions ``[A, 3]`` (float64).
            z: Atomic numbers ``[A]``.
            owner: Molecule of each atom ``[A]``.
            count: Number of molecules.
            generator: Source of randomness.

        Returns:
            The positions, and the rotation of every molecule ``[count, 3, 3]``.
        """
        centred = pos - rotations.centroids(pos, owner, count)[owner]
        if self.orientation == "random":
            rotation = rotations.haar_rotations(count, generator)
        elif self.orientation == "original":
            rotation = torch.eye(3, dtype=torch.float64).repeat(count, 1, 1)
        else:
            rotation = rotations.canonical_rotations(centred, z, owner, count)
        if self.orientation == "restricted":
            turned = rotations.restricted_rotations(count, self.max_angle, generator)
            rotation = turned @ rotation
        shift = self.offset * torch.randn(count, 3, generator=generator, dtype=torch.float64)
        return turn(centred, rotation[owner]) + shift[owner], rotation


def turn(vectors: Tensor, rotation: Tensor) -> Tensor:
    """Turn every vector ``[N, 3]`` by its own rotation ``[N, 3, 3]``.

    >>> turn(torch.eye(3)[:1], torch.eye(3).roll(1, 0)[None])
    tensor([[0., 1., 0.]])
    """
    return torch.einsum("nij,nj->ni", rotation, vectors)
