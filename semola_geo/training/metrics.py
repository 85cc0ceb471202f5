"""Held-out errors of a regression model, exact over batches and processes."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torchmetrics import MeanAbsoluteError, MeanSquaredError, R2Score

from semola_geo.training.accuracy import Accuracy

__all__ = ["RegressionMetrics"]


class RegressionMetrics(nn.Module):
    """MAE in data units; MSE and R² of the normalised target, over all components.

    Args:
        categorical: Whether the target indicates classes. Then there is an ``accuracy`` as well,
            to be updated by itself, since it takes data units.

    >>> metrics = RegressionMetrics()
    >>> metrics.update(torch.zeros(2), torch.tensor([1.0, -1.0]), scale=torch.tensor(3.0))
    >>> {name: float(value) for name, value in metrics.compute().items()}
    {'mae': 3.0, 'mse': 1.0, 'r2': 0.0}
    """

    def __init__(self, categorical: bool = False) -> None:
        super().__init__()
        self.mae = MeanAbsoluteError()
        self.mse = MeanSquaredError()
        self.r2 = R2Score()
        self.accuracy = Accuracy() if categorical else None

    def update(self, prediction: Tensor, target: Tensor, scale: Tensor) -> None:
        """Add rows in normalised units.

        Args:
            prediction: ``[rows, ...]``.
            target: ``[rows, ...]``.
            scale: Data units per normalised unit, broadcastable. The error is multiplied, rather
                than both sides shifted back, since a difference of total energies loses digits.
        """
        prediction, target = prediction.detach(), target.to(prediction.dtype)
        difference = (prediction - target) * scale
        self.mae.update(difference.flatten(), torch.zeros_like(difference).flatten())
        self.mse.update(prediction.flatten(), target.flatten())
        self.r2.update(prediction.flatten(), target.flatten())

    def compute(self) -> dict[str, Tensor]:
        """Return ``mae``, ``mse``, ``r2`` (NaN with fewer than two values), maybe ``accuracy``."""
        few = int(self.r2.total) < 2 and not torch.distributed.is_initialized()
        r2 = torch.tensor(float("nan")) if few else self.r2.compute()
        values = {"mae": self.mae.compute(), "mse": self.mse.compute(), "r2": r2}
        return values if self.accuracy is None else values | {"accuracy": self.accuracy.compute()}

    def reset(self) -> None:
        """Forget all rows."""
        for metric in (self.mae, self.mse, self.r2, self.accuracy):
            if metric is not None:
                metric.reset()
