"""The lower central series: what is left of an algebra after bracketing with all of it."""

from __future__ import annotations

import numpy as np

from semola_geo.algebra.structure import bracket_rows, falling_dimensions
from semola_geo.algebra.subspace import Array

__all__ = ["lower_central_dimensions"]


def lower_central_dimensions(constants: Array, tolerance: float) -> list[int]:
    """Dimensions of g, [g, g], [g, [g, g]], ... until they stop falling.

    `constants` `[k, k, k]` in an orthonormal basis; directions with a singular value up to
    `tolerance` are dropped. The last number is 0 exactly for nilpotent algebras.

    >>> from semola_geo.algebra.catalogue import catalogue_generators
    >>> from semola_geo.algebra.structure import structure_constants
    >>> se2 = structure_constants(catalogue_generators("se(2)")[0])
    >>> lower_central_dimensions(se2, 1e-6)  # solvable, but not nilpotent
    [3, 2]
    """
    everything = np.eye(len(constants))
    return falling_dimensions(
        len(constants), lambda span: bracket_rows(constants, everything, span, tolerance)
    )
