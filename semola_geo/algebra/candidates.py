"""The conjugacy classes that naming can tell apart: catalogue names for a given space."""

from __future__ import annotations

from functools import cache

from semola_geo.algebra.candidate_blocks import blocks_of, with_own_translations
from semola_geo.algebra.candidate_sums import dilated_names, paired_names, sheared_names
from semola_geo.algebra.catalogue import catalogue_generators
from semola_geo.algebra.subspace import Array

__all__ = ["candidate_names", "candidates"]


@cache
def candidates(dimension: int, affine: bool, dim: int) -> tuple[tuple[str, Array], ...]:
    """`(name, generators [dim, n, n])` of every candidate of that dimension on R^dimension."""
    named = (
        (name, catalogue_generators(name, dimension, affine)[0])
        for name in candidate_names(dimension, affine)
    )
    return tuple((name, generators) for name, generators in named if len(generators) == dim)


def candidate_names(dimension: int, affine: bool) -> list[str]:
    """Names of pairwise non-conjugate algebras on R^dimension, one name a class.

    >>> candidate_names(2, affine=False)[:5]
    ['gl(1)', 'so(2)', 'so(1,1)', 'sl(2)', 'gl(2)']
    """
    names = []
    for size in range(1, dimension + 1):
        for block in blocks_of(size):
            names.append(block[0])
            if affine:
                names += with_own_translations(block, size, dimension)
    names += paired_names(dimension, affine)
    if dimension > 1:
        names += _with_dilation(dimension, affine)
        names += dilated_names(dimension, affine)
        names += sheared_names(dimension, affine)
    if affine:
        names += [f"t({count})" for count in range(1, dimension + 1)]
    return names


def _with_dilation(dimension: int, affine: bool) -> list[str]:
    """Scaling alone, and with the rotations of the whole space."""
    names = ["scaling"]
    if affine:
        names += [f"scaling ⋉ t({count})" for count in range(1, dimension + 1)]
    for linear, _ in blocks_of(dimension):
        if linear.startswith("so"):
            names.append(f"{linear} + scaling")
            if affine:
                euclidean = linear == f"so({dimension})"
                translated = f"{linear} + scaling ⋉ t({dimension})"
                names.append(f"sim({dimension})" if euclidean else translated)
    return names
