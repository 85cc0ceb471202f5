"""Levi decomposition: a semisimple subalgebra beside the radical, by linear equations.

Every Lie algebra is the sum of its radical r and a semisimple subalgebra, a Levi complement. Any
subspace x_1, .., x_s beside r is one up to r. Going down the derived series r = r_1 > r_2 > .. > 0,
elements y_i of r_t are added to the x_i such that their brackets close up to r_(t+1). Products
[y_i, y_j] lie there already, so the equations are linear; Whitehead's second lemma says that they
have a solution (de Graaf 2000, Lie Algebras: Theory and Algorithms, section 4.13).
"""

from __future__ import annotations

import numpy as np

from semola_geo.algebra.structure import derived_span, radical_coefficients
from semola_geo.algebra.subspace import Array, complement, orthonormal_rows

__all__ = ["levi_coefficients"]


def levi_coefficients(constants: Array, tolerance: float) -> Array:
    """Orthonormal coefficient rows `[s, k]` of a Levi complement; empty for a solvable algebra.

    `constants` `[k, k, k]` in an orthonormal basis of a closed algebra. The subspace orthogonal to
    the radical is corrected as little as possible.

    >>> from semola_geo.algebra.catalogue import catalogue_generators
    >>> from semola_geo.algebra.structure import structure_constants
    >>> gl2 = structure_constants(catalogue_generators("gl(2)")[0])
    >>> levi_coefficients(gl2, 1e-6).shape  # sl(2)
    (3, 4)
    """
    layer = radical_coefficients(constants, tolerance)
    elements = complement(layer)
    if len(elements) == 0:
        return elements
    quotient = _brackets(elements, elements, constants) @ elements.T
    while len(layer):
        below = derived_span(constants, layer, tolerance)
        if len(below) == len(layer):
            break  # no solvable ideal: the span was not closed
        # the part of this layer that the next one does not hold
        fresh = orthonormal_rows(complement(below) @ layer.T @ layer)
        elements = elements + _correction(elements, fresh, quotient, constants)
        layer = below
    return orthonormal_rows(elements)


def _correction(elements: Array, fresh: Array, quotient: Array, constants: Array) -> Array:
    """Rows y `[s, k]` in the span of `fresh` `[r, k]` with which brackets close in its direction.

    [x_i, y_j] + [y_i, x_j] - sum_l q_ijl y_l = sum_l q_ijl x_l - [x_i, x_j], seen along `fresh`.
    """
    count, size = len(elements), len(fresh)
    missing = np.einsum("ijl,lm->ijm", quotient, elements)
    missing = (missing - _brackets(elements, elements, constants)) @ fresh.T
    action = _brackets(elements, fresh, constants) @ fresh.T  # [x_i, f_a] along f_b
    matrix = np.zeros((count, count, size, count, size))
    index, along = np.arange(count), np.arange(size)
    matrix[:, index, :, index] += action.transpose(0, 2, 1)
    matrix[index, :, :, index] -= action.transpose(0, 2, 1)[:, None]
    matrix[:, :, along, :, along] -= quotient
    solution = np.linalg.lstsq(matrix.reshape(-1, count * size), missing.reshape(-1), rcond=1e-10)[
        0
    ]
    return np.asarray(solution.reshape(count, size) @ fresh)


def _brackets(first: Array, second: Array, constants: Array) -> Array:
    return np.asarray(np.einsum("ai,bj,ijl->abl", first, second, constants, optimize=True))
