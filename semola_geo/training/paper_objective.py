"""The five-term loss of the SEMoLA paper, as a preset to compare the default with."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from semola_geo.training.views import Views

__all__ = ["SemolaPaperObjective"]


@dataclass(frozen=True)
class SemolaPaperObjective:
    r"""Weighted five-term objective after SEMoLA (arXiv 2506.03914).

    Prediction on original data, prediction on augmented data, equivariance
    :math:`E\|F(gx)-\rho(g)F(x)\|^2`, and two regularisers of the Lie-algebra basis
    :math:`W_i = e_i L_i` (generators times extents, the paper's free basis matrices):
    non-triviality :math:`\operatorname{mean}_i \max(0, m-\|W_i\|_F)^2`, which keeps Frobenius
    norms away from zero, and orthogonality :math:`\operatorname{mean}_{i<j} \cos^2(W_i, W_j)`.

    The paper weights its terms per data set; one set of weights is used here for all, 1 where the
    scale is fixed by unit target variance. With a basis whose rows are orthonormal by
    parametrisation the last term is zero up to rounding; it is kept so that a transform with a
    free basis can be trained with the same objective.

    Attributes:
        augmented: Weight of the prediction loss on augmented data.
        equivariance: Weight of the equivariance loss.
        nontriviality: Weight of the norm regulariser.
        orthogonality: Weight of the orthogonality regulariser.
        minimal_norm: Frobenius norm m below which a generator counts as too small.

    Raises:
        ValueError: For a negative weight or norm.

    >>> sorted(SemolaPaperObjective().configuration())[:3]
    ['augmented', 'equivariance', 'minimal_norm']
    """

    augmented: float = 1.0
    equivariance: float = 1.0
    nontriviality: float = 1.0
    orthogonality: float = 1.0
    minimal_norm: float = 1.0

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not value >= 0:
                raise ValueError(f"objective weight {name!r} must be >= 0, got {value}")

    def __call__(self, views: Views) -> dict[str, Tensor]:
        """Return the five terms unweighted, and the ``loss``."""
        terms = {"prediction": views.supervised()}
        loss = terms["prediction"]
        if views.moved is None:
            return {"loss": loss, **terms}
        terms["augmented"] = views.augmented()
        terms["equivariance"] = views.inconsistency()
        loss = loss + self.augmented * terms["augmented"]
        loss = loss + self.equivariance * terms["equivariance"]
        generators = _free_generators(views.transform)
        if generators is not None:
            terms["nontriviality"] = self._nontriviality(generators)
            terms["orthogonality"] = _orthogonality(generators)
            loss = loss + self.nontriviality * terms["nontriviality"]
            loss = loss + self.orthogonality * terms["orthogonality"]
        return {"loss": loss, **terms}

    def configuration(self) -> dict[str, Any]:
        """Return the weights and the name of the objective."""
        return {"objective": type(self).__name__, **asdict(self)}

    def _nontriviality(self, generators: Tensor) -> Tensor:
        norms: Tensor = torch.linalg.vector_norm(generators, dim=1)
        return (self.minimal_norm - norms).clamp(min=0).square().mean()


def _free_generators(transform: nn.Module | None) -> Tensor | None:
    """Coordinates ``[k, m]`` of generators times extents, in a Frobenius-orthonormal basis."""
    basis = getattr(transform, "basis", None)
    extents = getattr(transform, "extents", None)
    if not isinstance(basis, Tensor) or not isinstance(extents, Tensor) or not len(basis):
        return None
    return extents[:, None] * basis


def _orthogonality(generators: Tensor) -> Tensor:
    unit: Tensor = nn.functional.normalize(generators, dim=1)
    cosines: Tensor = (unit @ unit.T).square()
    pairs = len(unit) * (len(unit) - 1)
    off_diagonal: Tensor = cosines.sum() - cosines.diagonal().sum()
    return off_diagonal / max(pairs, 1)
