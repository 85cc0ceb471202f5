"""Evaluation and prediction of a model in a target's own units."""

from __future__ import annotations

from collections.abc import Mapping

import lightning as L
from torch import Tensor, nn
from torch_geometric.data import Batch, Data

from semola_geo.representations import Representation
from semola_geo.training.class_normalizer import ClassNormalizer
from semola_geo.training.labels import labelled_rows, labelled_targets
from semola_geo.training.metrics import RegressionMetrics
from semola_geo.training.monitor import ACCURACY, ERROR, Monitor
from semola_geo.training.normalizer import TargetNormalizer

__all__ = ["RegressionModule"]


class RegressionModule(L.LightningModule):
    """A model of one target: its units, its predictions, its held-out errors.

    Args:
        model: Maps a batch to ``[B, ...]`` or ``[N, ...]`` in normalised units.
        target: Name of the target field.
        fields: Name → representation.
        normalizer: Units of the target; ``None``: made by :meth:`fit_normalizer`.
        categorical: Whether the target is 1 at one class and 0 at all others. The model then
            returns logits, trained with cross-entropy, and predictions in data units are
            probabilities of the classes; accuracy and cross-entropy are logged, too.

    Raises:
        ValueError: If the normalizer is not one of such a target.
    """

    def __init__(
        self,
        model: nn.Module,
        *,
        target: str,
        fields: Mapping[str, str | Representation],
        normalizer: TargetNormalizer | None = None,
        categorical: bool = False,
    ) -> None:
        super().__init__()
        if normalizer is not None and isinstance(normalizer, ClassNormalizer) != categorical:
            raise ValueError(
                f"categorical={categorical} does not go with a {type(normalizer).__name__}: "
                "a categorical target needs a ClassNormalizer, any other a TargetNormalizer"
            )
        self.model, self.target = model, target
        self.fields = {name: str(representation) for name, representation in fields.items()}
        self.normalizer = normalizer
        self.categorical = categorical
        self.validation_metrics = RegressionMetrics(categorical)
        self.test_metrics = RegressionMetrics(categorical)

    def fit_normalizer(self, batch: Batch) -> TargetNormalizer:
        """Learn the target's units from the training data, all in one batch.

        Raises:
            ValueError: If the target has NaN or infinite values, or is said to be categorical and
                does not indicate classes.
        """
        if self.normalizer is None:
            representation = self.fields[self.target]
            units = ClassNormalizer if self.categorical else TargetNormalizer
            self.normalizer = units.for_field(self.target, representation, batch)
        return self.normalizer.fit(*labelled_targets(batch, self.target))

    @property
    def monitor(self) -> Monitor:
        """What the best epoch is chosen by."""
        return ACCURACY if self.categorical else ERROR

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
        """Log ``val/mae`` (data units), ``val/mse`` and ``val/r2`` (normalised).

        Of classes all three compare probabilities with indicators, and ``val/accuracy`` and
        ``val/cross_entropy`` (nats) are logged beside them.
        """
        self._report(self.validation_metrics, "val")

    def on_test_epoch_end(self) -> None:
        """Log the same as of validation data, under ``test/``."""
        self._report(self.test_metrics, "test")

    def _measure(self, metrics: RegressionMetrics, batch: Batch) -> None:
        units, target = self.units, batch[self.target]
        own: tuple[Tensor, ...]
        if self.categorical:
            # Logits have no targets, and the largest is not that of the likeliest class.
            prediction, own = self(batch), ()
        else:
            prediction, target = self.model(batch), units.normalize(target, batch)
            own = (units.scale, units.baseline)
        known = labelled_rows(batch, self.target)
        if known is not None:
            prediction, target = prediction[known], target[known]
        metrics.update(prediction, target, *own)

    def _report(self, metrics: RegressionMetrics, prefix: str) -> None:
        self.log_dict({f"{prefix}/{name}": v for name, v in metrics.compute().items()})
        metrics.reset()
