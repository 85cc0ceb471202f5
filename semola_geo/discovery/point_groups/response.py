"""How teachers respond to single elements of O(3)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import torch
from torch import Tensor
from torch_geometric.data import Data

from semola_geo.discovery.answers import Answers
from semola_geo.discovery.finite import FiniteProducts
from semola_geo.discovery.lie_derivative import Teacher
from semola_geo.discovery.support import as_batch
from semola_geo.fields import Fields
from semola_geo.groups import GroupElement
from semola_geo.groups.orthogonal_grid import orthogonal_grid
from semola_geo.groups.point_operation import rotation_about
from semola_geo.representations import Representation

__all__ = ["PointProbe"]

# Elements whose mean violation is the unit.
_GENERIC = 64
# Elements in one piece of a sweep, and the step of differences along a rotation, in radians.
_PIECE, _STEP = 256, 0.03


class PointProbe:
    r"""Graphs at which pairs of teachers are asked about elements of O(3).

    The residual of an element is :math:`R_i(x) = \rho(g)^{-1}F_i(gx) - F_i(x)`. The scale is the
    mean of :math:`R_1 \cdot R_2` over elements spread evenly over O(3): λ is 0 for a symmetry and 1
    for a generic element, however large the part of the target is that no rotation changes.

    Args:
        pairs: Pairs of teachers that share no sample.
        graphs: Graphs to ask about.
        inputs: Input fields.
        target: Representation of the target.
    """

    def __init__(
        self,
        pairs: Sequence[tuple[Teacher, Teacher]],
        graphs: Sequence[Data],
        inputs: Fields,
        target: Representation,
    ) -> None:
        self.pairs, self.batch = pairs, as_batch(graphs)
        self._answer = Answers(pairs, self.batch, inputs, target)

    def products(self, elements: Tensor) -> FiniteProducts:
        """Return products of the residuals of elements ``[K, 3, 3]``."""
        violation, noise = self._products(elements)
        return FiniteProducts(violation, noise, self._scale[:, None].expand_as(violation))

    def violations(self, elements: Tensor) -> Tensor:
        """Return λ of elements ``[K, 3, 3]``: ``[K]``; NaN where teachers know of no anisotropy."""
        if not len(elements):
            return elements.new_zeros(0)
        pieces = [self._products(piece)[0].mean((0, 2)) for piece in torch.split(elements, _PIECE)]
        scale = self._scale.mean()
        relative: Tensor = torch.cat(pieces) / torch.where(scale > 0, scale, torch.nan)
        return relative

    def slopes(self, elements: Tensor) -> tuple[Tensor, Tensor]:
        r"""Return slope and curvature of λ when elements ``[K, 3, 3]`` turn further.

        For :math:`\exp(\omega)g` with ω → 0: the gradient ``[K, 3]``, and the curvature
        ``[K, 3, 3]`` that Gauss and Newton use, :math:`2\langle J_1^\top J_2\rangle` with the
        derivatives J of the residuals. Both are cross products of two teachers, so that their
        errors shift the minimum but do not deepen it.
        """
        slopes = [self._slopes(piece) for piece in torch.split(elements, _PIECE // 4)]
        scale = self._scale.mean()
        gradient, curvature = (torch.cat(parts) / scale for parts in zip(*slopes, strict=True))
        return gradient, curvature

    def _slopes(self, elements: Tensor) -> tuple[Tensor, Tensor]:
        steps = rotation_about(torch.eye(3), _STEP)
        turned = torch.cat([elements[:, None], steps @ elements[:, None]], 1)
        gradients, curvatures = [], []
        for one, two in self.pairs:
            answers = [
                self._residuals(teacher, turned.flatten(0, 1)).reshape(len(elements), 4, -1)
                for teacher in (one, two)
            ]
            (r1, j1), (r2, j2) = ((a[:, 0], (a[:, 1:] - a[:, :1]) / _STEP) for a in answers)
            gradients.append((j1 @ r2[:, :, None] + j2 @ r1[:, :, None])[:, :, 0])
            product = j1 @ j2.mT
            curvatures.append(product + product.mT)
        graphs = self._answer.graphs
        return torch.stack(gradients).mean(0) / graphs, torch.stack(curvatures).mean(0) / graphs

    def _products(self, elements: Tensor) -> tuple[Tensor, Tensor]:
        """Products of residuals and of their differences, ``[pairs, K, graphs]``."""
        violation, noise = [], []
        for pair in self.pairs:
            one, two = (self._residuals(teacher, elements) for teacher in pair)
            violation.append(self._per_graph(one * two))
            noise.append(self._per_graph((one - two).square() / 2))
        return torch.stack(violation), torch.stack(noise)

    def _residuals(self, teacher: Teacher, elements: Tensor) -> Tensor:
        moved = self._answer.sweep(teacher, GroupElement(elements.to(torch.float64)))
        return moved - self._still[teacher]

    def _per_graph(self, values: Tensor) -> Tensor:
        """Sum ``[K, rows, width]`` over components and nodes: ``[K, graphs]``."""
        rows, graphs = values.sum(2), self._answer.graphs
        if rows.shape[1] == graphs:
            return rows
        return rows.new_zeros(len(rows), graphs).index_add_(1, self.batch.batch, rows)

    @cached_property
    def _still(self) -> dict[Teacher, Tensor]:
        return {teacher: self._answer.still(teacher) for pair in self.pairs for teacher in pair}

    @cached_property
    def _scale(self) -> Tensor:
        """Mean violation of a generic element, ``[pairs, graphs]``."""
        return self._products(orthogonal_grid(_GENERIC))[0].mean(1)
