"""``SpeciesMixture``: 32 slots of three hidden species that act through their means."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from semola_geo.datasets._slot_task import SlotTask
from semola_geo.groups import PermutationSubgroup

__all__ = ["SpeciesMixture"]


class SpeciesMixture(SlotTask):
    r"""Readings ``x`` [32], standard normal, of 16, 8 and 8 slots of three hidden species.

    With the sums of readings :math:`a = \sum_A x_i / 4`, :math:`b = \sum_B x_i / \sqrt{8}` and
    :math:`c = \sum_C x_i / \sqrt{8}`, the target ``"mixture"`` [1] is
    :math:`\sin(a + b/2) + \tanh(b - c)`: slots of one species can be exchanged, S8 x S8 x S16 of
    order 3.4e22.

    Arguments are those of :class:`~semola_geo.datasets._generated_task.GeneratedTask`.

    >>> SpeciesMixture(["mixture"], size=16)[0].x.shape
    torch.Size([32])
    >>> [len(orbit) for orbit in SpeciesMixture.symmetry("mixture").orbits]
    [16, 8, 8]
    """

    NUM_SLOTS: ClassVar[int] = 32
    INPUTS: ClassVar[dict[str, str]] = {"x": "scalar@slot"}
    TARGETS: ClassVar[dict[str, str]] = {"mixture": "scalar"}
    # Species lie among each other, as nobody who has to discover them would sort them.
    SPECIES: ClassVar[tuple[range, ...]] = (range(0, 32, 2), range(1, 32, 4), range(3, 32, 4))

    @classmethod
    def symmetry(cls, target: str) -> PermutationSubgroup:
        """Return the exact group of slot permutations of the target."""
        return PermutationSubgroup.from_orbits(cls.SPECIES, cls.NUM_SLOTS)

    def draw(self, count: int, generator: torch.Generator) -> dict[str, Tensor]:
        """Draw the readings."""
        shape = (count, self.NUM_SLOTS)
        return {"x": torch.randn(shape, generator=generator, dtype=torch.float64)}

    def label(self, target: str, inputs: dict[str, Tensor]) -> Tensor:
        """Return the target, ``[count]``."""
        first, second, third = (inputs["x"][:, list(slots)] for slots in self.SPECIES)
        a, b, c = first.sum(1) / 4, second.sum(1) / 8**0.5, third.sum(1) / 8**0.5
        return (a + b / 2).sin() + (b - c).tanh()
