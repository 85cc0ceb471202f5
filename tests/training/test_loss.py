from __future__ import annotations

import pytest
import torch

from semola_geo.training.loss import CrossEntropy, SquaredError

PRIOR = torch.tensor([0.5, 0.25, 0.25], dtype=torch.float64)
LOSS = CrossEntropy(PRIOR.log(), -(PRIOR * PRIOR.log()).sum())


def test_knowing_only_the_frequencies_costs_one():
    y = torch.eye(3)[[0, 0, 1, 2]]
    assert float(LOSS.error(torch.zeros(4, 3), y).mean()) == pytest.approx(1.0)


def test_logits_beside_the_frequencies_by_hand():
    # Odds 2 : 1 : 1 of the prior times 1 : 4 : 2 of the logits.
    logits = torch.tensor([[1.0, 4.0, 2.0]]).log()
    error = LOSS.error(logits, torch.tensor([[0.0, 1.0, 0.0]]))
    assert float(error) == pytest.approx(float(torch.tensor(2.0).log() / LOSS.entropy), rel=1e-6)


def test_divergence_is_symmetric_and_blind_to_what_softmax_ignores():
    first, second = torch.randn(2, 5, 3, generator=torch.Generator().manual_seed(0))
    there, back = LOSS.divergence(first, second), LOSS.divergence(second, first)
    assert there.shape == (5,) and bool((there > 0).all())
    assert torch.allclose(there, back)
    assert torch.allclose(LOSS.divergence(first, first + 7.0), torch.zeros(5), atol=1e-5)


def test_nan_logits_stay_nan():
    logits = torch.full((1, 3), torch.nan)
    assert bool(LOSS.error(logits, torch.eye(3)[:1]).isnan().all())


def test_gradient_is_finite_for_sure_and_wrong_logits():
    logits = torch.tensor([[1e4, 0.0, 0.0]], requires_grad=True)
    LOSS.error(logits, torch.tensor([[0.0, 1.0, 0.0]])).sum().backward()
    assert bool(logits.grad.isfinite().all()) and bool(logits.grad.abs().sum() > 0)


def test_squares_per_component():
    error = SquaredError().error(torch.zeros(1, 2), torch.tensor([[1.0, 3.0]]))
    assert error.tolist() == [[1.0, 9.0]]
