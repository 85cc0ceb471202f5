"""The conjugacy classes that naming can tell apart: catalogue names for a given space."""

from __future__ import annotations

from functools import cache

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
        for linear, with_translations in _irreducible(size):
            names.append(linear)
            if affine:
                names += _translated(linear, with_translations, size, dimension)
    for first in range(2, dimension - 1):
        for second in range(2, min(first, dimension - first) + 1):
            product = f"so({first}) + so({second})"
            names += [product, f"{product} ⋉ t({dimension})"][: 1 + affine]
    if dimension > 1:
        names += _with_dilation(dimension, affine)
    if affine:
        names += [f"t({count})" for count in range(1, dimension + 1)]
    return names


def _irreducible(size: int) -> list[tuple[str, str]]:
    """Linear algebras of a block, each with the name it takes together with its translations."""
    pairs = []
    if size > 1:
        pairs.append((f"so({size})", f"se({size})"))
        for p in range(1, size // 2 + 1):
            pairs.append((f"so({p},{size - p})", f"poincare({p},{size - p})"))
        pairs.append((f"sl({size})", f"sl({size}) ⋉ t({size})"))
    pairs.append((f"gl({size})", f"aff({size})"))
    return pairs


def _translated(linear: str, with_translations: str, size: int, dimension: int) -> list[str]:
    """Its combinations with translations of its own block and along the fixed axes beyond it."""
    names = [with_translations]
    for extra in range(1, dimension - size + 1):
        names.append(f"{linear} + t({extra})")
        if size + extra == dimension:
            names.append(f"{linear} ⋉ t({dimension})")
        elif "⋉" not in with_translations:
            names.append(f"{with_translations} + t({extra})")
    return names


def _with_dilation(dimension: int, affine: bool) -> list[str]:
    names = ["scaling"]
    if affine:
        names += [f"scaling ⋉ t({count})" for count in range(1, dimension + 1)]
    for linear, _ in _irreducible(dimension):
        if linear.startswith("so"):
            names.append(f"{linear} + scaling")
            if affine:
                euclidean = linear == f"so({dimension})"
                translated = f"{linear} + scaling ⋉ t({dimension})"
                names.append(f"sim({dimension})" if euclidean else translated)
    return names
