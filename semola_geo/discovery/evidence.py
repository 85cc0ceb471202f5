"""Predictive evidence: what does enforcing a candidate algebra cost on held-out labels?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from scipy.stats import t as student
from torch_geometric.data import Data

from semola_geo.discovery.teachers import errors_on
from semola_geo.training import SymmetryRegularizedModule

__all__ = ["Evidence", "Scatter", "compare_on"]

_NORMAL = 1.645  # one-sided 95 %
_LEVEL = 0.05


@dataclass(frozen=True)
class Scatter:
    """How far the errors of equal training runs lie apart, for which nothing else is to blame.

    Attributes:
        relative: Standard deviation of the held-out error in units of its mean.
        quantile: Of Student's t, one-sided at 5 % divided by the number of comparisons.
    """

    relative: float = 0.0
    quantile: float = _NORMAL

    @classmethod
    def of(cls, *families: Sequence[float], comparisons: int = 1) -> Scatter:
        """Estimate it from the R² of teachers.

        Args:
            families: R² on held-out graphs of teachers that differ in seeds and halves only, two
                at least; families differ in their augmentation, too, and are not compared.
            comparisons: How many candidates are compared in all (Bonferroni).

        >>> scatter = Scatter.of([0.9, 0.8, 0.9, 0.8], comparisons=2)
        >>> round(scatter.relative, 2), round(scatter.quantile, 2)
        (0.38, 3.18)
        >>> helped = Scatter.of([0.9, 0.8, 0.9, 0.8], [0.99, 0.98, 0.99, 0.98])
        >>> round(helped.relative, 2), round(helped.quantile, 2)
        (0.38, 1.94)
        """
        errors = [[1.0 - value for value in r2] for r2 in families]
        means = [fmean(values) for values in errors]
        freedom = [len(values) - 1 for values in errors]
        squares = [
            count * (stdev(values) / mean) ** 2
            for values, mean, count in zip(errors, means, freedom, strict=True)
            if mean > 0
        ]
        quantile = float(student.ppf(1 - _LEVEL / comparisons, sum(freedom)))
        return cls((sum(squares) / sum(freedom)) ** 0.5, quantile)


@dataclass(frozen=True)
class Evidence:
    """Held-out squared errors, on original data, of an enforced and of a plain model.

    Attributes:
        name: Name of the enforced algebra.
        dimension: Its dimension.
        plain_error: Mean squared error of the plain model, in units of the target's variance.
        enforced_error: The same of the model trained with the algebra enforced.
        loss: Share of the explained variance (that of the better model) that the plain one explains
            and the enforced one does not; NaN where neither explains anything. Noise of the labels
            cancels in it, as it does in λ.
        loss_lower: Lower confidence bound of the loss, over graphs and training runs.
        loss_upper: Upper 95 % confidence bound of the loss, paired over graphs.
        obstacle: Why it acquits nothing, however little it costs; empty where it may.
        refuted: Whether labels refute the algebra, which takes no wide augmentation.
    """

    name: str
    dimension: int
    plain_error: float
    enforced_error: float
    loss: float
    loss_lower: float
    loss_upper: float
    obstacle: str = ""
    refuted: bool = False

    @property
    def cost(self) -> float:
        """Relative increase of the error; negative where the symmetry helped."""
        if self.plain_error == 0.0:
            return float("nan") if self.enforced_error == 0.0 else float("inf")
        return self.enforced_error / self.plain_error - 1.0

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, with the cost as a ratio of the errors."""
        return {
            "algebra": self.name,
            "dimension": self.dimension,
            "plain_error": self.plain_error,
            "enforced_error": self.enforced_error,
            "ratio": 1.0 + self.cost,
            "loss": self.loss,
            "loss_lower": self.loss_lower,
            "loss_upper": self.loss_upper,
            "telling": not self.obstacle,
            "obstacle": self.obstacle,
            "refuted": self.refuted,
        }


def compare_on(
    enforced: SymmetryRegularizedModule,
    plain: SymmetryRegularizedModule,
    graphs: Sequence[Data],
    name: str,
    dimension: int,
    scatter: Scatter | None = None,
    cluster: str | None = None,
) -> Evidence:
    """Compare two models, trained for as many steps, on held-out original data.

    The comparison uses labels, so that it cannot be fooled by a model that became equivariant to
    its own augmentation: a false symmetry costs accuracy.

    Args:
        enforced: Model trained with the algebra enforced.
        plain: The same without.
        graphs: Graphs that neither has seen.
        name: Name of the algebra.
        dimension: Its dimension.
        scatter: How far equal training runs lie apart, by which the loss may be an accident;
            ``None``: not at all.
        cluster: Attribute that graphs share which are no independent samples.
    """
    scatter = scatter or Scatter()
    with_group, deviations = errors_on(enforced, graphs, cluster)
    without, _ = errors_on(plain, graphs, cluster)
    root = len(deviations) ** 0.5
    scale = float(deviations.mean())
    # In units of what the better one explains: a symmetry may be all that makes data explicable.
    explained = deviations - (without if bool(with_group.mean() > without.mean()) else with_group)
    unit = float(explained.mean())
    if not unit > 0.0:
        unit = float("nan")
    loss = float((with_group - without).mean()) / unit
    sampling = float((with_group - without - loss * explained).std()) / root / unit
    runs = scatter.relative * float(with_group.mean() ** 2 + without.mean() ** 2) ** 0.5 / unit
    return Evidence(
        name=name,
        dimension=dimension,
        plain_error=float(without.mean()) / scale,
        enforced_error=float(with_group.mean()) / scale,
        loss=loss,
        loss_lower=loss - scatter.quantile * (sampling**2 + runs**2) ** 0.5,
        loss_upper=loss + _NORMAL * sampling,
    )
