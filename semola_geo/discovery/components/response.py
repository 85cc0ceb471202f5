"""How teachers respond to single elements, averaged over what is known to be a symmetry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import torch
from torch import Tensor
from torch_geometric.data import Batch

from semola_geo.discovery.answers import Answers
from semola_geo.discovery.finite import FiniteProducts
from semola_geo.discovery.lie_derivative import Teacher
from semola_geo.discovery.teachers import per_graph
from semola_geo.fields import Fields, num_graphs
from semola_geo.groups import GroupElement, ProductElement, TimeReversal
from semola_geo.representations import Representation
from semola_geo.transforms import Element

__all__ = ["CosetProbe", "Sampler"]

Sampler = Callable[[torch.Generator], GroupElement]
"""Draws one element of the connected group per graph."""


class CosetProbe:
    r"""Teachers' answers at elements g of a connected group G, and at elements hg of its coset.

    Each teacher is averaged over its *own* draws of g,
    :math:`\bar F(x) = \langle\rho(g)^{-1}F(gx)\rangle` and
    :math:`\bar F_h(x) = \langle\rho(hg)^{-1}F(hgx)\rangle`, so that what networks of one
    architecture get wrong alike in a pose averages out of products of two teachers. The residual
    is :math:`R = \bar F_h - \bar F`; the scale
    :math:`\bar F_{h,1}\cdot\bar F_{h,2} + \bar F_1\cdot\bar F_2` is what
    :math:`R_1 \cdot R_2` is where the two have nothing in common: λ is 1 there, and 2 where h
    changes the sign of the target.

    Args:
        pairs: Pairs of teachers that share no sample.
        batch: Graphs to ask about.
        inputs: Input fields.
        target: Representation of the target.
        sample: Draws g; the identity for the trivial group.
        draws: Draws per teacher.
        generator: Source of the draws.
    """

    def __init__(
        self,
        pairs: Sequence[tuple[Teacher, Teacher]],
        batch: Batch,
        inputs: Fields,
        target: Representation,
        sample: Sampler,
        draws: int,
        generator: torch.Generator,
    ) -> None:
        self.pairs, self.batch = pairs, batch
        self.graphs = num_graphs(batch)
        self._answer = Answers(pairs, batch, inputs, target)
        self._draws = [
            [[sample(generator).detach() for _ in range(draws)] for _ in pair] for pair in pairs
        ]

    @torch.no_grad()
    def coset(self, isometry: GroupElement, reverses: bool = False) -> FiniteProducts:
        """Return products of the residuals of one element h.

        Args:
            isometry: What h does to coordinates, once.
            reverses: Whether h also reverses time.
        """
        whole = isometry[torch.zeros(self.graphs, dtype=torch.long)]
        theta = TimeReversal.everywhere(self.graphs)

        def beside(g: GroupElement) -> Element:
            return ProductElement(whole @ g, reversal=theta) if reverses else whole @ g

        averages = [
            [
                torch.stack([self._answer.moved(teacher, beside(g)) for g in draws]).mean(0)
                for teacher, draws in zip(pair, chosen, strict=True)
            ]
            for pair, chosen in zip(self.pairs, self._draws, strict=True)
        ]
        plain = [[answers.mean(0) for answers in pair] for pair in self._answers]
        return self._products([(averages, plain)])

    @torch.no_grad()
    def connected(self) -> FiniteProducts:
        """Return products of the residuals of single elements of G: one element per draw.

        These are symmetries, so that their spread tells how errors of these teachers correlate.
        """
        still = [[self._answer.still(teacher) for teacher in pair] for pair in self.pairs]
        moved = [
            [[answers[draw] for answers in pair] for pair in self._answers]
            for draw in range(len(self._draws[0][0]))
        ]
        return self._products([(answers, still) for answers in moved])

    @cached_property
    def _answers(self) -> list[list[Tensor]]:
        """Answers at all draws, brought back: ``[draws, rows, width]`` per pair and teacher."""
        return [
            [
                torch.stack([self._answer.moved(teacher, g) for g in draws])
                for teacher, draws in zip(pair, chosen, strict=True)
            ]
            for pair, chosen in zip(self.pairs, self._draws, strict=True)
        ]

    def _products(
        self, tested: list[tuple[list[list[Tensor]], list[list[Tensor]]]]
    ) -> FiniteProducts:
        """Multiply (moved, still) answers of the two teachers of each pair, per graph."""
        rows: list[list[list[Tensor]]] = [[], [], []]
        for moved, still in tested:
            violation, noise, scale = [], [], []
            for (m1, m2), (s1, s2) in zip(moved, still, strict=True):
                first, second = m1 - s1, m2 - s2
                violation.append(per_graph(first * second, self.batch))
                noise.append(per_graph((first - second).square() / 2, self.batch))
                scale.append(per_graph(m1 * m2 + s1 * s2, self.batch))
            for part, values in zip(rows, (violation, noise, scale), strict=True):
                part.append(values)
        stacked = [torch.stack([torch.stack(values) for values in part], dim=1) for part in rows]
        return FiniteProducts(*stacked)
