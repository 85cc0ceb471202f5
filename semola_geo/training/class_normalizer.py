"""Units of a categorical target: logits inside, probabilities outside."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch_geometric.data import Data

from semola_geo.representations import Representation
from semola_geo.training.indicators import check_indicators
from semola_geo.training.loss import CrossEntropy
from semola_geo.training.normalizer import TargetNormalizer

__all__ = ["ClassNormalizer"]


class ClassNormalizer(TargetNormalizer):
    r"""Turns logits into probabilities of classes, softmax(f + log π).

    The target is the indicator of the class, ``[rows, classes]`` with a single 1 in every row, and
    does not change under any group. π are the frequencies of the classes, one row added to each
    lest a class that was not seen be impossible. The scale is the standard deviation of the
    indicators: differences of probabilities are measured in it, as those of other targets are.

    Args:
        representation: ``"scalar"``.
        level: ``"graph"`` or ``"node"``.
        name: Name of the target, for error messages.

    Raises:
        ValueError: If the target is no scalar.

    >>> y = torch.eye(3)
    >>> classes = ClassNormalizer("scalar").fit(y, Data(pos=torch.zeros(3, 3)))
    >>> classes.denormalize(torch.zeros(1, 3), Data())
    tensor([[0.3333, 0.3333, 0.3333]])
    """

    entropy: Tensor

    def __init__(
        self, representation: str | Representation, level: str = "graph", *, name: str = "target"
    ) -> None:
        super().__init__(representation, level, name=name)
        if self.representation.name != "scalar" or self.representation.odd:
            raise ValueError(
                f"target {name!r} is declared {str(self.representation)!r}, but indicators of "
                "classes are 'scalar'"
            )
        self.register_buffer("entropy", torch.ones((), dtype=torch.float64))

    @property
    def loss(self) -> CrossEntropy:
        """Cross-entropy in units of the entropy of the classes."""
        return CrossEntropy(self.constant, self.entropy)

    def fit(self, targets: Tensor, batch: Data) -> ClassNormalizer:
        """Learn the frequencies of the classes from training data.

        Args:
            targets: Indicators, ``[rows, classes]``.
            batch: The ``Batch`` they belong to.

        Raises:
            ValueError: If the target does not have the shape and the values of indicators.
        """
        self._check(targets)
        check_indicators(targets, f"the categorical target {self.name!r}")
        y = targets.detach().double()
        prior = (y.sum(0) + 1) / (len(y) + y.shape[1])
        self.constant = prior.log()
        self.entropy = -(prior * self.constant).sum()
        spread = y.std(0, correction=0)
        self.scale = torch.where(spread > 0, spread, torch.ones_like(spread))
        self.fitted.fill_(True)
        return self

    def normalize(self, targets: Tensor, batch: Data) -> Tensor:
        """Return indicators as they are: the loss compares them with logits."""
        return targets

    def denormalize(self, predictions: Tensor, batch: Data) -> Tensor:
        """Turn logits into probabilities, in their own dtype."""
        return (predictions + self.constant.to(predictions.dtype)).softmax(-1)

    def transport(
        self, predictions: Tensor, act: Callable[[Tensor], Tensor], batch: Data, moved: Data
    ) -> Tensor:
        """Act on logits: as scalars they move as the probabilities do."""
        return act(predictions)

    def rescale(self, differences: Tensor) -> Tensor:
        """Refuse: differences of logits are no differences of probabilities.

        Raises:
            TypeError: Always.
        """
        raise TypeError("differences of logits cannot be changed into those of probabilities")
