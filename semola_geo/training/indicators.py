"""What a target that indicates classes looks like."""

from __future__ import annotations

from torch import Tensor

__all__ = ["check_indicators"]


def check_indicators(target: Tensor, what: str = "a categorical target") -> None:
    """Check that every row is 1 at one class and 0 at all others.

    Args:
        target: ``[rows, classes]``, of at least two classes.
        what: What it is called in messages.

    Raises:
        ValueError: If it has another shape, or a row does not indicate a class.

    >>> import torch
    >>> check_indicators(torch.eye(3))
    >>> check_indicators(torch.tensor([[0.5, 0.5]]))
    Traceback (most recent call last):
    ValueError: a categorical target has to be 1 at one class and 0 at all others, got [0.5, 0.5]
    """
    if target.dim() != 2 or target.shape[1] < 2:
        raise ValueError(
            f"{what} has to have shape [rows, classes] with at least two classes, got "
            f"{tuple(target.shape)}"
        )
    known = ((target == 0) | (target == 1)).all(dim=1) & (target.sum(dim=1) == 1)
    if not bool(known.all()):
        row = target[~known][0].tolist()
        raise ValueError(f"{what} has to be 1 at one class and 0 at all others, got {row}")
