"""The lower central series: what is left of an algebra after bracketing with all of it."""

from __future__ import annotations

import numpy as np

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
    count = len(constants)
    span = np.eye(count)
    dimensions = [count]
    while len(span):
        brackets = np.einsum("bj,ijl->ibl", span, constants).reshape(-1, count)
        _, singular, right = np.linalg.svd(brackets, full_matrices=False)
        span = np.ascontiguousarray(right[: int((singular > tolerance).sum())])
        if len(span) == dimensions[-1]:
            break
        dimensions.append(len(span))
    return dimensions
