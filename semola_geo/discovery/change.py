"""How much the target changes along a direction: the strength of what is broken, in plain units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from semola_geo.discovery.chance import half_width, student_quantile
from semola_geo.discovery.forms import ViolationForms

__all__ = ["TargetChange", "squared_deviations"]


@dataclass(frozen=True)
class TargetChange:
    r"""Root mean square of the Lie derivative :math:`v^\top M v`, in deviations of the target.

    The relative violation λ, on which verdicts rest, divides by what moving every row alone would
    do. Teachers know that only along motions that the data show, and are flatter than the true map
    along others, so that λ of one map and of its teachers may differ by a constant factor. The
    violation itself is along a motion of the data, and all graphs count alike here: it can be
    compared with the truth, and between data sets.

    Attributes:
        violation: M of each pair of teachers, summed over the graphs of each of some folds,
            ``[folds, pairs, m, m]``.
        noise: The same of the teachers' own errors.
        squares: Squared deviations of the target in each fold, ``[folds]``.

    >>> form = torch.diag(torch.tensor([4.0, 0.0]).double()).expand(3, 2, 2, 2)
    >>> change = TargetChange(form, torch.zeros_like(form), torch.ones(3).double())
    >>> change.along(torch.eye(2).double()).tolist()
    [[2.0, 2.0, 2.0], [0.0, 0.0, 0.0]]
    """

    violation: Tensor
    noise: Tensor
    squares: Tensor

    @classmethod
    def of(
        cls, folds: Sequence[Sequence[ViolationForms]], targets: Sequence[Tensor]
    ) -> TargetChange:
        """Collect forms of pairs of teachers, of which no graph was weighed.

        Args:
            folds: For each fold of the graphs, one form per pair.
            targets: Target of each fold, ``[rows, *trailing]``.
        """
        violation, noise = (
            torch.stack([torch.stack([getattr(form, name) for form in fold]) for fold in folds])
            for name in ("violation", "noise")
        )
        return cls(violation, noise, squared_deviations(targets))

    def along(self, directions: Tensor) -> Tensor:
        """Return change and nominal 95 % bounds, ``[k, 3]``, of columns ``[m, k]`` of unit length.

        A step of one moves isotropic data as far as their root mean square coordinate, which is
        a rotation by 1/√2 radian. Bounds join what pairs of teachers differ by, pooled over all
        directions relative to the noise, and the chance of the draw of graphs (jackknife over
        folds); they say nothing about what all teachers miss.
        """
        mean = self._values(directions).mean(0)
        half = (self._teachers(directions).square() + self._graphs(directions).square()).sqrt()
        bounds = torch.stack([mean, mean - half, mean + half], dim=1)
        return bounds.clamp_min(0.0).sqrt()

    def _values(self, directions: Tensor) -> Tensor:
        """Return what each pair says of squares of the change, ``[pairs, k]``."""
        return _along(self.violation.sum(0), directions) / self.squares.sum()

    def _unit(self, directions: Tensor) -> Tensor:
        """Return how far errors of teachers may carry it, ``[k]``."""
        noise = (_along(self.noise.sum(0), directions) / self.squares.sum()).mean(0)
        return (noise * (noise + 2 * self._values(directions).mean(0).clamp_min(0.0))).sqrt()

    def _teachers(self, directions: Tensor) -> Tensor:
        basis = torch.eye(self.violation.shape[-1], dtype=self.violation.dtype)
        among = self._values(basis), self._unit(basis)
        return half_width(self._values(directions), self._unit(directions), among)

    def _graphs(self, directions: Tensor) -> Tensor:
        folds = len(self.squares)
        if folds == 1:
            return torch.zeros(directions.shape[1], dtype=self.violation.dtype)
        rest = _along(self.violation.sum(0) - self.violation, directions).mean(1)
        without = rest / (self.squares.sum() - self.squares)[:, None]
        variance = (folds - 1) * without.var(0, correction=0)
        return student_quantile(folds - 1) * variance.sqrt()


def squared_deviations(targets: Sequence[Tensor]) -> Tensor:
    """Return the squared deviations of a target from its mean over all rows, of each fold.

    Args:
        targets: ``[rows, *trailing]`` of each fold; rows that hold NaN count as the others of
            their fold do on average.

    >>> squared_deviations([torch.tensor([1.0, 1.0]), torch.tensor([3.0, 3.0])]).tolist()
    [2.0, 2.0]
    """
    rows = [target.detach().double().cpu().reshape(len(target), -1) for target in targets]
    known = [values[~values.isnan().any(1)] for values in rows]
    mean = torch.cat(known).mean(0)
    squares = [(values - mean).square().sum(1) for values in known]
    return torch.stack(
        [
            own.sum() * len(every) / max(len(own), 1)
            for own, every in zip(squares, rows, strict=True)
        ]
    )


def _along(forms: Tensor, directions: Tensor) -> Tensor:
    return torch.einsum("mk,...mn,nk->...k", directions, forms, directions)
