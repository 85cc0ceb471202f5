"""Cross-fitted test of finite elements: a permutation, a reflection, any single h."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from semola_geo.discovery.chance import KNOWN, SINGLE_PAIR, student_quantile

__all__ = ["FiniteProducts", "FiniteTest", "assess"]

# Degrees of freedom from which quiet elements alone tell how errors correlate.
_FEWEST = 4


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
        resolution: Half-width that the interval would have at λ = 0, ``[elements]``.
        correlation: Mean square correlation of errors, which the spread over pairs shows.
        freedom: Degrees of freedom that the correlation rests on.
        quiet: How many of these come from elements that are violated by no more than the noise.
    """

    values: Tensor
    intervals: Tensor
    noise: Tensor
    ratio: Tensor
    resolution: Tensor
    correlation: float
    freedom: float
    quiet: int


def assess(products: FiniteProducts, prior: FiniteTest | None = None) -> FiniteTest:
    r"""Return the relative violation :math:`\langle R_1 R_2\rangle / \langle scale\rangle`.

    Errors of teachers trained on disjoint samples are independent, so that they cancel in the
    product, up to a correlation c by chance that depends on how many ways the teachers have to
    err. With the noise N, the variance of λ over pairs is :math:`c^2 (N^2 + 2 \lambda N)`: errors
    times errors, and signal times errors. c² is the median over the elements that are violated by
    no more than the noise, as teachers also differ in the size of what they learned; an element
    whose own spread over pairs is larger keeps that. The sampling error over graphs is added.

    An element whose scale is not positive has λ = NaN: the teachers know nothing about it.

    Args:
        products: Products of residuals.
        prior: A test of other elements with teachers of the same kind, where these are too few to
            tell the correlation.

    >>> signal, error = torch.randn(2, 1, 500, 1), torch.randn(2, 2, 1, 500, 1)
    >>> residuals = 2 * signal + error[0], 2 * signal + error[1]
    >>> found = assess(FiniteProducts.of(*residuals, torch.full((2, 1, 500), 4.0)))
    >>> 0.7 < float(found.values) < 1.4
    True
    """
    pairs, _, graphs = products.violation.shape
    violation, scales = products.violation.double(), products.scale.double()
    scale = scales.mean((0, 2))
    safe = torch.where(scale > 0, scale, torch.full_like(scale, torch.nan))
    values = violation.mean((0, 2)) / safe
    noise = products.noise.double().mean((0, 2)) / safe
    # Influence of each graph on the ratio of means.
    influence = violation.mean(0) - values[:, None] * scales.mean(0)
    sampling = influence.std(1) / graphs**0.5 / safe
    unit = noise * (noise + 2 * values.clamp_min(0.0))
    own = torch.zeros_like(values)
    correlation, freedom, quiet = SINGLE_PAIR**2, KNOWN, 0
    if pairs > 1:
        own = (violation.mean(2) / scales.mean(2)).std(0)
        degrees = pairs - 1
        relative = own.square() / unit.clamp_min(1e-300)
        still = values <= noise
        quiet = degrees * int(still.sum())
        if prior is not None and prior.quiet > quiet:
            correlation, freedom = prior.correlation, prior.freedom
        else:
            pool = relative[still] if quiet >= _FEWEST else relative
            # The median of χ²/f lies below its mean.
            correlation = float(pool.nanmedian() / (1 - 2 / (9 * degrees)) ** 3)
            freedom = degrees * len(pool)
    quantile = student_quantile(freedom)
    spread = torch.maximum(own, (correlation * unit).sqrt())
    half = quantile * (spread.square() + sampling.square()).sqrt()
    return FiniteTest(
        values=values,
        intervals=torch.stack([values - half, values + half], dim=-1),
        noise=noise,
        ratio=values / noise.clamp_min(1e-300),
        resolution=quantile * correlation**0.5 * noise,
        correlation=correlation,
        freedom=freedom,
        quiet=quiet,
    )
