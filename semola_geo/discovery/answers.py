"""What teachers say about moved graphs, brought back to where the graphs were."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import torch
from torch import Tensor
from torch_geometric.data import Batch

from semola_geo.discovery.lie_derivative import Teacher
from semola_geo.fields import Fields, num_graphs
from semola_geo.groups import GroupElement
from semola_geo.representations import Representation
from semola_geo.training.normalizer import TargetNormalizer
from semola_geo.transforms import Element, move_by

__all__ = ["Answers", "brought_back"]

# Graphs in one call of a teacher.
_CHUNK = 4096


@torch.no_grad()
def brought_back(
    teacher: Teacher, element: Element, batch: Batch, inputs: Fields, target: Representation
) -> Tensor:
    """Return ρ(g)⁻¹F(gx) for one element per graph, in data units (float64).

    Args:
        teacher: A model.
        element: One element per graph.
        batch: Graphs.
        inputs: Input fields.
        target: Representation of the target.
    """
    values = teacher(move_by(batch, inputs, element)).to("cpu", torch.float64)
    count = num_graphs(batch)
    index = torch.arange(count) if len(values) == count else batch.batch
    return (~element).act(values, target, index)


class Answers:
    r"""Answers :math:`\rho(g)^{-1}F(gx)`, ``[rows, width]`` in units of the target.

    What the composition of a graph says about a scalar, and the mean of points, is taken out
    first, since no element changes it.

    Args:
        pairs: Pairs of teachers; all of them together tell the units.
        batch: Graphs to ask about.
        inputs: Input fields.
        target: Representation of the target.
    """

    def __init__(
        self,
        pairs: Sequence[tuple[Teacher, Teacher]],
        batch: Batch,
        inputs: Fields,
        target: Representation,
    ) -> None:
        self.pairs, self.batch, self.inputs, self.target = pairs, batch, inputs, target
        self.graphs = num_graphs(batch)
        self._copies: dict[int, Batch] = {1: batch}

    @torch.no_grad()
    def still(self, teacher: Teacher) -> Tensor:
        """Return F(x)."""
        return self._scaled(teacher(self.batch).detach().to("cpu", torch.float64), self.batch)

    @torch.no_grad()
    def moved(self, teacher: Teacher, element: Element) -> Tensor:
        """Return ρ(g)⁻¹F(gx) for one element per graph."""
        return self._moved(teacher, element, self.batch)

    @torch.no_grad()
    def sweep(self, teacher: Teacher, elements: GroupElement) -> Tensor:
        """Return ρ(g)⁻¹F(gx) for every graph and each of K elements, ``[K, rows, width]``."""
        rows = []
        for index in torch.split(torch.arange(len(elements)), max(1, _CHUNK // self.graphs)):
            stacked = self._stacked(len(index))
            element = elements[index.repeat_interleave(self.graphs)]
            answers = self._moved(teacher, element, stacked)
            rows.append(answers.reshape(len(index), -1, answers.shape[1]))
        return torch.cat(rows)

    def _moved(self, teacher: Teacher, element: Element, batch: Batch) -> Tensor:
        return self._scaled(brought_back(teacher, element, batch, self.inputs, self.target), batch)

    def _scaled(self, values: Tensor, batch: Batch) -> Tensor:
        values = self._units.normalize(values, batch) - self._middle
        return values.reshape(len(values), -1)

    def _stacked(self, copies: int) -> Batch:
        if copies not in self._copies:
            self._copies[copies] = Batch.from_data_list(self.batch.to_data_list() * copies)
        return self._copies[copies]

    @cached_property
    def _raw(self) -> Tensor:
        """Mean of all teachers' answers, in data units."""
        every = [
            teacher(self.batch).detach().double().cpu() for pair in self.pairs for teacher in pair
        ]
        return torch.stack(every).mean(0)

    @cached_property
    def _units(self) -> TargetNormalizer:
        level = "graph" if len(self._raw) == self.graphs else "node"
        return TargetNormalizer(self.target, level).fit(self._raw, self.batch)

    @cached_property
    def _middle(self) -> Tensor:
        if self.target.name != "point":
            return torch.zeros((), dtype=torch.float64)
        return self._units.normalize(self._raw, self.batch).mean(0)
