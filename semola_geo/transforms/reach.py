"""How far a learned augmentation goes along given generators."""

from __future__ import annotations

import torch

from semola_geo.algebra import LieAlgebra
from semola_geo.transforms.learnable import LearnableSymmetryTransform

__all__ = ["reach"]

_IN_SPAN = 0.999
_PURE_ROTATION = 10.0
# A learned translation holds rotations of the size of float32 rounding.
_ROUNDING = 1e-5


def reach(
    transform: LearnableSymmetryTransform, algebra: LieAlgebra
) -> tuple[list[float | None], list[float | None]]:
    """Return the extent of the augmentation along each generator of an algebra.

    The coefficients of the transform's own generators fill a box; along another direction a of
    unit length the box ends at min |extentᵢ / aᵢ|, and as many factors of an element go that many
    times as far. A rotation of rate r has eigenvalues ±ir, so that reach s turns by up to ±sr.

    Args:
        transform: A learned transform.
        algebra: Generators in the data's units, such as the canonical ones of the same algebra.

    Returns:
        The extents in normalised units (``None`` outside the transform's span), and the largest
        angles in degrees (``None`` where the generator is no rotation).

    >>> so2 = LieAlgebra.from_name("so(2)")
    >>> transform = LearnableSymmetryTransform.from_algebra(so2, {"pos": "point"}, extent=1.0)
    >>> [round(angle) for angle in reach(transform, so2)[1]]
    [41]
    """
    coefficients = transform.coordinates(algebra) if algebra.dim else torch.zeros(0, 1)
    extents, angles = transform.law.num_factors * transform.extents.detach().cpu(), []
    basis = transform.basis.detach().cpu()
    found: list[float | None] = []
    for row in coefficients:
        unit = row / row.norm()
        share = basis @ unit
        inside = float(share.norm()) > _IN_SPAN
        limit = float((extents / share.abs().clamp_min(1e-12)).min()) if inside else None
        found.append(limit)
        size = transform.ambient.dimension
        rates = torch.linalg.eigvals(transform.ambient.combine(unit)[:size, :size])
        rate = rates.imag.abs().max()
        turning = rate > max(_PURE_ROTATION * float(rates.real.abs().max()), _ROUNDING)
        angle = None if limit is None or not bool(turning) else limit * rate
        angles.append(None if angle is None else float(torch.rad2deg(angle)))
    return found, angles
