r"""What a single model says: the null-space estimates of LieGG and LieSD, for comparison.

Both take the small singular values of a trained model's Lie derivatives for symmetries. A model's
own error enters them squared, so that no value is zero and the gap is blurred; nothing is said of
support, noise or labels. The papers read the gap off a plot; here the largest ratio of neighbouring
values decides, the value of a generic direction (1 in these units) included, so that groups as
large as the ambient one can be found. Spectra without any gap mean no symmetry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery.forms import ViolationForms

__all__ = ["SingleModelEstimate", "liegg_estimate", "liesd_estimate"]

# Neighbouring values within this factor are no gap.
_LEAST_GAP = 2.0


@dataclass(frozen=True)
class SingleModelEstimate:
    """Singular values of Lie derivatives and what their gap says.

    Attributes:
        values: Ascending, ``[m]``, in units of a generic direction.
        directions: Coefficients in the ambient basis, orthonormal columns ``[m, m]``.
        dimension: Number of values below the largest gap; 0 without one.
    """

    values: Tensor
    directions: Tensor
    dimension: int

    @property
    def chosen(self) -> Tensor:
        """Coefficient rows ``[k, m]`` of the directions below the gap."""
        return self.directions[:, : self.dimension].T

    def to_dict(self, algebra: LieAlgebra) -> dict[str, object]:
        """Return plain values, with the chosen directions as generators in the data's units."""
        return {
            "dimension": self.dimension,
            "values": self.values.tolist(),
            "generators": algebra.generators.tolist(),
        }


def liegg_estimate(forms: Sequence[ViolationForms]) -> SingleModelEstimate:
    """Estimate symmetries as LieGG does, with a declared representation of the output.

    Args:
        forms: Of one or more pairs of teachers; the derivatives of all are stacked, which can only
            help the estimate.

    Source: Moskalev, Sepliarskaia, Sosnovik and Smeulders, LieGG (arXiv 2210.04345), the singular
    value decomposition of the network polarisation matrix.

    >>> forms = ViolationForms.zeros(2)
    >>> forms.single += torch.diag(torch.tensor([1e-4, 1.0]).double())
    >>> forms.scale += torch.eye(2).double()
    >>> liegg_estimate([forms]).dimension
    1
    """
    single = torch.stack([form.single for form in forms]).sum(0)
    scale = torch.stack([form.scale for form in forms]).sum(0)
    return _by_gap(single, scale)


def liesd_estimate(
    forms: Sequence[Sequence[ViolationForms]], size: int, outputs: int
) -> SingleModelEstimate:
    """Estimate symmetries as LieSD does: with a linear action of the output that is found as well.

    Args:
        forms: On pairs of a generator and an affine map of the output, per pair of teachers and set
            of graphs; see :func:`semola_geo.discovery.output.forms.free_output_forms`.
        size: Dimension m of the ambient algebra.
        outputs: Components q of the output.

    Source: Hu, Li and Lin, Symmetry Discovery for Different Data Types (arXiv 2410.09841). There,
    pairs (A, R) of unit length are decomposed; here R is the best one for each A of unit length, so
    that pairs without a generator do not count.
    """
    parts = [form for row in forms for form in row]
    single = torch.stack([form.single for form in parts]).sum(0)
    scale = torch.stack([form.scale for form in parts]).sum(0)[:size, :size]
    number = torch.arange(outputs * (outputs + 1))
    # An equivariant map has no constant beside its linear action.
    linear = size + number[number % (outputs + 1) != outputs]
    mixed = single[:size][:, linear]
    action = torch.linalg.pinv(single[linear][:, linear], hermitian=True, rtol=1e-10)
    return _by_gap(single[:size, :size] - mixed @ action @ mixed.T, scale)


def _by_gap(form: Tensor, scale: Tensor) -> SingleModelEstimate:
    generic = scale.diagonal().mean().clamp_min(1e-300)
    values, directions = torch.linalg.eigh(form / generic)
    values = values.clamp_min(1e-16).sqrt()
    ratios = torch.cat([values[1:], values.new_ones(1)]) / values
    dimension = int(ratios.argmax()) + 1 if float(ratios.max()) >= _LEAST_GAP else 0
    return SingleModelEstimate(values, directions, dimension)
