"""How teachers respond when the nodes of graphs change slots."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from functools import cached_property
from statistics import fmean

import torch
from torch import Tensor
from torch_geometric.data import Batch, Data

from semola_geo.discovery.finite import FiniteProducts
from semola_geo.discovery.teachers import correlation
from semola_geo.fields import Fields
from semola_geo.groups import SlotPermutation
from semola_geo.representations import Representation
from semola_geo.training.collated import CollatedGraphs
from semola_geo.transforms import permute_slots

__all__ = ["SlotProbe"]

Teacher = Callable[[Data], Tensor]
# Graphs in one call of a teacher.
_CHUNK = 4000


class SlotProbe:
    r"""Graphs at which pairs of teachers are asked about permutations of node slots.

    The scale of an element is the sum of the effects of the slots that it moves, plus the motion
    of the output. The effect of slot i is :math:`\langle\Delta_i F_1 \cdot \Delta_i F_2\rangle`,
    where the node in slot i is replaced by that of another graph: if F is a sum of contributions,
    exchanging two slots that have nothing in common violates as much as their effects add up to.
    A weak pair of slots thus counts for itself, and does not vanish beside thirty others. No scale
    exceeds how much predictions differ between two graphs, all that an element can do that
    carries data to data. Effects do where a node in a foreign place looks like nothing the
    teachers have seen, such as two atoms on top of each other.

    Args:
        pairs: Pairs of teachers that share no sample.
        graphs: Graphs of one size.
        inputs: Input fields; those declared ``@slot`` move.
        target: Representation of the target.
        num_slots: n.
    """

    def __init__(
        self,
        pairs: Sequence[tuple[Teacher, Teacher]],
        graphs: Sequence[Data],
        inputs: Fields,
        target: Representation,
        num_slots: int,
    ) -> None:
        self.pairs = pairs
        self.inputs = inputs
        self.target = target
        self.num_slots = num_slots
        self.graphs = len(graphs)
        self._collated = CollatedGraphs(graphs)

    def batch(self, copies: int = 1) -> Batch:
        """Return all graphs, several times over."""
        return self._collated.batch(torch.arange(self.graphs).repeat(copies))

    @torch.no_grad()
    def products(self, images: Tensor) -> FiniteProducts:
        """Compare teachers before and after permutations.

        Args:
            images: Image lists ``[elements, n]``.
        """
        parts = torch.split(images, max(1, _CHUNK // self.graphs))
        found = [self._products(part) for part in parts]
        return FiniteProducts(
            *(torch.cat([getattr(f, name) for f in found], dim=1)
              for name in ("violation", "noise", "scale"))
        )  # fmt: skip

    def violations(self, images: Tensor) -> Tensor:
        """Return relative violations ``[elements]`` of image lists, without intervals."""
        products = self.products(images)
        return products.violation.mean((0, 2)) / products.scale.mean((0, 2)).clamp_min(1e-300)

    def relative_violation(self, images: Tensor, matrices: Tensor, chosen: Tensor) -> Tensor:
        """Return relative violations ``[elements]`` with gradient, by the first pair.

        Args:
            images: Image lists ``[elements, n]``.
            matrices: The same as matrices ``[elements, n, n]``, which gradients flow into.
            chosen: Graphs to look at.
        """
        count, few = len(images), len(chosen)
        repeated = images.repeat_interleave(few, 0), matrices.repeat_interleave(few, 0)
        batch = self._collated.batch(chosen.repeat(count))
        moved = permute_slots(batch, self.inputs, SlotPermutation(*repeated))
        residuals = []
        for teacher, before in zip(self.pairs[0], self._plain[0], strict=True):
            carried = before[chosen][None]
            if self.target.slot:
                carried = torch.einsum("sji,giw->sgjw", matrices.double(), before[chosen])
            answer = self._ask(teacher, moved)
            after = answer.reshape(count, few, *answer.shape[1:])
            residuals.append((after - carried).flatten(2))
        moving = 1 - matrices.double().diagonal(dim1=1, dim2=2)
        scale = moving @ self.effects[0].mean(1).clamp_min(0.0)
        scale = torch.minimum(scale, self.contrast[0].mean())
        values: Tensor = (residuals[0] * residuals[1]).sum(2).mean(1) / scale.clamp_min(1e-12)
        return values

    @cached_property
    @torch.no_grad()
    def effects(self) -> Tensor:
        """Product of the two teachers' changes when one slot is filled from another graph.

        ``[pairs, n, graphs]``, slot by slot.
        """
        batch = self.batch()
        columns = []
        for slot in range(self.num_slots):
            replaced = self._replaced(batch, slot)
            columns.append(
                [
                    ((self._ask(one, replaced) - self._plain[number][0])
                     * (self._ask(two, replaced) - self._plain[number][1])).flatten(1).sum(1)
                    for number, (one, two) in enumerate(self.pairs)
                ]
            )  # fmt: skip
        effects = torch.stack([torch.stack(column) for column in columns], dim=1)
        return _at_most(effects, self.contrast[:, None])

    @cached_property
    def agreement(self) -> float:
        """Correlation of two teachers' predictions: near 0 when they learned only noise."""
        return fmean(correlation(one, two) for one, two in self._plain)

    @cached_property
    @torch.no_grad()
    def _plain(self) -> list[tuple[Tensor, Tensor]]:
        batch = self.batch()
        return [(self._ask(one, batch), self._ask(two, batch)) for one, two in self.pairs]

    @cached_property
    def contrast(self) -> Tensor:
        """Product of the two teachers' differences of a graph and the next, ``[pairs, graphs]``."""
        differences = [
            ((one - one.roll(1, 0)) * (two - two.roll(1, 0))).flatten(1).sum(1)
            for one, two in self._plain
        ]
        return torch.stack(differences)

    def _products(self, images: Tensor) -> FiniteProducts:
        count = len(images)
        element = SlotPermutation(images.repeat_interleave(self.graphs, 0))
        moved = permute_slots(self.batch(count), self.inputs, element)
        places = images.argsort(1)
        first: list[Tensor] = []
        second: list[Tensor] = []
        motions = []
        for (one, two), (before_one, before_two) in zip(self.pairs, self._plain, strict=True):
            carried = self._carry(before_one, places), self._carry(before_two, places)
            for residuals, teacher, expected in zip(
                (first, second), (one, two), carried, strict=True
            ):
                answer = self._ask(teacher, moved)
                after = answer.reshape(count, self.graphs, *answer.shape[1:])
                residuals.append((after - expected).flatten(2))
            motion = (carried[0] - before_one) * (carried[1] - before_two)
            motions.append(motion.flatten(2).sum(2).expand(count, self.graphs))
        moving = (images != torch.arange(self.num_slots)).to(self.effects)
        scale = torch.einsum("ki,pig->pkg", moving, self.effects) + torch.stack(motions)
        scale = _at_most(scale, self.contrast[:, None])
        return FiniteProducts.of(torch.stack(first), torch.stack(second), scale)

    def _ask(self, teacher: Teacher, batch: Batch) -> Tensor:
        """Return predictions ``[graphs, width]``, or ``[graphs, n, width]`` per node, float64."""
        values = teacher(batch).double()
        if self.target.slot:
            return values.reshape(-1, self.num_slots, values[:1].numel())
        return values.reshape(batch.num_graphs, -1)

    def _carry(self, values: Tensor, places: Tensor) -> Tensor:
        """Apply ρ(h) to predictions: ``[elements or 1, graphs, ...]``."""
        if not self.target.slot:
            return values[None]
        return values[:, places].transpose(0, 1)

    def _replaced(self, batch: Batch, slot: int) -> Batch:
        """Fill a slot of every graph from the next graph."""
        changed = copy.copy(batch)
        for name, representation in self.inputs.items():
            if representation.slot:
                dense = batch[name].unflatten(0, (self.graphs, self.num_slots)).clone()
                dense[:, slot] = dense[:, slot].roll(1, 0)
                changed[name] = dense.flatten(0, 1)
        return changed


def _at_most(values: Tensor, bound: Tensor) -> Tensor:
    """Put the bound ``[pairs, 1, graphs]`` in place of rows ``[pairs, k, graphs]`` above it."""
    above = values.mean((0, 2), keepdim=True) > bound.mean()
    return torch.where(above, bound, values)
