"""How much the target changes along a direction: the strength of what is broken, in plain units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch_geometric.data import Data

from semola_geo.discovery.chance import KNOWN, SINGLE_PAIR, student_quantile
from semola_geo.discovery.forms import ViolationForms

__all__ = ["TargetChange", "target_variance"]

# Degrees of freedom that a spread over pairs is credited with at most.
_MOST_FREEDOM = 8


@dataclass(frozen=True)
class TargetChange:
    r"""Root mean square of the Lie derivative :math:`v^\top M v`, in deviations of the target.

    The relative violation λ, on which verdicts rest, divides by what moving every row alone would
    do. Teachers know that only along motions that the data show, and are flatter than the true map
    along others, so that λ of one map and of its teachers may differ by a constant factor. The
    violation itself is along a motion of the data, and all graphs count alike here: it can be
    compared with the truth, and between data sets.

    Attributes:
        violation: M of each pair of teachers over the variance of the target, ``[pairs, m, m]``.
        noise: The same of the teachers' own errors.

    >>> form = torch.diag(torch.tensor([4.0, 0.0]).double()).expand(2, 2, 2)
    >>> TargetChange(form, torch.zeros(2, 2, 2).double()).along(torch.eye(2).double()).tolist()
    [[2.0, 2.0, 2.0], [0.0, 0.0, 0.0]]
    """

    violation: Tensor
    noise: Tensor

    @classmethod
    def of(cls, forms: Sequence[ViolationForms], variance: float) -> TargetChange:
        """Normalise forms of pairs of teachers, of which no graph was weighed.

        Args:
            forms: One per pair.
            variance: Of the target, summed over components and rows of a graph.
        """
        violation, noise = (
            torch.stack([getattr(form, name) / (form.graphs * variance) for form in forms])
            for name in ("violation", "noise")
        )
        return cls(violation, noise)

    def along(self, directions: Tensor) -> Tensor:
        """Return change and nominal 95 % bounds, ``[k, 3]``, of columns ``[m, k]`` of unit length.

        A step of one moves isotropic data as far as their root mean square coordinate, which is
        a rotation by 1/√2 radian. Bounds come from the spread over pairs, pooled over all
        directions relative to the noise, and say nothing about what all teachers miss.
        """
        values, unit = self._measure(directions)
        if len(values) == 1:
            half = student_quantile(KNOWN) * SINGLE_PAIR * unit
        else:
            basis = torch.eye(len(self.violation[0]), dtype=self.violation.dtype)
            all_values, all_units = self._measure(basis)
            pooled = (all_values.std(0) / all_units.clamp_min(1e-150)).median()
            freedom = min((len(values) - 1) * len(basis), _MOST_FREEDOM)
            half = student_quantile(freedom) * torch.maximum(values.std(0), pooled * unit)
        mean = values.mean(0)
        bounds = torch.stack([mean, mean - half, mean + half], dim=1)
        return bounds.clamp_min(0.0).sqrt()

    def _measure(self, directions: Tensor) -> tuple[Tensor, Tensor]:
        """Return what each pair says, ``[pairs, k]``, and how far errors carry it, ``[k]``."""
        values = _along(self.violation, directions)
        noise = _along(self.noise, directions).mean(0)
        return values, (noise * (noise + 2 * values.mean(0).clamp_min(0.0))).sqrt()


def target_variance(graphs: Sequence[Data], target: str) -> float:
    """Return the mean squared deviation of a target from its mean, summed over the rows of a graph.

    Args:
        graphs: The data.
        target: Name of the target; rows that hold NaN count as the others do on average.

    >>> target_variance([Data(y=torch.tensor([1.0])), Data(y=torch.tensor([3.0]))], "y")
    1.0
    """
    rows = torch.cat([graph[target].double().reshape(len(graph[target]), -1) for graph in graphs])
    known = rows[~rows.isnan().any(1)]
    deviation = (known - known.mean(0)).square().sum(1).mean()
    return float(deviation * len(rows) / len(graphs))


def _along(forms: Tensor, directions: Tensor) -> Tensor:
    return torch.einsum("mk,pmn,nk->pk", directions, forms, directions)
