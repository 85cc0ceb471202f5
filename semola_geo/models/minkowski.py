"""Lorentz invariants of four-momenta, fit for networks."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["minkowski_product", "signed_log"]


def minkowski_product(p: Tensor, q: Tensor) -> Tensor:
    """Return E_p E_q − **p**·**q** of four-vectors `[..., 4]` in the order (E, p).

    Give float64: the relative error is that of the numbers times E_p E_q over the result.

    >>> p = torch.tensor([5.0, 3.0, 0.0, 0.0])
    >>> minkowski_product(p, p)
    tensor(16.)
    """
    return p[..., 0] * q[..., 0] - (p[..., 1:] * q[..., 1:]).sum(-1)


def signed_log(x: Tensor) -> Tensor:
    r"""Return :math:`\operatorname{arsinh}(x)`: x near zero, ± log 2|x| far from it.

    Products of momenta range over many powers of ten and both signs. Smooth, unlike
    :math:`\operatorname{sign}(x) \log(1 + |x|)` of Gong et al., arXiv:2201.08187, whose second
    derivative jumps at zero.

    >>> signed_log(torch.tensor([-0.5, 100.0])).round(decimals=3)
    tensor([-0.4810,  5.2980])
    """
    return torch.asinh(x)
