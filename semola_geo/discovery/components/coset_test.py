"""The test of single elements beside a connected group, by teachers that know neither."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch_geometric.data import Batch

from semola_geo.discovery.components.component import REFLECTIONS, REVERSAL, Component
from semola_geo.discovery.components.draws import draws_from
from semola_geo.discovery.components.response import CosetProbe, Sampler
from semola_geo.discovery.finite import assess
from semola_geo.discovery.lie_derivative import Teacher
from semola_geo.discovery.trust import Trust
from semola_geo.discovery.verdict import Thresholds, judge
from semola_geo.fields import Fields, num_graphs
from semola_geo.groups import GroupElement
from semola_geo.representations import Representation
from semola_geo.transforms import LearnableSymmetryTransform

__all__ = ["CosetTest"]

_DRAWS = 6


class CosetTest:
    """Judges elements h by the cosets hG of a connected group G that was found.

    Args:
        pairs: Teachers on disjoint halves.
        batch: Graphs to ask them about.
        inputs: Input fields.
        target: Representation of the target.
        transform: Samples G, in the data's units; ``None`` for the trivial group.
        limits: Bounds of the verdicts.
        trust: How far the teachers are believed.
        seed: Seed of the draws.
    """

    def __init__(
        self,
        pairs: Sequence[tuple[Teacher, Teacher]],
        batch: Batch,
        inputs: Fields,
        target: Representation,
        transform: LearnableSymmetryTransform | None,
        limits: Thresholds,
        trust: Trust,
        seed: int = 0,
    ) -> None:
        self._limits, self._trust = limits.for_elements(), trust
        self._identity = GroupElement.identity(1, inputs.dimension).to(torch.float64)
        moves = transform is not None and transform.algebra.dim > 0
        self._probe = CosetProbe(
            pairs,
            batch,
            inputs,
            target,
            self._sampler(transform if moves else None, batch, inputs),
            _DRAWS if moves else 1,
            torch.Generator().manual_seed(seed),
        )
        self._known = assess(self._probe.connected()) if moves else None

    def judge(
        self, element: str, whole: bool, matrix: Tensor | None, support: float, *, note: str = ""
    ) -> Component:
        """Judge a reflection, or another isometry.

        Args:
            element: What it is called.
            whole: Whether it stands for all reflections.
            matrix: The isometry, ``[n, n]`` in the data's units.
            support: Share of moved graphs that can be told from the data's own.
            note: What was not looked for.
        """
        return self._judge(element, whole, matrix, support, note, REFLECTIONS)

    def judge_reversal(
        self, element: str, matrix: Tensor | None, support: float, *, note: str = ""
    ) -> Component:
        """Judge time reversal, alone or together with an isometry; arguments as above."""
        return self._judge(element, False, matrix, support, note, REVERSAL)

    def _judge(
        self, element: str, whole: bool, matrix: Tensor | None, support: float, note: str, kind: str
    ) -> Component:
        isometry = self._identity
        if matrix is not None:
            affine = matrix.shape[-1] > self._identity.dimension
            isometry = GroupElement(matrix[None], affine)
        test = assess(self._probe.coset(isometry, reverses=kind == REVERSAL), self._known)
        (verdict,) = judge(
            test.intervals,
            torch.tensor([support], dtype=torch.float64),
            self._trust,
            self._limits,
            noise=test.noise,
        )
        return Component(
            element=element,
            whole=whole,
            matrix=matrix,
            verdict=verdict,
            violation=float(test.values[0]),
            interval=(float(test.intervals[0, 0]), float(test.intervals[0, 1])),
            noise=float(test.noise[0]),
            support=support,
            note=note,
            kind=kind,
        )

    def _sampler(
        self, transform: LearnableSymmetryTransform | None, batch: Batch, inputs: Fields
    ) -> Sampler:
        if transform is None:
            index = torch.zeros(num_graphs(batch), dtype=torch.long)
            return lambda _: self._identity[index]
        return draws_from(transform, batch, inputs, self._limits.support)
