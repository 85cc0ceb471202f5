"""The learnable augmentation: an unknown subgroup of an ambient group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch_geometric.data.datapipes import functional_transform

from semola_geo.algebra import LieAlgebra
from semola_geo.groups import AmbientGroup, GroupElement, LieDistribution, coset_reflection
from semola_geo.groups.ambient import embed
from semola_geo.representations import Representation
from semola_geo.transforms.base import SymmetryTransform

__all__ = ["LearnableSymmetryTransform"]


@functional_transform("learnable_symmetry")
class LearnableSymmetryTransform(SymmetryTransform):
    r"""Augment with a learnable subgroup: :math:`g = \exp(\sum_i w_i L_i)`.

    Generators and extents are parameters; gradient flows from the moved fields into them. After
    SEMoLA (arXiv 2506.03914, §4), with orthonormal generators by parametrisation.

    Args:
        fields: Name → representation of every field (see
            :func:`semola_geo.representations.parse_representation`).
        ambient: Hypothesis space, such as ``"Aff(3)"``.
        num_generators: k; the dimension of the ambient algebra when ``None`` (then the span
            cannot move, and extents alone prune).
        strict: Refuse data with undeclared floating-point fields.
        length_scale: Unit of length of the algebra, in the data's unit; see
            :func:`semola_geo.transforms.data_units`.
        center: Point ``[d]`` about which the algebra is expressed, usually the data's centroid.
        extent: Initial extent of every generator, in normalised units.
        max_extent: Upper bound of the extents.
        num_factors: Number of exponentials in a sampled element.
        reflections: Whether half of the elements are reflections; ``None``: where the ambient
            group has them (O(d), E(d)).
        generator: Source of the random initial basis.

    Raises:
        ValueError: For an unknown ambient group or representation, irreps under a group that is
            not orthogonal, ``num_generators`` out of range, or reflections in an ambient group
            that has none.

    >>> from torch_geometric.data import Data
    >>> transform = LearnableSymmetryTransform({"pos": "point"}, ambient="Aff(3)")
    >>> moved, g = transform(Data(pos=torch.ones(2, 3)), return_element=True)
    >>> bool(torch.allclose(transform.inverse(moved, g).pos, torch.ones(2, 3), atol=1e-5))
    True
    >>> transform
    LearnableSymmetryTransform(pos='point', ambient='Aff(3)', num_generators=12)
    """

    def __init__(
        self,
        fields: Mapping[str, str | Representation],
        ambient: str | AmbientGroup,
        num_generators: int | None = None,
        strict: bool = True,
        *,
        length_scale: float = 1.0,
        center: Sequence[float] | Tensor | None = None,
        extent: float = 1.0,
        max_extent: float = 3.0,
        num_factors: int = 1,
        reflections: bool | None = None,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(fields, ambient, strict=strict, length_scale=length_scale, center=center)
        self.law = LieDistribution(
            self.ambient,
            len(self.ambient) if num_generators is None else num_generators,
            extent=extent,
            max_extent=max_extent,
            num_factors=num_factors,
            reflections=reflections,
            generator=generator,
        )

    @classmethod
    def from_algebra(
        cls,
        algebra: LieAlgebra,
        fields: Mapping[str, str | Representation],
        *,
        ambient: str | AmbientGroup | None = None,
        strict: bool = True,
        length_scale: float = 1.0,
        center: Sequence[float] | Tensor | None = None,
        extent: float = 1.0,
        max_extent: float = 3.0,
        num_factors: int = 1,
        reflections: bool | None = None,
    ) -> LearnableSymmetryTransform:
        """Start from a known or discovered algebra, in the data's units.

        Args:
            algebra: The algebra.
            fields: As for the constructor.
            ambient: Group to learn inside; when ``None``, the smallest of SO(d), SE(d), GL(d) and
                Aff(d) that holds the algebra, or of O(d) and E(d) with ``reflections=True``.
            strict: As for the constructor, like all further arguments.
            length_scale: Unit of length.
            center: Centre.
            extent: Initial extent.
            max_extent: Bound of the extents.
            num_factors: Number of exponentials.
            reflections: Whether half of the elements are reflections, such as
                ``report.reflections`` says; they fix the point that the rotations fix.

        Raises:
            ValueError: If the algebra does not lie in the ambient algebra, or reflections are
                asked for in an ambient group that has none.

        >>> so3 = LieAlgebra.from_name("so(3)")
        >>> t = LearnableSymmetryTransform.from_algebra(so3, {"pos": "point"})
        >>> t.ambient.name, max(t.algebra.principal_angles(so3)) < 1e-6
        ('SO(3)', True)
        """
        transform = cls(
            fields,
            _smallest_ambient(algebra, bool(reflections)) if ambient is None else ambient,
            algebra.dim,
            strict,
            length_scale=length_scale,
            center=center,
            extent=extent,
            max_extent=max_extent,
            num_factors=num_factors,
            reflections=reflections,
        )
        transform.set_algebra(algebra)
        return transform

    @property
    def extents(self) -> Tensor:
        """Extents ``[k]`` of the generators, in normalised units."""
        return self.law.extents

    @property
    def reflections(self) -> bool:
        """Whether half of the elements are reflections."""
        return self.law.reflects

    @property
    def basis(self) -> Tensor:
        """Orthonormal coefficient rows ``[k, m]`` in the ambient basis."""
        return self.law.basis

    @property
    def algebra(self) -> LieAlgebra:
        """The current algebra, detached, in the data's units."""
        algebra = self.normalized_algebra
        return algebra.rescale(self.length_scale, self.center) if algebra.affine else algebra

    @property
    def normalized_algebra(self) -> LieAlgebra:
        """The current algebra, detached, in normalised units: about the centre, in units of ℓ."""
        generators = self.law.generators().detach().cpu()
        return LieAlgebra(generators, affine=self.ambient.affine)

    def set_algebra(self, algebra: LieAlgebra) -> None:
        """Set the generators to an algebra of the same dimension, in the data's units.

        Raises:
            ValueError: If it has another dimension or does not lie in the ambient algebra.
        """
        if algebra.dim != len(self.extents):
            raise ValueError(
                f"the algebra has dimension {algebra.dim}, but the transform has "
                f"{len(self.extents)} generators"
            )
        if algebra.dim:
            self.law.set_basis(self.coordinates(algebra).to(self.law.raw_basis))
        if self.ambient.reflections:
            self.law.set_reflection(coset_reflection(self.normalized_algebra))

    def coordinates(self, algebra: LieAlgebra) -> Tensor:
        """Return ambient coefficients ``[k, m]`` (float64) of an algebra in the data's units.

        Raises:
            ValueError: If it does not lie in the ambient algebra.
        """
        if self.ambient.affine:
            embedded = LieAlgebra(embed(algebra, True, self.ambient.dimension), affine=True)
            algebra = embedded.normalize(self.length_scale, self.center)
        return self.ambient.coordinates(algebra)

    def close(self, max_angle: float = 20.0) -> bool:
        """Move the generators to the nearest span that is closed under the bracket.

        The symmetries of any data form a group, so its algebra is closed; projecting a learned
        span onto closed ones removes what is only noise.

        Args:
            max_angle: Degrees (in normalised units) beyond which a closed span is not near.

        Returns:
            Whether there was one; otherwise nothing changes.
        """
        span = self.normalized_algebra
        if span.dim in (0, len(self.ambient)):
            return True
        whole = LieAlgebra(self.ambient.basis, affine=self.ambient.affine)
        try:
            closed = span.nearest_subalgebra(whole, max_angle)
        except ValueError:
            return False
        frame = torch.linalg.qr(self.ambient.coordinates(closed).T).Q.to(self.law.raw_basis)
        # Projected, not replaced: each generator and the optimiser's state of it stay in place.
        self.law.set_basis(self.law.basis.detach() @ frame @ frame.T)
        return True

    def _sample_normalized(self, size: int, generator: torch.Generator | None) -> GroupElement:
        return self.law.sample(size, generator)

    def _describe(self) -> str:
        switch = "" if self.reflections == self.ambient.reflections else ", reflections=False"
        count = len(self.law.raw_extents)
        return f"ambient={self.ambient.name!r}, num_generators={count}{switch}"


def _smallest_ambient(algebra: LieAlgebra, reflections: bool) -> str:
    size = algebra.dimension
    linear = algebra.generators[:, :size, :size]
    skew = bool(torch.allclose(linear, -linear.transpose(1, 2), atol=1e-9))
    names = {(True, True): "SE", (True, False): "SO", (False, True): "Aff", (False, False): "GL"}
    if reflections and skew:
        return f"{names[skew, algebra.affine].removeprefix('S')}({size})"
    return f"{names[skew, algebra.affine]}({size})"
