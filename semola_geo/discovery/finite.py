"""Cross-fitted test of finite elements: a permutation, a reflection, any single h."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["FiniteProducts", "FiniteTest", "assess"]

# Student quantiles at 97.5 % for 1, 2, … degrees of freedom; the last one stands for more.
_STUDENT = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 1.96)
# With one pair there is no spread over pairs: as in the spectrum, errors of its two teachers are
# taken to be correlated as strongly as their size allows by chance over few samples.
_SINGLE_PAIR = 0.5


@dataclass(frozen=True)
class FiniteProducts:
    r"""Products between teachers that share no sample, per pair, element and graph.

    With residuals :math:`R_i(x) = F_i(hx) - \rho(h) F_i(x)` of the teachers of a pair:

    Attributes:
        violation: :math:`R_1 \cdot R_2`, ``[pairs, elements, graphs]``.
        noise: :math:`\frac12 |R_1 - R_2|^2`, of the same shape.
        scale: What :math:`R_1 \cdot R_2` is on average for an element that moves as much and
            leaves nothing alone, ``[pairs, elements, graphs]``; a cross product as well.
    """

    violation: Tensor
    noise: Tensor
    scale: Tensor

    @classmethod
    def of(cls, first: Tensor, second: Tensor, scale: Tensor) -> FiniteProducts:
        """Multiply residuals.

        Args:
            first: Residuals of the first teachers, ``[pairs, elements, graphs, outputs]``.
            second: Residuals of the second teachers.
            scale: ``[pairs, elements, graphs]``.
        """
        return cls((first * second).sum(-1), (first - second).square().sum(-1) / 2, scale)


@dataclass(frozen=True)
class FiniteTest:
    """Relative violations of finite elements, and how sure they are.

    Attributes:
        values: λ, ``[elements]``: 0 for a symmetry, of order 1 for a generic element.
        intervals: 95 % bounds of λ, ``[elements, 2]``.
        noise: Size of the teachers' own errors in units of the scale, ``[elements]``.
        ratio: Violation over noise, ``[elements]``; not a test by itself.
    """

    values: Tensor
    intervals: Tensor
    noise: Tensor
    ratio: Tensor


def assess(products: FiniteProducts) -> FiniteTest:
    r"""Return the relative violation :math:`\langle R_1 R_2\rangle / \langle scale\rangle`.

    Errors of teachers trained on disjoint samples are independent, so that they cancel in the
    product; what they leave is measured. The interval joins the spread over pairs of teachers,
    at least as large relative to the noise as it is for the median element, and the sampling
    error over graphs (delta method).

    An element whose scale is not positive has λ = NaN: the teachers know nothing about it.

    >>> signal, error = torch.randn(2, 1, 500, 1), torch.randn(2, 2, 1, 500, 1)
    >>> residuals = 2 * signal + error[0], 2 * signal + error[1]
    >>> found = assess(FiniteProducts.of(*residuals, torch.full((2, 1, 500), 4.0)))
    >>> 0.7 < float(found.values) < 1.4
    True
    """
    pairs, elements, graphs = products.violation.shape
    violation = products.violation.double()
    scale = products.scale.double().mean((0, 2))
    safe = torch.where(scale > 0, scale, torch.full_like(scale, torch.nan))
    values = violation.mean((0, 2)) / safe
    noise = products.noise.double().mean((0, 2)) / safe
    # Influence of each graph on the ratio of means.
    influence = violation.mean(0) - values[:, None] * products.scale.double().mean(0)
    sampling = influence.std(1) / graphs**0.5 / safe
    if pairs == 1:
        freedom, spread = len(_STUDENT), _SINGLE_PAIR * noise
    else:
        own = (violation.mean(2) / products.scale.double().mean(2)).std(0)
        degrees = pairs - 1
        relative = (own / noise.clamp_min(1e-300)).square()
        # The median of χ²/f lies below its mean.
        pooled = (relative.nanmedian() / (1 - 2 / (9 * degrees)) ** 3).sqrt()
        freedom = min(degrees * elements, len(_STUDENT))
        spread = torch.maximum(own, pooled * noise)
    half = _STUDENT[freedom - 1] * (spread.square() + sampling.square()).sqrt()
    return FiniteTest(
        values=values,
        intervals=torch.stack([values - half, values + half], dim=-1),
        noise=noise,
        ratio=values / noise.clamp_min(1e-300),
    )
