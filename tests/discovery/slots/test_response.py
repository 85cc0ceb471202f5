"""What teachers answer when nodes change slots, and in which unit it is measured."""

import pytest
import torch

from semola_geo.discovery.finite import assess

TURN, FLIP, SWAP = [1, 2, 3, 4, 5, 0], [0, 5, 4, 3, 2, 1], [1, 0, 2, 3, 4, 5]


@pytest.fixture
def probe_of(slot_teachers):
    return slot_teachers.probe_of


@pytest.mark.parametrize(
    ("function", "target", "symmetric"),
    [
        ("ring", "scalar", [True, False, False]),
        ("mirror_ring", "scalar", [True, True, False]),
        ("nodewise", "scalar@slot", [True, True, False]),
        ("blocks", "scalar", [False, False, True]),
        ("weighted", "scalar", [False, False, False]),
    ],
)
def test_symmetries_stand_apart(probe_of, function, target, symmetric):
    probe = probe_of(function, 6, target, size=0.05)
    values = probe.violations(torch.tensor([TURN, FLIP, SWAP]))
    for value, expected in zip(values.tolist(), symmetric, strict=True):
        assert abs(value) < 0.01 if expected else value > 0.05


def test_contributions_that_add_up_have_the_violation_of_their_weights(probe_of):
    # F = Σ wᵢ sin xᵢ: exchanging i and j violates by (wᵢ − wⱼ)² / (wᵢ² + wⱼ²), whatever n.
    for slots in (3, 12):
        weights = torch.linspace(0.3, 2.0, slots)
        image = torch.arange(slots)
        image[0], image[slots - 1] = slots - 1, 0
        probe = probe_of("weighted", slots, size=0.0, graphs=2000)
        low, high = float(weights[0]), float(weights[-1])
        expected = (low - high) ** 2 / (low**2 + high**2)
        assert float(probe.violations(image[None])) == pytest.approx(expected, rel=0.1)


def test_the_gradient_path_agrees_with_the_plain_one(probe_of):
    for function, target in (("ring", "scalar"), ("nodewise", "scalar@slot")):
        probe = probe_of(function, 6, target, graphs=60, count=1)
        images = torch.tensor([TURN, FLIP, SWAP])
        matrices = torch.nn.functional.one_hot(images, 6).mT.double().requires_grad_()
        soft = probe.relative_violation(images, matrices, torch.arange(60))
        products = probe.products(images)
        scale = (images != torch.arange(6)).double() @ probe.effects[0].mean(1)
        scale = scale.clamp_max(float(probe.contrast[0].mean()))
        torch.testing.assert_close(soft.detach(), products.violation[0].mean(1) / scale)
        (gradient,) = torch.autograd.grad(soft.sum(), matrices)
        assert bool((gradient.abs().flatten(1).sum(1) > 0).all())


def test_agreement_and_chunks(probe_of, monkeypatch):
    assert probe_of("ring", 6, size=0.0).agreement == pytest.approx(1.0)
    assert abs(probe_of("nothing", 6, size=1.0).agreement) < 0.5
    probe = probe_of("ring", 6, graphs=50)
    images = torch.rand(9, 6).argsort(1)
    whole = assess(probe.products(images))
    monkeypatch.setattr("semola_geo.discovery.slots.response._CHUNK", 100)
    torch.testing.assert_close(assess(probe.products(images)).intervals, whole.intervals)


def test_foreign_places_do_not_inflate_the_scale(probe_of):
    calm = probe_of("ring", 6, "scalar", graphs=200)
    wild = probe_of("ring", 6, "scalar", graphs=200)
    # As two atoms on top of each other: effects without a bound.
    wild.pairs = [
        tuple(lambda batch, ask=ask: ask(batch) + 1e6 * _strange(batch, wild) for ask in pair)
        for pair in wild.pairs
    ]
    bound = float(wild.contrast.mean())
    assert abs(bound / float(calm.contrast.mean()) - 1) < 1e-9
    assert float(wild.effects.mean((0, 2)).max()) <= bound * (1 + 1e-9)
    assert float(wild.products(torch.tensor([SWAP])).scale.mean()) <= bound * (1 + 1e-9)


def _strange(batch, probe):
    """Tell graphs that are none of the probe's own."""
    own = probe.batch().x.reshape(-1, 6)
    rows = batch.x.reshape(-1, 6)
    return (torch.cdist(rows, own).min(1).values > 1e-6).double()
