"""``LabelledBodies``: five bodies that attract and repel each other, some of them identical."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from semola_geo.datasets._slot_task import SlotTask
from semola_geo.groups import PermutationSubgroup

__all__ = ["LabelledBodies"]

_CHARGES = (1.5, 1.5, -1.0, -1.0, -1.0)
_SOFTENING = 1.5


class LabelledBodies(SlotTask):
    r"""Five bodies at normally distributed positions ``pos`` [5, 3], with fixed charges.

    Charges are (1.5, 1.5, −1, −1, −1) and *not* part of the data: that bodies 0, 1 and bodies
    2, 3, 4 are identical has to be found, S2 x S3 of order 12. In dimensionless units:

    - ``"energy"`` [1]: :math:`\sum_{i<j} q_i q_j / \sqrt{r_{ij}^2 + 1.5^2}` (softened).
    - ``"force"`` [5, 3]: minus its gradient, a covector on every body.

    Arguments are those of :class:`~semola_geo.datasets._generated_task.GeneratedTask`.

    >>> bodies = LabelledBodies(["energy", "force"], size=16)
    >>> bodies[0].force.shape, LabelledBodies.symmetry("energy").name
    (torch.Size([5, 3]), 'S2 x S3')
    """

    NUM_SLOTS: ClassVar[int] = 5
    INPUTS: ClassVar[dict[str, str]] = {"pos": "point@slot"}
    TARGETS: ClassVar[dict[str, str]] = {"energy": "scalar", "force": "covector@slot"}

    @classmethod
    def symmetry(cls, target: str) -> PermutationSubgroup:
        """Return the exact group of slot permutations of a target."""
        return PermutationSubgroup.from_orbits([[0, 1], [2, 3, 4]], cls.NUM_SLOTS)

    def draw(self, count: int, generator: torch.Generator) -> dict[str, Tensor]:
        """Draw the positions."""
        shape = (count, self.NUM_SLOTS, 3)
        return {"pos": torch.randn(shape, generator=generator, dtype=torch.float64)}

    def label(self, target: str, inputs: dict[str, Tensor]) -> Tensor:
        """Return a target, ``[count]`` or ``[count, 5, 3]``."""
        pos = inputs["pos"]
        charge = torch.tensor(_CHARGES, dtype=pos.dtype)
        product = charge[:, None] * charge * (1 - torch.eye(self.NUM_SLOTS, dtype=pos.dtype))
        apart = pos[:, :, None] - pos[:, None]
        square = apart.square().sum(-1) + _SOFTENING**2
        if target == "energy":
            return (product / square.sqrt()).sum((1, 2)) / 2
        return (product[..., None] * apart / square[..., None] ** 1.5).sum(2)
