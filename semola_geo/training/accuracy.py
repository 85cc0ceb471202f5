"""Accuracy of a model of classes."""

from __future__ import annotations

import torch
from torch import Tensor
from torchmetrics import Metric

from semola_geo.training.indicators import check_indicators

__all__ = ["Accuracy", "correct_rows"]


def correct_rows(prediction: Tensor, target: Tensor) -> Tensor:
    """Return which rows have their largest output at their class, ``[rows]`` bool.

    A row with an output that is NaN has no class and is wrong. Of equal outputs the first counts.

    Args:
        prediction: ``[rows, classes]`` in the target's own units.
        target: ``[rows, classes]``, 1 for the class of a row and 0 for all others.

    Raises:
        ValueError: If both differ in shape, there are fewer than two classes, or a row of the
            target does not indicate a class.

    >>> correct_rows(torch.tensor([[0.9, 0.2], [0.9, 0.2]]), torch.eye(2)).tolist()
    [True, False]
    """
    if prediction.shape != target.shape:
        raise ValueError(
            f"the prediction has shape {tuple(prediction.shape)} and the target "
            f"{tuple(target.shape)}; both must be [rows, classes]"
        )
    check_indicators(target)
    agree = prediction.argmax(dim=1) == target.argmax(dim=1)
    # NaN is the largest of all to argmax, and would count as right at the class itself.
    return agree & ~prediction.isnan().any(dim=1)


class Accuracy(Metric):
    """Share of rows, in [0, 1], that :func:`correct_rows` finds right; NaN without rows.

    torchmetrics' own takes class numbers, and an output that is NaN for the largest.

    >>> accuracy = Accuracy()
    >>> accuracy.update(torch.tensor([[0.9, 0.2], [0.9, 0.2]]), torch.eye(2))
    >>> float(accuracy.compute())
    0.5
    """

    is_differentiable = False
    higher_is_better = True
    full_state_update = False
    correct: Tensor
    total: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.add_state("correct", default=torch.tensor(0), dist_reduce_fx="sum")
        self.add_state("total", default=torch.tensor(0), dist_reduce_fx="sum")

    def update(self, prediction: Tensor, target: Tensor) -> None:
        """Add rows ``[rows, classes]`` in the target's own units."""
        right = correct_rows(prediction.detach(), target)
        self.correct += right.sum()
        self.total += len(right)

    def compute(self) -> Tensor:
        """Return the share of right rows."""
        return self.correct / self.total
