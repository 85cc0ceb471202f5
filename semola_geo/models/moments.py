"""Mean and spread of the rows of all processes, for statistics that run along with training."""

from __future__ import annotations

import torch.distributed as distributed
from torch import Tensor

from semola_geo.processes import process_share

__all__ = ["moments"]


def moments(values: Tensor) -> tuple[int, Tensor, Tensor]:
    """Return the number of rows, their mean and the sum of squared deviations from it.

    Over the rows of all processes under data-parallel training, each of which has to take part,
    even without a row. The mean of no rows is NaN.

    Args:
        values: ``[rows, width]``, of this process.

    >>> import torch
    >>> moments(torch.tensor([[1.0], [3.0]]))
    (2, tensor([2.]), tensor([2.]))
    """
    if process_share()[1] == 1:
        mean = values.mean(0)
        return len(values), mean, (values - mean).square().sum(0)
    counted = values.new_zeros(values.shape[1] + 1)
    counted[:-1], counted[-1] = values.sum(0), len(values)
    distributed.all_reduce(counted)
    mean = counted[:-1] / counted[-1]
    squares = (values - mean).square().sum(0)
    distributed.all_reduce(squares)
    return int(counted[-1]), mean, squares
