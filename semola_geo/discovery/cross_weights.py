r"""How much a graph counts: little where other teachers disagree.

Teachers are worst at the rim of the data, where they extrapolate and displacements are longest, so
that a few graphs would carry most of the noise of a spectrum. A symmetry holds at every graph:
any weights that do not depend on a teacher's own errors leave λ = 0 where it is. So the graphs of
one pair of teachers are weighed by what the teachers of all *other* pairs disagree about.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric.data import Batch

from semola_geo.discovery.lie_derivative import LieDerivative
from semola_geo.fields import row_graphs

__all__ = ["CrossWeights", "DerivativePair"]

# Disagreement by less than this share of the derivatives' squares is no reason to count less.
_NEGLIGIBLE = 0.02

DerivativePair = tuple[LieDerivative, LieDerivative]
"""Derivatives of the two teachers of a pair at the same graphs."""


class CrossWeights:
    r"""Weights :math:`(u / (u + n))^2` for the mean disagreement n of the other pairs.

    The unit u is what teachers disagree about at the median graph, plus a small share of what they
    say: teachers that agree everywhere let all graphs count alike. It is measured at the first
    batch; a rough value does. A single pair has no others, and counts all graphs alike.

    Args:
        generators: Number m of columns in which teachers are compared; others are left out.

    >>> columns = torch.zeros(1, 3, 1), torch.tensor([0.0, 1.0, 3.0]).reshape(1, 3, 1)
    >>> one, two = (LieDerivative(c, c, {}, torch.ones(3)) for c in columns)
    >>> weights = CrossWeights(1).measure([(one, two), (one, two)])
    >>> [round(w, 2) for w in weights[0].tolist()]
    [1.0, 0.27, 0.01]
    """

    def __init__(self, generators: int) -> None:
        self.generators = generators
        self._unit: Tensor | None = None

    def apply(self, derivatives: list[DerivativePair], batch: Batch) -> list[DerivativePair]:
        """Return the derivatives of one batch, of all pairs, with these weights.

        Args:
            derivatives: One entry per pair of teachers.
            batch: The graphs.
        """
        if len(derivatives) == 1:
            return derivatives
        rows = {name: row_graphs(batch, name) for name in derivatives[0][0].gradients}
        return [
            (one.weighted(weight, rows), two.weighted(weight, rows))
            for (one, two), weight in zip(derivatives, self.measure(derivatives), strict=True)
        ]

    def measure(self, derivatives: list[DerivativePair]) -> list[Tensor]:
        """Return weights ``[B]`` of the graphs of one batch, for every pair of teachers."""
        columns = [
            (one.columns[..., : self.generators], two.columns[..., : self.generators])
            for one, two in derivatives
        ]
        noise = torch.stack([(one - two).square().sum((0, 2)) for one, two in columns])
        if self._unit is None:
            size = torch.stack([(one.square() + two.square()).sum((0, 2)) for one, two in columns])
            unit = noise.median(1).values + _NEGLIGIBLE * size.mean(1)
            self._unit = unit.clamp_min(1e-300)[:, None]
        relative = noise / self._unit
        others = (relative.sum(0) - relative) / (len(derivatives) - 1)
        return list((1 + others).pow(-2))
