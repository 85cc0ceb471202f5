"""Named Lie algebras in fixed coordinates: what `LieAlgebra.from_name` builds.

Every name stands for an algebra of affine vector fields on R^d in one standard position:

==================  ===============================================================================
name                acts on the first coordinates as
==================  ===============================================================================
``trivial``         nothing (dimension 0)
``so(m)``           rotations; so(3) = (L_x, L_y, L_z) with [L_x, L_y] = L_z
``so(p,q)``         rotations of both blocks, then boosts, for the metric diag(+1 p times, -1 q
                    times): so(1,3) is the Lorentz algebra in the order (E, p), (J, K)
``gl(m)``, ``sl(m)``  all matrices (E_11, E_12, ...), those of trace 0
``scaling``         the identity matrix: dilation of the whole space about a point
``shear``           E_12: the first coordinate grows with the second
``t(m)``            translations
``se(m)``           so(m) and t(m) (alias ``e(m)``); ``poincare(p,q)``: so(p,q) and t(p+q)
``sim(m)``          so(m), dilation, t(m); ``aff(m)``: gl(m) and t(m)
``A + B``           direct sum: A acts on the first coordinates, B on those that follow, so
                    ``so(2) + t(1)`` is rotation about, and translation along, the z axis of R^3;
                    ``so(2) + gl(1)`` rotation about it and scaling along it;
                    the summand ``scaling`` acts on all of R^d
``A ⋉ t(j)``        semidirect product of A and the translations of the first j coordinates:
                    ``so(2) ⋉ t(3)`` is rotation about z with all translations of R^3
                    (also written ``A |x t(j)``)
==================  ===============================================================================

Generators come in the order: linear parts of the summands as they are written, `scaling`,
translations.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from semola_geo.algebra.subspace import Array

__all__ = ["ALLOWED_NAMES", "catalogue_generators"]

ALLOWED_NAMES = (
    '"trivial", "so(d)", "so(p,q)", "se(d)", "t(d)", "gl(d)", "sl(d)", "sim(d)", "aff(d)", '
    '"poincare(p,q)", "scaling", "shear", direct sums such as "so(2) + t(1)" and semidirect '
    'products such as "so(2) ⋉ t(3)"'
)

_SUMMAND = re.compile(r"([a-z]+)(?:\((\d+)(?:,(\d+))?\))?")
_ALIASES = {"o": "so", "e": "se", "iso": "se"}
_DEFAULT_DIMENSION = 3


@dataclass(frozen=True)
class _Block:
    """One summand: linear generators `[k, size, size]`, and whether it translates its block."""

    size: int
    linear: Array
    translates: bool


def catalogue_generators(
    name: str, dimension: int | None = None, affine: bool | None = None
) -> tuple[Array, bool]:
    """Generators `[k, n, n]` (float64) of the named algebra, and whether they are affine matrices.

    `dimension` is the d of the space R^d acted upon (default: as many coordinates as the name
    needs; 3 for ``trivial`` and ``scaling``), coordinates beyond the named ones stay fixed.
    `affine=True` writes an algebra without translations as matrices of size d+1.
    Raises `ValueError` for unknown names and sizes that do not fit.

    >>> generators, affine = catalogue_generators("so(2) + t(1)")
    >>> generators.shape, affine
    ((2, 4, 4), True)
    """
    text = re.sub(r"\s+", "", name).lower().replace("|x", "⋉")
    head, separator, tail = text.partition("⋉")
    extra = _translation_count(name, tail) if separator else 0
    pieces = [_parse_summand(name, piece) for piece in head.split("+")]
    blocks = [block for block in pieces if block is not None]
    scaling = len(blocks) < len(pieces)
    needed = max(sum(block.size for block in blocks), extra)
    size = dimension if dimension is not None else (needed or _DEFAULT_DIMENSION)
    if size < max(needed, 1):
        raise ValueError(
            f"name: {name!r} needs at least {max(needed, 1)} coordinates, but dimension={size}"
        )
    linear, moved = _place(blocks, size)
    if scaling:
        linear.append(np.eye(size))
    moved = sorted(set(moved) | set(range(extra)))
    if affine is False and moved:
        raise ValueError(f"affine: {name!r} contains translations, so affine=False is impossible")
    is_affine = bool(moved) if affine is None else affine
    return _assemble(linear, moved, size, is_affine), is_affine


def _translation_count(name: str, tail: str) -> int:
    match = re.fullmatch(r"t\((\d+)\)", tail)
    if match is None or int(match[1]) < 1:
        raise _unknown(name)
    return int(match[1])


def _parse_summand(name: str, piece: str) -> _Block | None:
    """The block of one summand; None for ``scaling``, which acts on every coordinate."""
    match = _SUMMAND.fullmatch(piece)
    if match is None:
        raise _unknown(name)
    kind, first, second = _ALIASES.get(match[1], match[1]), match[2], match[3]
    if first is None:
        if kind == "scaling":
            return None
        if kind == "shear":
            return _Block(2, np.eye(2, k=1)[None], False)
        if kind == "trivial":
            return _Block(0, np.zeros((0, 0, 0)), False)
        raise _unknown(name)
    p, q = int(first), int(second) if second is not None else 0
    if p + q < 1 or (q and kind not in {"so", "se", "poincare"}):
        raise _unknown(name)
    if kind in {"so", "se", "poincare"}:
        return _Block(p + q, pseudo_rotations(p, q), kind != "so")
    if kind == "sim":
        return _Block(p, np.concatenate([pseudo_rotations(p, 0), np.eye(p)[None]]), True)
    if kind in {"gl", "aff"}:
        return _Block(p, np.eye(p * p).reshape(p * p, p, p), kind == "aff")
    if kind == "sl":
        return _Block(p, traceless(p), False)
    if kind == "t":
        return _Block(p, np.zeros((0, p, p)), True)
    raise _unknown(name)


def pseudo_rotations(p: int, q: int) -> Array:
    """Basis `[k, p+q, p+q]` of so(p,q) for the metric diag(+1.., -1..): rotations, then boosts."""
    size = p + q
    generators = []
    for start, block in ((0, p), (p, q)):
        pairs = [(i, j) for i in range(block) for j in range(i + 1, block)]
        if block == 3:  # L_x, L_y, L_z turn y to z, z to x, x to y
            pairs = [(1, 2), (2, 0), (0, 1)]
        for i, j in pairs:
            rotation = np.zeros((size, size))
            rotation[start + j, start + i], rotation[start + i, start + j] = 1.0, -1.0
            generators.append(rotation)
    for i in range(p):
        for j in range(p, size):
            boost = np.zeros((size, size))
            boost[i, j] = boost[j, i] = 1.0
            generators.append(boost)
    return np.array(generators).reshape(-1, size, size)


def traceless(size: int) -> Array:
    """Basis of sl(size): off-diagonal units, then E_ii - E_(i+1)(i+1)."""
    units = np.eye(size * size).reshape(size, size, size, size)
    off = [units[i, j] for i in range(size) for j in range(size) if i != j]
    diagonal = [units[i, i] - units[i + 1, i + 1] for i in range(size - 1)]
    return np.array(off + diagonal).reshape(-1, size, size)


def _place(blocks: list[_Block], size: int) -> tuple[list[Array], list[int]]:
    """Linear generators on R^size, block after block, and the coordinates translated."""
    linear: list[Array] = []
    moved: list[int] = []
    start = 0
    for block in blocks:
        stop = start + block.size
        for small in block.linear:
            matrix = np.zeros((size, size))
            matrix[start:stop, start:stop] = small
            linear.append(matrix)
        if block.translates:
            moved.extend(range(start, stop))
        start = stop
    return linear, moved


def _assemble(linear: list[Array], moved: list[int], size: int, affine: bool) -> Array:
    count, n = len(linear) + len(moved), size + int(affine)
    generators = np.zeros((count, n, n))
    for row, matrix in enumerate(linear):
        generators[row, :size, :size] = matrix
    for row, axis in enumerate(moved, start=len(linear)):
        generators[row, axis, size] = 1.0
    return generators


def _unknown(name: str) -> ValueError:
    return ValueError(f"name: unknown Lie algebra {name!r}; allowed are {ALLOWED_NAMES}")
