"""What the generated tasks on node slots share."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from semola_geo.datasets._generated_task import GeneratedTask
from semola_geo.groups import PermutationSubgroup

__all__ = ["SlotTask"]


class SlotTask(GeneratedTask):
    """A task on graphs of one size, generated in code, whose exchange symmetry is known.

    Arguments are those of :class:`~semola_geo.datasets._generated_task.GeneratedTask`.
    """

    NUM_SLOTS: ClassVar[int]

    @classmethod
    @abstractmethod
    def symmetry(cls, target: str) -> PermutationSubgroup:
        """Return the exact group of slot permutations of a target."""

    def per_node(self, name: str) -> bool:
        """Whether a field has a row for every node: it moves with its slot."""
        return self.fields[name].endswith("@slot")
