"""Which directions to try as a symmetry algebra."""

from __future__ import annotations

import torch
from torch import Tensor

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery.spectrum import Spectrum
from semola_geo.discovery.verdict import Thresholds, Verdict

__all__ = ["propose", "without_worst"]

# Degrees by which noise may have turned a span away from a closed one.
_LARGEST_TURN = 15.0


def propose(spectrum: Spectrum, limits: Thresholds, among: Tensor | None = None) -> Tensor:
    """Return supported directions that may span a symmetry algebra, as a mask ``[m]``.

    Their violations are compatible with zero, and their span is close to a closed one: the
    symmetries of any data form a group. Where the span of all such directions is not, the most
    violated ones are left out one by one. A test on held-out labels has the last word.

    Args:
        spectrum: The directions and their violations.
        limits: Bounds of the verdicts.
        among: Directions to choose from, ``[m]``; all when ``None``.
    """
    supported = torch.tensor([v is not Verdict.UNTESTED for v in spectrum.verdicts])
    compatible = spectrum.intervals[:, 0] <= limits.symmetry
    # Wide intervals alone are no reason to propose: the estimate itself has to be small.
    small = spectrum.eigenvalues <= limits.broken / 2
    chosen = supported & compatible & small & torch.isfinite(spectrum.eigenvalues)
    if among is not None:
        chosen = chosen & among
    while int(chosen.sum()) > 1 and not _nearly_closed(spectrum, chosen):
        chosen = without_worst(spectrum, chosen)
    return chosen


def _nearly_closed(spectrum: Spectrum, chosen: Tensor) -> bool:
    span = spectrum.span(chosen)
    if span.affine:
        span = span.normalize(spectrum.length_scale, spectrum.center)
    whole = LieAlgebra(spectrum.ambient.basis, affine=spectrum.ambient.affine)
    try:
        span.nearest_subalgebra(whole, _LARGEST_TURN)
    except ValueError:
        return False
    return True


def without_worst(spectrum: Spectrum, chosen: Tensor) -> Tensor:
    """Return the mask without its most violated direction."""
    reduced = chosen.clone()
    places = chosen.nonzero().flatten()
    reduced[places[spectrum.eigenvalues[places].argmax()]] = False
    return reduced
