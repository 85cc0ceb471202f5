from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from semola_geo.algebra import LieAlgebra
from semola_geo.training import ClosureProjection, SymmetryRegularizedModule
from semola_geo.transforms import LearnableSymmetryTransform

SE3 = LieAlgebra.from_name("se(3)")


def disturbed(size, seed=0):
    """A transform whose span is se(3) plus noise of a given size per coefficient."""
    transform = LearnableSymmetryTransform.from_algebra(SE3, {"pos": "point"}, ambient="Aff(3)")
    g = torch.Generator().manual_seed(seed)
    raw = transform.law.raw_basis
    noise = size * torch.randn(raw.shape, generator=g, dtype=torch.float64)
    transform.law.set_basis(transform.basis.detach() + noise)
    return transform


def worst(transform, algebra=SE3):
    return max(transform.algebra.principal_angles(algebra))


@pytest.mark.parametrize("seed", range(3))
def test_closing_lowers_the_noise(seed):
    # Noise of 0.03 in 6 x 6 directions off se(3) turns it by a few degrees; closed spans near it
    # are conjugates of se(3), so that only the noise along those is left.
    transform = disturbed(0.03, seed=seed)
    before = worst(transform)
    assert before > 2
    assert transform.normalized_algebra.closure_defect() > 1e-3
    assert transform.close()
    assert transform.normalized_algebra.closure_defect() < 1e-8
    assert worst(transform) <= before * 1.05
    assert transform.normalized_algebra.name == "se(3)"


def test_spans_of_dimension_one_are_closed_already():
    transform = LearnableSymmetryTransform(
        {"pos": "point"}, "SO(3)", 1, generator=torch.Generator().manual_seed(3)
    )
    before = transform.basis.detach().clone()
    assert transform.close()
    torch.testing.assert_close(transform.basis.detach(), before)


def test_closed_spans_stay_and_generators_keep_their_places():
    transform = disturbed(0.0)
    before = transform.basis.detach().clone()
    assert transform.close()
    torch.testing.assert_close(transform.basis.detach(), before, atol=1e-8, rtol=0)
    noisy = disturbed(0.02)
    before = noisy.basis.detach().clone()
    noisy.close()
    assert (noisy.basis.detach() * before).sum(1).min() > 0.99


def test_a_span_far_from_any_algebra_is_left_alone():
    transform = disturbed(0.03)
    before = transform.basis.detach().clone()
    assert not transform.close(max_angle=1e-3)
    assert torch.equal(transform.basis.detach(), before)


@pytest.mark.parametrize("count", [0, 3])
def test_nothing_to_do(count):
    transform = LearnableSymmetryTransform({"pos": "point"}, "SO(3)", count)
    assert transform.close()


def test_projection_depends_on_the_step_alone(monkeypatch):
    calls = []
    transform = disturbed(0.0)
    monkeypatch.setattr(transform, "close", calls.append)
    module = SimpleNamespace(transform=transform)
    callback = ClosureProjection(every_n_steps=4, max_angle=7.0)
    seen = []
    for step in range(1, 11):
        callback.on_train_batch_end(SimpleNamespace(global_step=step, max_steps=10), module)
        seen.append(len(calls))
    assert seen == [0, 0, 0, 1, 1, 1, 1, 2, 2, 3]
    assert set(calls) == {7.0}


def test_modules_without_a_learnable_symmetry_are_left_alone():
    callback = ClosureProjection(every_n_steps=1)
    trainer = SimpleNamespace(global_step=1, max_steps=1)
    plain = SymmetryRegularizedModule(torch.nn.Identity(), target="y", fields={"y": "scalar"})
    callback.on_train_batch_end(trainer, plain)
    callback.on_train_batch_end(trainer, SimpleNamespace())


def test_training_ends_on_a_closed_algebra(toy):
    module, _ = toy.train(steps=7, callbacks=[ClosureProjection(3, max_angle=90.0)])
    span = module.transform.normalized_algebra
    assert span.closure_defect() < 1e-6 or not module.transform.close(90.0)


@pytest.mark.parametrize(("steps", "angle"), [(0, 20.0), (10, 0.0), (10, float("nan"))])
def test_numbers_must_be_positive(steps, angle):
    with pytest.raises(ValueError, match="must be positive"):
        ClosureProjection(steps, angle)
