"""Which directions to try as a symmetry algebra."""

from __future__ import annotations

import torch
from torch import Tensor

from semola_geo.discovery.spectrum import Spectrum
from semola_geo.discovery.verdict import Thresholds

__all__ = ["propose", "without_worst"]


def propose(spectrum: Spectrum, limits: Thresholds) -> Tensor:
    """Return the supported directions whose violation is compatible with zero, as a mask ``[m]``.

    The test on held-out labels then decides whether the span is a symmetry algebra.
    """
    supported = spectrum.support <= limits.support
    compatible = spectrum.intervals[:, 0] <= limits.symmetry
    # Wide intervals alone are no reason to propose: the estimate itself has to be small.
    small = spectrum.eigenvalues <= limits.broken / 2
    return supported & compatible & small & torch.isfinite(spectrum.eigenvalues)


def without_worst(spectrum: Spectrum, chosen: Tensor) -> Tensor:
    """Return the mask without its most violated direction."""
    reduced = chosen.clone()
    places = chosen.nonzero().flatten()
    reduced[places[spectrum.eigenvalues[places].argmax()]] = False
    return reduced
