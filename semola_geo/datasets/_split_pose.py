"""Poses of test molecules that differ from those of all others: a shift of distribution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from semola_geo.datasets._choice import check_choice
from semola_geo.datasets._max_angle import check_max_angle
from semola_geo.datasets._pose import DEFAULT_MAX_ANGLE, Pose

__all__ = ["SplitPose"]


@dataclass(frozen=True)
class SplitPose:
    """One pose for training and validation, and one for testing.

    Attributes:
        usual: Of training and validation molecules.
        test: Of test molecules; None: the same.
    """

    usual: Pose
    test: Pose | None = None

    @classmethod
    def check(
        cls,
        orientation: str,
        test_orientation: str | None,
        max_angle: float | None,
        offset: float | None,
        allowed: Sequence[str] = ("random", "canonical", "restricted", "original"),
    ) -> SplitPose:
        """Check a user's options; ``max_angle`` and ``offset`` are those of both poses.

        Raises:
            ValueError: For an option out of range, or ``max_angle`` where nothing is
                ``"restricted"``.

        >>> SplitPose.check("canonical", "random", None, None).test
        Pose(orientation='random', max_angle=30.0, offset=1.0)
        """
        if test_orientation is None:
            return cls(Pose.check(orientation, max_angle, offset, allowed))
        check_choice("test_orientation", test_orientation, allowed)
        angle = check_max_angle(max_angle, DEFAULT_MAX_ANGLE, orientation, test_orientation)
        usual, test = (
            Pose.check(name, angle if name == "restricted" else None, offset, allowed)
            for name in (orientation, test_orientation)
        )
        return cls(usual, test)

    def place(
        self,
        pos: Tensor,
        z: Tensor,
        owner: Tensor,
        count: int,
        generator: torch.Generator,
        testing: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Turn and displace all molecules, as :meth:`Pose.place` does.

        Both poses start from the same random numbers: a test molecule has the pose that it would
        have if all molecules were in the test pose.

        Args:
            pos: Positions ``[A, 3]`` (float64).
            z: Atomic numbers ``[A]``.
            owner: Molecule of each atom ``[A]``.
            count: Number of molecules.
            generator: Source of randomness.
            testing: Which molecules are for testing ``[count]`` (bool).

        Returns:
            The positions, and the rotation of every molecule ``[count, 3, 3]``.
        """
        state = generator.get_state()
        placed, rotation = self.usual.place(pos, z, owner, count, generator)
        if self.test is None:
            return placed, rotation
        again = torch.Generator()
        again.set_state(state)
        shifted, turned = self.test.place(pos, z, owner, count, again)
        return (
            torch.where(testing[owner].unsqueeze(-1), shifted, placed),
            torch.where(testing[:, None, None], turned, rotation),
        )
