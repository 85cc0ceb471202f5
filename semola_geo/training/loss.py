"""How far a prediction is from its target, in units in which knowing nothing costs one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

__all__ = ["CrossEntropy", "Loss", "SquaredError"]


class Loss(Protocol):
    """Two distances in normalised units, one value per row or per component of a row."""

    def error(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Distance of a prediction from the truth, ``[rows, ...]``."""

    def divergence(self, first: Tensor, second: Tensor) -> Tensor:
        """Distance of two predictions from each other, symmetric, ``[rows, ...]``."""


@dataclass(frozen=True)
class SquaredError:
    """The squared difference per component.

    >>> import torch
    >>> SquaredError().error(torch.zeros(1, 2), torch.tensor([[1.0, 2.0]]))
    tensor([[1., 4.]])
    """

    def error(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Return squares, ``[rows, ...]``."""
        return (prediction - target.to(prediction.dtype)).square()

    def divergence(self, first: Tensor, second: Tensor) -> Tensor:
        """Return squares, ``[rows, ...]``."""
        return (first - second).square()


@dataclass(frozen=True)
class CrossEntropy:
    r"""Cross-entropy of logits, in units of the entropy H of the classes' frequencies π.

    Logits f stand for probabilities p = softmax(f + log π), so that f = 0 predicts the frequencies
    and costs 1, as predicting the mean does in :class:`SquaredError`: weights of an objective mean
    the same for both, and one minus the error is the share that is explained.

    Two predictions differ by half the Jeffreys divergence, ½ Σ (p − q)(log p − log q) / H. Unlike
    the squared difference of logits it does not see the constant that softmax ignores, and does not
    grow with differences between classes that both hold to be impossible.

    Attributes:
        log_prior: log π, ``[classes]``.
        entropy: H in nats, positive.

    >>> import torch
    >>> fair = CrossEntropy(torch.tensor([0.5, 0.5]).log(), torch.tensor(2.0).log())
    >>> fair.error(torch.zeros(1, 2), torch.tensor([[0.0, 1.0]]))
    tensor([1.])
    """

    log_prior: Tensor
    entropy: Tensor

    def error(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Return the cross-entropy per row, ``[rows]``.

        Args:
            prediction: Logits, ``[rows, classes]``.
            target: Indicators of the classes, ``[rows, classes]``.
        """
        log = self._log_probabilities(prediction)
        return -(target.to(log.dtype) * log).sum(-1) / self.entropy.to(log.dtype)

    def divergence(self, first: Tensor, second: Tensor) -> Tensor:
        """Return half the Jeffreys divergence per row, ``[rows]``, of two ``[rows, classes]``."""
        p, q = self._log_probabilities(first), self._log_probabilities(second)
        return ((p.exp() - q.exp()) * (p - q)).sum(-1) / (2 * self.entropy.to(p.dtype))

    def _log_probabilities(self, logits: Tensor) -> Tensor:
        return (logits + self.log_prior.to(logits.dtype)).log_softmax(-1)
