"""Minus the gradient of a potential, whatever the caller has said about gradients."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["minus_gradient"]


def minus_gradient(potential: Callable[[Tensor], Tensor], pos: Tensor) -> Tensor:
    """Return forces, also under `torch.no_grad` and `torch.inference_mode`.

    They can be differentiated further where gradients are enabled.

    Args:
        potential: Maps coordinates to energies, which are added up.
        pos: Coordinates.

    >>> with torch.no_grad():
    ...     minus_gradient(lambda x: x.square(), torch.tensor([1.0, 2.0]))
    tensor([-2., -4.])
    """
    wanted = torch.is_grad_enabled()
    with torch.inference_mode(False), torch.enable_grad():
        # Autograd refuses tensors that were made in inference mode.
        moving = pos.clone() if pos.is_inference() else pos
        if not (wanted and moving.requires_grad):
            moving = moving.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(
            potential(moving).sum(), moving, create_graph=wanted, materialize_grads=True
        )
    return -gradient
