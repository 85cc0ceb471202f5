r"""Scaling and squaring for many small matrices at once, and its adjoint.

Everything here works *batch-last*, on tensors ``[n, n, G]``: a product of two stacks is then n
fused multiply-adds over contiguous memory. On a CPU that is about eight times faster than
``torch.bmm`` on thousands of matrices with n from 3 to 5, and it is out of the reach of TF32 and
autocast, which would cost group elements their orthogonality.

The polynomial is the degree-8 Taylor polynomial in three products of Bader, Blanes and Casas,
"Computing the matrix exponential with an optimized Taylor polynomial approximation", Mathematics 7
(2019) 1174. Written ``T = I + A + y₂A² + PQ`` it maps a zero row to a row of the identity exactly,
so affine matrices keep the last row (0, …, 0, 1) to the last bit.

The number of squarings is chosen for every matrix from ‖A²‖^½ rather than ‖A‖, after Al-Mohy and
Higham, "A new scaling and squaring algorithm for the matrix exponential", SIAM J. Matrix Anal.
Appl. 31 (2009) 970: a pure translation has A² = 0 and needs none, however long it is.

The adjoint runs the same steps backwards on stored intermediates. It costs two products for each
product of the forward pass, where the 2n × 2n block formula costs eight.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor

__all__ = [
    "Scaling",
    "choose_scaling",
    "product",
    "squarings",
    "squarings_adjoint",
    "taylor",
    "taylor_adjoint",
]

_ROOT = 177**0.5
X3 = 2 / 3
X1 = X3 * (1 + _ROOT) / 88
X2 = X3 * (1 + _ROOT) / 352
X4 = (-271 + 29 * _ROOT) / (315 * X3)
X5 = 11 * (-1 + _ROOT) / (1260 * X3)
X6 = 11 * (-9 + _ROOT) / (5040 * X3)
X7 = (89 - _ROOT) / (5040 * X3**2)
Y2 = (857 - 58 * _ROOT) / 630

# Largest ‖A²‖^½ the polynomial is used on. The truncation error after scaling, θ⁸/9!, is 6e-8 and
# 4e-15: about one unit of rounding in float32; in float64 a smaller θ would only trade truncation
# for the rounding of further squarings.
_THETA = {torch.float32: 5 / 8, torch.float64: 5 / 64}

# Only nilpotent matrices of norm above 1e16 would need more for a result that can be represented.
# The bound keeps an infinite or runaway entry from asking for endless work.
_MAX_SQUARINGS = 60


# Products of fewer scalar multiplications gain more from fewer calls than from less memory.
_SMALL_PRODUCT = 2**15


class Scaling(NamedTuple):
    """How far each of G matrices is scaled down, and in which order they are squared back.

    Attributes:
        factor: ``[G]``, the power of two that multiplies each matrix; NaN where no scaling helps.
        order: ``[G]`` long, matrices by falling number of squarings.
        inverse: ``[G]`` long, the inverse permutation.
        active: how many leading matrices of that order take part in the first, second, … squaring.
    """

    factor: Tensor
    order: Tensor
    inverse: Tensor
    active: list[int]


def product(left: Tensor, right: Tensor, out: Tensor | None = None) -> Tensor:
    """Product of two batch-last stacks, ``[n, k, G]`` by ``[k, m, G]``, added to ``out`` if given.

    >>> a = torch.arange(4.0).reshape(2, 2, 1)
    >>> product(a, a)[..., 0].tolist()
    [[2.0, 3.0], [6.0, 11.0]]
    """
    if left.numel() * right.shape[1] < _SMALL_PRODUCT:
        result = (left.unsqueeze(2) * right.unsqueeze(0)).sum(1)
        return result if out is None else out.add_(result)
    columns, rows = left.unsqueeze(2).unbind(1), right.unsqueeze(0).unbind(1)
    start = 0
    if out is None:
        out, start = columns[0] * rows[0], 1
    for column, row in zip(columns[start:], rows[start:], strict=True):
        out.addcmul_(column, row)
    return out


def choose_scaling(squared: Tensor) -> Scaling:
    """Choose the scaling of each matrix from its square ``[n, n, G]``, float32 or float64.

    The one transfer to the host on CUDA is the histogram of the numbers of squarings.

    >>> large_and_zero = torch.stack([4 * torch.eye(2), torch.zeros(2, 2)], dim=-1)
    >>> choose_scaling(large_and_zero).active
    [1, 1]
    """
    log_norm = squared.square().sum((0, 1)).log2() / 4  # of ‖A²‖^½
    level = (log_norm - math.log2(_THETA[squared.dtype])).ceil_().clamp_(min=0)
    level.masked_fill_(level > _MAX_SQUARINGS, torch.nan)
    count = level.nan_to_num(0).long()
    order = count.argsort(descending=True)
    inverse = torch.empty_like(order)
    inverse[order] = torch.arange(len(order), device=order.device)
    histogram = torch.bincount(count).tolist()
    active = [sum(histogram[j:]) for j in range(1, len(histogram))]
    return Scaling(torch.exp2(-level), order, inverse, active)


def taylor(A: Tensor, A2: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Evaluate the degree-8 Taylor polynomial of exp at scaled matrices ``[n, n, G]``.

    Returns:
        The value, and the intermediates that `taylor_adjoint` needs.
    """
    R = torch.add(X1 * A, A2, alpha=X2)
    A4 = product(A2, R)
    P = torch.add(A4, A2, alpha=X3)
    Q = (X5 * A).add_(A2, alpha=X6).add_(A4, alpha=X7)
    Q.diagonal().add_(X4)
    value = torch.add(A, A2, alpha=Y2)
    value.diagonal().add_(1)
    return product(P, Q, out=value), (A, A2, R, P, Q)


def taylor_adjoint(intermediates: Sequence[Tensor], gradient: Tensor) -> Tensor:
    """Pull ``gradient`` ``[n, n, G]`` back through `taylor`, A2 = A² being a function of A."""
    A, A2, R, P, Q = (x.transpose(0, 1) for x in intermediates)
    dP, dQ = product(gradient, Q), product(P, gradient)
    dA4 = torch.add(dP, dQ, alpha=X7)
    dR = product(A2, dA4)
    dA2 = (Y2 * gradient).add_(dP, alpha=X3).add_(dQ, alpha=X6).add_(dR, alpha=X2)
    product(dA4, R, out=dA2)
    dA = torch.add(gradient, dQ, alpha=X5).add_(dR, alpha=X1)
    product(A, dA2, out=dA)
    return product(dA2, A, out=dA)


def squarings(X: Tensor, scaling: Scaling) -> tuple[Tensor, list[Tensor]]:
    """Square each matrix of ``[n, n, G]`` as often as it was halved.

    Returns:
        The result, and the matrices that went into each squaring.
    """
    if not scaling.active:
        return X, []
    X = _permute(X, scaling.order)
    inputs, finished = [], []
    for stop, following in pairwise([X.shape[-1], *scaling.active, 0]):
        finished.append(X[..., following:stop])
        if following:
            inputs.append(X[..., :following])
            X = product(inputs[-1], inputs[-1])
    return _permute(torch.cat(finished[::-1], dim=-1), scaling.inverse), inputs


def squarings_adjoint(inputs: Sequence[Tensor], scaling: Scaling, gradient: Tensor) -> Tensor:
    """Pull ``gradient`` ``[n, n, G]`` back through `squarings`."""
    if not scaling.active:
        return gradient
    gradient = _permute(gradient, scaling.order)
    for X in reversed(inputs):
        transposed = X.transpose(0, 1)
        head = gradient[..., : X.shape[-1]]
        head.copy_(product(transposed, head, out=product(head, transposed)))
    return _permute(gradient, scaling.inverse)


def _permute(stack: Tensor, order: Tensor) -> Tensor:
    # Selecting along the last of *two* axes is ten times faster than along the last of three.
    return stack.flatten(0, 1).index_select(1, order).view_as(stack)
