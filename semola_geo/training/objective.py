"""What joint learning minimises."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Protocol

from torch import Tensor

from semola_geo.training.views import Views

__all__ = ["Objective", "ObjectiveLike"]


class ObjectiveLike(Protocol):
    """Any callable that turns views into named terms; ``"loss"`` is what is minimised."""

    def __call__(self, views: Views) -> dict[str, Tensor]:
        """Return the terms."""

    def configuration(self) -> dict[str, Any]:
        """Return its options as plain values, for the fingerprint of a run."""


@dataclass(frozen=True)
class Objective:
    r"""The default objective of joint learning.

    .. math:: E\|F(x)-y\|^2 + a\,E\|F(gx)-\rho(g)y\|^2
        + \lambda\,E\|F(gx)-\rho(g)F(x)\|^2 - \beta\,s\,\operatorname{mean}_i e_i

    in units where the target's variance per component is one; s, taken without gradient, is the
    share of it that F explains on plain data. The third term needs no label: rows of graphs whose
    boolean field ``labelled`` is False enter it alone. Two terms of SEMoLA's loss (arXiv
    2506.03914), non-triviality and orthogonality of the basis, hold by construction here. Without a
    transform only the first term is left.

    Of a categorical target the first two squares are cross-entropies in units of the entropy of the
    classes, and the third is half a Jeffreys divergence: :class:`.CrossEntropy`.

    Attributes:
        augmented: Weight a of the supervised term on moved data.
        equivariance: Weight λ of the consistency term; at 0 it costs nothing.
        unmoved: Share of the graphs of a batch that enter as they are, the others enter moved: one
            forward pass instead of two for an unbiased estimate of the same two terms, hence
            twice the steps in the same time; small batches get their share over several steps.
            ``None``: every graph enters both ways, which the consistency term needs.
        extent: Reward β for the mean extent e of the generators, so that a symmetry is used to its
            full range and a spurious generator has to pay for being kept. It is worth what the
            model explains: one that predicts the mean minds no augmentation.
        earned: Whether the reward is scaled by what the model explains; otherwise s = 1.

    Raises:
        ValueError: For a negative weight.

    >>> import torch
    >>> views = Views(prediction=torch.zeros(2, 3), target=torch.ones(2, 3))
    >>> Objective()(views)["loss"]
    tensor(1.)
    """

    augmented: float = 1.0
    equivariance: float = 0.0
    extent: float = 0.1
    unmoved: float | None = None
    earned: bool = True

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value is not None and not value >= 0:
                raise ValueError(f"objective weight {name!r} must be >= 0, got {value}")
        if self.unmoved is not None:
            if not 0 < self.unmoved < 1:
                raise ValueError(f"unmoved must lie in (0, 1) or be None, got {self.unmoved}")
            if self.equivariance:
                raise ValueError(
                    "the consistency term compares both views of a graph: equivariance > 0 needs "
                    f"unmoved=None, got {self.unmoved}"
                )

    def __call__(self, views: Views) -> dict[str, Tensor]:
        """Return the terms ``prediction``, ``augmented``, … unweighted, and the ``loss``."""
        terms = {"prediction": views.supervised()}
        loss = terms["prediction"]
        if views.moved is not None:
            if self.augmented:
                terms["augmented"] = views.augmented()
                loss = loss + self.augmented * terms["augmented"]
            if self.equivariance:
                terms["equivariance"] = views.inconsistency()
                loss = loss + self.equivariance * terms["equivariance"]
        extents = getattr(views.transform, "extents", None)
        if self.extent and isinstance(extents, Tensor) and extents.requires_grad and len(extents):
            terms["extent"] = extents.mean()
            # A model that predicts the mean does not mind any augmentation: where nothing is
            # explained yet, the reward alone would drive all extents to their bound.
            worth = views.explained() if self.earned else 1.0
            loss = loss - self.extent * worth * terms["extent"]
        return {"loss": loss, **terms}

    def configuration(self) -> dict[str, Any]:
        """Return the weights and the name of the objective."""
        return {"objective": type(self).__name__, **asdict(self)}
