"""Units of inputs, learned from the training data as they pass by."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from semola_geo.models.moments import moments

__all__ = ["RunningUnits"]


class RunningUnits(nn.Module):
    """Standardise columns by the mean and spread of all rows seen in training so far.

    Unlike a batch norm it does not use the statistics of the batch at hand: a single row is fine,
    and training and evaluation compute the same function. Accumulated in float64 (Chan, Golub and
    LeVeque, *Updating formulae and a pairwise algorithm*, 1979). Columns that do not vary are only
    centred. Under data-parallel training rows are those of all processes, so that all keep the same
    statistics.

    Args:
        width: Number of columns.

    >>> units = RunningUnits(1)
    >>> units(torch.tensor([[1.0], [3.0]])).tolist()
    [[-1.0], [1.0]]
    >>> units.eval()(torch.tensor([[5.0]])).tolist()
    [[3.0]]
    """

    count: Tensor
    mean: Tensor
    squares: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("count", torch.zeros((), dtype=torch.float64))
        self.register_buffer("mean", torch.zeros(width, dtype=torch.float64))
        self.register_buffer("squares", torch.zeros(width, dtype=torch.float64))

    def reset_parameters(self) -> None:
        """Forget all rows."""
        for buffer in self.buffers():
            buffer.zero_()

    def forward(self, values: Tensor) -> Tensor:
        """Standardise `[rows, width]`, in the dtype of the values."""
        if self.training:
            self._update(values.detach())
        if not bool(self.count > 0):
            return values
        spread = (self.squares / self.count).sqrt()
        # A spread this far below the values is rounding.
        spread = torch.where(spread > 1e-6 * (1e-12 + self.mean.abs()), spread, 1.0)
        return (values - self.mean.to(values.dtype)) / spread.to(values.dtype)

    def _update(self, values: Tensor) -> None:
        rows, mean, squares = moments(values.to(self.mean.dtype))
        if not rows:
            return
        total = self.count + rows
        shift = mean - self.mean
        with torch.no_grad():
            self.squares += squares
            self.squares += shift.square() * self.count * rows / total
            self.mean += shift * rows / total
            self.count += rows
