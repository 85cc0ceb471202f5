from __future__ import annotations

import pytest
import torch

from semola_geo.training.metrics import RegressionMetrics


def test_r2_is_measured_from_the_baseline():
    baseline = torch.tensor([10.0, -10.0])
    target = baseline + torch.randn(500, 2, generator=torch.Generator().manual_seed(0))
    metrics = RegressionMetrics()
    metrics.update(baseline.expand(500, 2), target, baseline=baseline)
    assert float(metrics.compute()["r2"]) == pytest.approx(0, abs=0.01)
    assert float(metrics.compute()["mse"]) == pytest.approx(1, abs=0.1)
    metrics.reset()
    # Components that lie apart are no success of a model.
    metrics.update(baseline.expand(500, 2), target)
    assert float(metrics.compute()["r2"]) > 0.9
