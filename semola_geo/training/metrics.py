"""Held-out errors of a model, exact over batches and processes."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torchmetrics import MeanAbsoluteError, MeanMetric, MeanSquaredError, R2Score

from semola_geo.training.accuracy import Accuracy

__all__ = ["RegressionMetrics"]


class RegressionMetrics(nn.Module):
    """MAE in data units; MSE and R² of the normalised target, over all components.

    Args:
        categorical: Whether the target indicates classes. Then rows are probabilities and
            indicators, and there are an ``accuracy`` and a ``cross_entropy``, in nats, as well.

    >>> metrics = RegressionMetrics()
    >>> metrics.update(torch.zeros(2), torch.tensor([1.0, -1.0]), scale=torch.tensor(3.0))
    >>> {name: float(value) for name, value in metrics.compute().items()}
    {'mae': 3.0, 'mse': 1.0, 'r2': 0.0}
    >>> classes = RegressionMetrics(categorical=True)
    >>> classes.update(torch.tensor([[0.5, 0.5]]), torch.tensor([[1.0, 0.0]]))
    >>> round(float(classes.compute()["cross_entropy"]), 3)
    0.693
    """

    def __init__(self, categorical: bool = False) -> None:
        super().__init__()
        self.mae = MeanAbsoluteError()
        self.mse = MeanSquaredError()
        self.r2 = R2Score()
        self.accuracy = Accuracy() if categorical else None
        # A NaN must show: leaving it out would flatter a model that diverged.
        self.cross_entropy = MeanMetric(nan_strategy="disable") if categorical else None

    def update(
        self,
        prediction: Tensor,
        target: Tensor,
        scale: Tensor | float = 1.0,
        baseline: Tensor | float = 0.0,
    ) -> None:
        """Add rows in normalised units, of classes in data units.

        Args:
            prediction: ``[rows, ...]``.
            target: ``[rows, ...]``.
            scale: Data units per normalised unit, broadcastable. The error is multiplied, rather
                than both sides shifted back, since a difference of total energies loses digits.
            baseline: What R² subtracts from both sides, broadcastable: all components share one
                mean there, and an offset between those of points is nothing to explain.
        """
        prediction, target = prediction.detach(), target.to(prediction.dtype)
        difference = (prediction - target) * scale
        self.mae.update(difference.flatten(), torch.zeros_like(difference).flatten())
        self.mse.update(prediction.flatten(), target.flatten())
        origin = torch.as_tensor(baseline).to(prediction)
        self.r2.update((prediction - origin).flatten(), (target - origin).flatten())
        if self.accuracy is not None and self.cross_entropy is not None:
            self.accuracy.update(prediction, target)
            self.cross_entropy.update(_surprise(prediction, target))

    def compute(self) -> dict[str, Tensor]:
        """Return ``mae``, ``mse``, ``r2`` (NaN with fewer than two values).

        Of classes also ``accuracy`` and ``cross_entropy``.
        """
        few = int(self.r2.total) < 2 and not torch.distributed.is_initialized()
        r2 = torch.tensor(float("nan")) if few else self.r2.compute()
        values = {"mae": self.mae.compute(), "mse": self.mse.compute(), "r2": r2}
        if self.accuracy is not None and self.cross_entropy is not None:
            values["accuracy"] = self.accuracy.compute()
            values["cross_entropy"] = self.cross_entropy.compute()
        return values

    def reset(self) -> None:
        """Forget all rows."""
        for metric in (self.mae, self.mse, self.r2, self.accuracy, self.cross_entropy):
            if metric is not None:
                metric.reset()


def _surprise(probabilities: Tensor, target: Tensor) -> Tensor:
    """Return minus the logarithm of what each row gives to its class, ``[rows]``, in nats."""
    given = (probabilities * target).sum(dim=1)
    # A probability that rounds to zero would make the mean infinite.
    return -given.clamp_min(torch.finfo(given.dtype).tiny).log()
