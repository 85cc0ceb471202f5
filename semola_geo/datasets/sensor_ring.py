"""``SensorRing``: readings of eight sensors on a ring, with a local scalar target."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from semola_geo.datasets._slot_task import SlotTask
from semola_geo.groups import PermutationSubgroup

__all__ = ["SensorRing"]


class SensorRing(SlotTask):
    r"""Eight sensors on a ring; every graph holds their readings ``x`` [8], standard normal.

    Targets are sums over neighbours, :math:`\sum_i w_i\, a(x_i)\, b(x_{i+1})`:

    - ``"achiral"``: a = b = sin. Turns and reflections of the ring leave it alone: D8, order 16.
    - ``"chiral"``: b = cos − ½, so that neighbours play different parts: C8, order 8.
    - ``"distinct"``: as achiral, but pairs have unequal weights w from 0.4 to 1.6: no symmetry.

    Arguments are those of :class:`~semola_geo.datasets._generated_task.GeneratedTask`.

    >>> ring = SensorRing(["chiral"], size=16)
    >>> ring[0].x.shape, ring[0].chiral.shape, SensorRing.symmetry("chiral").name
    (torch.Size([8]), torch.Size([1]), 'C8')
    """

    NUM_SLOTS: ClassVar[int] = 8
    INPUTS: ClassVar[dict[str, str]] = {"x": "scalar@slot"}
    TARGETS: ClassVar[dict[str, str]] = dict.fromkeys(("chiral", "achiral", "distinct"), "scalar")
    _WEIGHTS = (0.4, 1.3, 0.7, 1.6, 1.0, 0.55, 1.45, 0.85)

    @classmethod
    def symmetry(cls, target: str) -> PermutationSubgroup:
        """Return the exact group of slot permutations of a target."""
        turn = [*range(1, cls.NUM_SLOTS), 0]
        flip = [-slot % cls.NUM_SLOTS for slot in range(cls.NUM_SLOTS)]
        generators = {"chiral": [turn], "achiral": [turn, flip], "distinct": []}[target]
        return PermutationSubgroup(generators, cls.NUM_SLOTS)

    def draw(self, count: int, generator: torch.Generator) -> dict[str, Tensor]:
        """Draw the readings."""
        shape = (count, self.NUM_SLOTS)
        return {"x": torch.randn(shape, generator=generator, dtype=torch.float64)}

    def label(self, target: str, inputs: dict[str, Tensor]) -> Tensor:
        """Return a target, ``[count]``."""
        x = inputs["x"]
        neighbour = x.roll(-1, dims=1)
        second = neighbour.cos() - 0.5 if target == "chiral" else neighbour.sin()
        weights = (
            torch.ones(self.NUM_SLOTS) if target != "distinct" else torch.tensor(self._WEIGHTS)
        )
        return (weights * x.sin() * second).sum(1)
