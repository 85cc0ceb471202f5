"""Evaluation and prediction of a regression model in a target's own units."""

from __future__ import annotations

from collections.abc import Mapping

import lightning as L
from torch import Tensor, nn
from torch_geometric.data import Batch, Data

from semola_geo.representations import Representation
from semola_geo.training.metrics import RegressionMetrics
from semola_geo.training.normalizer import TargetNormalizer, labelled_targets

__all__ = ["RegressionModule"]


class RegressionModule(L.LightningModule):
    """A model of one target: its units, its predictions, its held-out errors.

    Args:
        model: Maps a batch to ``[B, ...]`` or ``[N, ...]`` in normalised units.
        target: Name of the target field.
        fields: Name → representation.
        normalizer: Units of the target; ``None``: made by :meth:`fit_normalizer`.
    """

    def __init__(
        self,
        model: nn.Module,
        *,
        target: str,
        fields: Mapping[str, str | Representation],
        normalizer: TargetNormalizer | None = None,
    ) -> None:
        super().__init__()
        self.model, self.target = model, target
        self.fields = {name: str(representation) for name, representation in fields.items()}
        self.normalizer = normalizer
        self.validation_metrics, self.test_metrics = RegressionMetrics(), RegressionMetrics()

    def fit_normalizer(self, batch: Batch) -> TargetNormalizer:
        """Learn the target's units from the training data, all in one batch.

        Raises:
            ValueError: If the target has NaN or infinite values.
        """
        if self.normalizer is None:
            representation = self.fields[self.target]
            self.normalizer = TargetNormalizer.for_field(self.target, representation, batch)
        return self.normalizer.fit(*labelled_targets(batch, self.target))

    @property
    def units(self) -> TargetNormalizer:
        """Units of the target.

        Raises:
            ValueError: If they were not learned yet.
        """
        if self.normalizer is None or not bool(self.normalizer.fitted):
            raise ValueError(
                "the units of the target are unknown: train with semola_geo.training.fit, or call "
                "module.fit_normalizer(batch of all training graphs) first"
            )
        return self.normalizer

    def forward(self, batch: Data) -> Tensor:
        """Predict in data units, ``[B, ...]`` or ``[N, ...]``."""
        return self.units.denormalize(self.model(batch), batch)

    def predict_step(self, batch: Batch, batch_idx: int = 0) -> Tensor:
        """Predict in data units."""
        return self(batch)  # type: ignore[no-any-return]

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Measure the error on original, unmoved data."""
        self._measure(self.validation_metrics, batch)

    def test_step(self, batch: Batch, batch_idx: int) -> None:
        """Measure the error on original, unmoved data."""
        self._measure(self.test_metrics, batch)

    def on_validation_epoch_end(self) -> None:
        """Log ``val/mae`` (data units), ``val/mse`` and ``val/r2`` (normalised)."""
        self._report(self.validation_metrics, "val")

    def on_test_epoch_end(self) -> None:
        """Log ``test/mae`` (data units), ``test/mse`` and ``test/r2`` (normalised)."""
        self._report(self.test_metrics, "test")

    def _measure(self, metrics: RegressionMetrics, batch: Batch) -> None:
        target = self.units.normalize(batch[self.target], batch)
        metrics.update(self.model(batch), target, self.units.scale)

    def _report(self, metrics: RegressionMetrics, prefix: str) -> None:
        self.log_dict({f"{prefix}/{name}": v for name, v in metrics.compute().items()})
        metrics.reset()
