"""Ambient groups: the hypothesis space inside which a subgroup is learned."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

import torch
from torch import Tensor

from semola_geo.algebra import LieAlgebra

__all__ = ["TIME", "AmbientGroup", "embed", "parse_ambient", "parse_slots"]

TIME = "time"
"""Name of the factor of an ambient group that reverses time: T(3) are translations."""

_ALGEBRAS = {
    "SO": "so",
    "O": "so",
    "SE": "se",
    "E": "se",
    "T": "t",
    "GL": "gl",
    "SL": "sl",
    "Sim": "sim",
    "Aff": "aff",
}
_EUCLIDEAN = re.compile(r"(SO|O|SE|E|T|GL|SL|Sim|Aff)\(([2-5])\)")
_MINKOWSKI = re.compile(r"(SO|Poincare)\(1,\s*([1-3])\)")
_PERMUTATION = re.compile(r"S\((\d+)\)")
_PRODUCT = re.compile(rf"\)\s*[x×]\s*\w|{TIME}\s*[x×]")


@dataclass(frozen=True, eq=False)
class AmbientGroup:
    r"""A matrix group with a basis of its Lie algebra, in normalised units.

    The basis is orthonormal in the Frobenius product. About the centroid and in units of the RMS
    coordinate, every basis element then moves isotropic data equally far, by one unit, be it a
    rotation, a translation or a shear.

    Attributes:
        name: Canonical name, such as ``"Aff(3)"``.
        dimension: Dimension d of the space.
        affine: Whether the group holds translations.
        orthogonal: Whether all linear parts are orthogonal, so that irreps are defined.
        reflections: Whether the group has a second component, of reflections (O(d), E(d)).
        basis: ``[m, n, n]`` float64; n = d + 1 for affine groups.

    >>> parse_ambient("Aff(3)").basis.shape
    torch.Size([12, 4, 4])
    """

    name: str
    dimension: int
    affine: bool
    orthogonal: bool
    reflections: bool
    basis: Tensor

    def __len__(self) -> int:
        """Return the dimension m of the algebra."""
        return self.basis.shape[0]

    def combine(self, coefficients: Tensor) -> Tensor:
        """Return the algebra elements ``[..., n, n]`` with coefficients ``[..., m]``."""
        flat = coefficients @ self.basis.to(coefficients).flatten(1)
        return flat.reshape(*coefficients.shape[:-1], *self.basis.shape[1:])

    def coordinates(self, algebra: LieAlgebra) -> Tensor:
        """Return coefficients ``[k, m]`` (float64) of generators in normalised units.

        Raises:
            ValueError: If a generator lies outside the ambient algebra.
        """
        generators = embed(algebra, self.affine, self.dimension)
        coefficients = generators.flatten(1) @ self.basis.flatten(1).T
        outside = (self.combine(coefficients) - generators).flatten(1).norm(dim=1)
        tolerance = 1e-6 * generators.flatten(1).norm(dim=1).clamp_min(1.0)
        if bool((outside > tolerance).any()):
            worst = int((outside / tolerance).argmax())
            raise ValueError(
                f"generator {worst} lies outside the algebra of ambient group {self.name} "
                f"(residual {float(outside[worst]):.2g}); choose a larger ambient group"
            )
        return coefficients

    def restrict(self, frame: Tensor) -> AmbientGroup:
        """Return the group with its hypothesis space narrowed to a span.

        Brackets of its elements may leave the span; they count up to what lies outside it.

        Args:
            frame: Orthonormal coefficient columns ``[m, s]``.

        >>> parse_ambient("SO(3)").restrict(torch.eye(3)[:, :1].double())
        AmbientGroup('SO(3)', dim=1)
        """
        return replace(self, basis=self.combine(frame.T.to(self.basis)))

    def __repr__(self) -> str:
        return f"AmbientGroup({self.name!r}, dim={len(self)})"


def embed(algebra: LieAlgebra, affine: bool, dimension: int) -> Tensor:
    """Return generators ``[k, n, n]`` as matrices of an affine (n = d + 1) or linear group.

    Raises:
        ValueError: If the dimension differs, or an affine algebra meets a linear group.
    """
    if algebra.dimension != dimension or (algebra.affine and not affine):
        kind = "affine" if algebra.affine else "linear"
        raise ValueError(
            f"a {kind} algebra in d = {algebra.dimension} does not fit "
            f"{'an affine' if affine else 'a linear'} group in d = {dimension}"
        )
    generators = algebra.generators.to(torch.float64)
    if affine and not algebra.affine:
        return torch.nn.functional.pad(generators, (0, 1, 0, 1))
    return generators


@cache
def _build(kind: str, size: str, minkowski: bool) -> AmbientGroup:
    if minkowski:
        dimension = 1 + int(size)
        name = f"{kind}(1,{size})"
        algebra = LieAlgebra.from_name(f"{kind.lower()}(1,{size})")
    else:
        dimension = int(size)
        name = f"{kind}({size})"
        algebra = LieAlgebra.from_name(f"{_ALGEBRAS[kind]}({size})")
    affine = kind in {"SE", "E", "T", "Sim", "Aff", "Poincare"}
    flat = embed(algebra, affine, dimension).flatten(1)
    frame, triangle = torch.linalg.qr(flat.T)
    basis = (frame * triangle.diagonal().sign()).T.reshape(
        flat.shape[0], *(dimension + affine,) * 2
    )
    return AmbientGroup(
        name=name,
        dimension=dimension,
        affine=affine,
        orthogonal=not minkowski and kind in {"SO", "O", "SE", "E", "T"},
        reflections=kind in {"O", "E"},
        basis=basis.contiguous(),
    )


def parse_ambient(ambient: str | AmbientGroup) -> AmbientGroup:
    """Return the ambient group that a name denotes.

    Args:
        ambient: ``"SO(d)"``, ``"O(d)"``, ``"SE(d)"``, ``"E(d)"``, ``"T(d)"``, ``"GL(d)"``,
            ``"SL(d)"``, ``"Sim(d)"``, ``"Aff(d)"`` for d = 2…5, ``"SO(1,n)"`` or
            ``"Poincare(1,n)"`` for n = 1…3 (order (E, p), signature (+, −, …)).

    Raises:
        TypeError: If given something else than text or an ambient group.
        ValueError: If the name denotes no group, a permutation group, time reversal, or a product.

    >>> parse_ambient("E(3)").reflections, len(parse_ambient("SO(1,3)"))
    (True, 6)
    """
    if isinstance(ambient, AmbientGroup):
        return ambient
    if not isinstance(ambient, str):
        raise TypeError(f"ambient is the name of a group, got {type(ambient).__name__}")
    text = ambient.strip()
    if _PERMUTATION.fullmatch(text):
        raise ValueError(
            f"ambient group {ambient!r}: permutations of node slots are discrete and have no "
            "algebra; discover_symmetry takes them, and so do RandomPermutationTransform and "
            "LearnablePermutationTransform"
        )
    if text == TIME:
        raise ValueError(
            f"ambient group {ambient!r}: time reversal is a single element and has no algebra; "
            "discover_symmetry takes it, and so does TimeReversalTransform"
        )
    if _PRODUCT.search(text):
        raise ValueError(
            f"ambient group {ambient!r}: a product is no group of matrices; discover_symmetry and "
            "equivariance_error take it, and ProductTransform joins the transforms of its factors"
        )
    if match := _MINKOWSKI.fullmatch(text):
        return _build(match[1], match[2], minkowski=True)
    if match := _EUCLIDEAN.fullmatch(text):
        return _build(match[1], match[2], minkowski=False)
    raise ValueError(
        f"unknown ambient group {ambient!r}; allowed: SO(d), O(d), SE(d), E(d), T(d), GL(d), "
        "SL(d), Sim(d), Aff(d) with d = 2…5, SO(1,3), Poincare(1,3); in products also S(n), and "
        "'time' for time reversal"
    )


def parse_slots(ambient: object) -> int | None:
    """Return n where the ambient group is ``"S(n)"``, all permutations of n node slots.

    Raises:
        ValueError: If n is smaller than 2.

    >>> parse_slots("S(8)"), parse_slots("Aff(3)")
    (8, None)
    """
    match = _PERMUTATION.fullmatch(ambient.strip()) if isinstance(ambient, str) else None
    if match is None:
        return None
    if int(match[1]) < 2:
        raise ValueError(f"ambient group {ambient!r}: permutations need at least two slots")
    return int(match[1])
