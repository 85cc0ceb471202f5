"""The five verdicts, and the rules that lead to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import torch
from torch import Tensor

from semola_geo.discovery.trust import Trust

__all__ = ["Thresholds", "Verdict", "judge", "judge_confirmed"]


class Verdict(StrEnum):
    """What the data say about one direction of the ambient algebra."""

    SYMMETRY = "symmetry"
    APPROXIMATE = "approximate symmetry"
    NONE = "no symmetry"
    UNTESTED = "untested by this data"
    UNDECIDED = "undecided: teachers too weak"


@dataclass(frozen=True)
class Thresholds:
    """Bounds of the verdicts.

    Attributes:
        symmetry: ε, below which a relative violation counts as none.
        broken: Relative violation above which a direction is no symmetry.
        gap: Factor over the violations compatible with zero that also refutes a direction.
        support: Share of a displacement that leaves the data, at its upper confidence bound,
            above which nothing is concluded about a direction. Where data move along a
            direction, curvature and few neighbours make up to 0.08 of that, and 0.16 for five
            bodies with velocities; where they do not, 0.27 and more (measured on all generated
            data, and on molecules in random and canonical poses).
        told: Share of moved graphs that can be told from the data's own, above which nothing is
            concluded about a single element (a reflection, a permutation).
        agreement: Least correlation of the derivatives of independent teachers.
        cost: Largest share of the explained variance, on held-out graphs, that may be lost under
            an enforced symmetry.
    """

    symmetry: float = 0.01
    broken: float = 0.1
    gap: float = 5.0
    support: float = 0.2
    told: float = 0.5
    agreement: float = 0.1
    cost: float = 0.01

    def for_elements(self) -> Thresholds:
        """Return the bounds for single elements, whose support is a share of graphs.

        >>> Thresholds(support=0.2, told=0.5).for_elements().support
        0.5
        """
        return replace(self, support=self.told)


def judge(
    intervals: Tensor,
    support: Tensor,
    trust: Trust,
    thresholds: Thresholds | None = None,
    cost: Tensor | None = None,
    *,
    noise: Tensor | None = None,
    vetoed: Tensor | None = None,
) -> list[Verdict]:
    """Judge every direction.

    A violation may be the teachers' own error, which they share where they are too simple or the
    data too few, so that no product of theirs cancels it. It is claimed only where the interval,
    wider by that error, still leaves no doubt. What teachers make up shows in their noise along a
    direction; what they miss violates it like anything else does, by a share of order one.

    Args:
        intervals: Bounds of the relative violation, ``[m, 2]``.
        support: Share of the displacement that leaves the data, at its upper bound, ``[m]``.
        trust: How far the teachers are believed.
        thresholds: Bounds of the verdicts.
        cost: Upper confidence bound of the share of the explained variance that enforcing each
            direction loses, ``[m]``; NaN where it was not measured.
        noise: Size of the teachers' independent errors in units of λ, ``[m]``; ``None``: the
            teachers' own error counts as none.
        vetoed: Directions that labels do not let pass for a symmetry, ``[m]``; ``None``: none.

    >>> import torch
    >>> bounds = torch.tensor([[-0.001, 0.002], [0.3, 0.5], [-0.1, 0.1]])
    >>> [str(v) for v in judge(bounds, torch.zeros(3), Trust())]
    ['symmetry', 'no symmetry', 'undecided: teachers too weak']
    """
    limits = thresholds or Thresholds()
    untested = support > limits.support
    lower, upper = intervals.unbind(-1)
    reach = _reach(intervals, untested, limits)
    floor = torch.zeros_like(upper) if noise is None else noise.clamp_min(trust.unexplained)
    # What teachers explain shows so much of a violation at least. Labels are no better witnesses of
    # the rest: where they are noisy, augmentation helps, whatever it enforces.
    acquitted = limits.broken / 2 * min(1.0, max(0.0, 1.0 - trust.unexplained))
    verdicts = []
    for index in range(len(intervals)):
        low, high = float(lower[index]), float(upper[index])
        price = float("nan") if cost is None else float(cost[index])
        error = float(floor[index])
        refused = vetoed is not None and bool(vetoed[index])
        if bool(untested[index]):
            verdict = Verdict.UNTESTED
        elif not trust.reliable or high != high:
            verdict = Verdict.UNDECIDED
        elif high < limits.symmetry or (
            # Labels decide only among directions that teachers found next to unviolated: a gain
            # from true symmetries could otherwise pay for a false one beside them.
            low <= limits.symmetry and high < acquitted and price < limits.cost
        ):
            # Teachers acquit, labels refute: one of them is wrong, and which one is unknown.
            verdict = Verdict.UNDECIDED if refused else Verdict.SYMMETRY
        else:
            verdict = _strength(low - error, high + error, reach, limits)
        verdicts.append(verdict)
    return verdicts


def judge_confirmed(
    intervals: Tensor,
    verdicts: Sequence[Verdict],
    confirmed: Tensor,
    thresholds: Thresholds | None = None,
) -> list[Verdict]:
    """Judge undecided directions again whose violation held-out labels bear out.

    It is no error of the teachers, then, so that nothing is allowed for one.

    Args:
        intervals: Bounds of the relative violation, ``[m, 2]``.
        verdicts: What was said of the directions so far.
        confirmed: Directions that are borne out, ``[m]``.
        thresholds: Bounds of the verdicts.

    >>> import torch
    >>> bounds, open_ = torch.tensor([[0.03, 0.04], [0.03, 0.04]]), Verdict.UNDECIDED
    >>> verdicts = judge_confirmed(bounds, [open_, open_], torch.tensor([True, False]))
    >>> [str(v) for v in verdicts]
    ['approximate symmetry', 'undecided: teachers too weak']
    """
    limits = thresholds or Thresholds()
    untested = torch.tensor([verdict is Verdict.UNTESTED for verdict in verdicts])
    reach = _reach(intervals, untested, limits)
    judged = list(verdicts)
    for index, (low, high) in enumerate(intervals.tolist()):
        if judged[index] is Verdict.UNDECIDED and bool(confirmed[index]):
            judged[index] = _strength(low, high, reach, limits)
    return judged


def _reach(intervals: Tensor, untested: Tensor, limits: Thresholds) -> float:
    """Where the gap begins: violations next to zero show how far noise alone reaches."""
    lower, upper = intervals.unbind(-1)
    compatible = (lower <= limits.symmetry) & (upper < limits.broken / 2) & ~untested
    return float(max([limits.symmetry, *upper[compatible].tolist()]))


def _strength(low: float, high: float, reach: float, limits: Thresholds) -> Verdict:
    """Judge a violation that is surely above ``low`` and below ``high``."""
    if low > min(limits.broken, max(limits.symmetry, limits.gap * reach)):
        return Verdict.NONE
    if low > limits.symmetry and high < limits.broken:
        return Verdict.APPROXIMATE
    return Verdict.UNDECIDED
