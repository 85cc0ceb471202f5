"""Predictive evidence: what does enforcing a candidate algebra cost on held-out labels?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch_geometric.data import Data

from semola_geo.discovery.teachers import errors_on
from semola_geo.training import SymmetryRegularizedModule

__all__ = ["Evidence", "compare_on"]

_NORMAL = 1.645  # one-sided 95 %


@dataclass(frozen=True)
class Evidence:
    """Held-out squared errors, on original data, of an enforced and of a plain model.

    Attributes:
        name: Name of the enforced algebra.
        dimension: Its dimension.
        plain_error: Mean squared error of the plain model, in units of the target's variance.
        enforced_error: The same of the model trained with the algebra enforced.
        cost: Relative increase of the error; negative where the symmetry helped.
        upper: Upper 95 % confidence bound of the cost, paired over graphs.
    """

    name: str
    dimension: int
    plain_error: float
    enforced_error: float
    cost: float
    upper: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, with costs as ratios of the errors."""
        return {
            "algebra": self.name,
            "dimension": self.dimension,
            "plain_error": self.plain_error,
            "enforced_error": self.enforced_error,
            "ratio": 1.0 + self.cost,
            "upper": 1.0 + self.upper,
        }


def compare_on(
    enforced: SymmetryRegularizedModule,
    plain: SymmetryRegularizedModule,
    graphs: Sequence[Data],
    name: str,
    dimension: int,
) -> Evidence:
    """Compare two models, trained for as many steps, on held-out original data.

    The comparison uses labels, so that it cannot be fooled by a model that became equivariant to
    its own augmentation: a false symmetry costs accuracy.
    """
    with_group, deviations = errors_on(enforced, graphs)
    without, _ = errors_on(plain, graphs)
    ratio = with_group.mean() / without.mean()
    influence = (with_group - ratio * without) / without.mean()
    spread = float(influence.std()) / len(graphs) ** 0.5
    scale = float(deviations.mean())
    return Evidence(
        name=name,
        dimension=dimension,
        plain_error=float(without.mean()) / scale,
        enforced_error=float(with_group.mean()) / scale,
        cost=float(ratio) - 1.0,
        upper=float(ratio) - 1.0 + _NORMAL * spread,
    )
