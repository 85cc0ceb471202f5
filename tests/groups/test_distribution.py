"""The learnable law: orthonormal by construction, bounded, and able to move."""

import math

import pytest
import torch

from semola_geo.groups import LieDistribution, parse_ambient


def law(name="Aff(3)", k=6, seed=0, **options):
    generator = torch.Generator().manual_seed(seed)
    return LieDistribution(parse_ambient(name), k, generator=generator, **options)


def eye(k):
    return torch.eye(k, dtype=torch.float64)


@pytest.mark.parametrize("name", ["SO(2)", "E(3)", "Sim(4)", "Poincare(1,3)", "Aff(3)"])
def test_rows_stay_orthonormal_and_gradients_finite_at_orthonormal_rows(name):
    size = len(parse_ambient(name))
    for k in {1, size // 2, size} - {0}:
        distribution = law(name, k)
        torch.testing.assert_close(distribution.raw_basis.detach(), distribution.basis.detach())
        element = distribution.sample(7, torch.Generator().manual_seed(1))
        element.matrix.square().sum().backward()
        for parameter in distribution.parameters():
            assert parameter.grad is not None and torch.isfinite(parameter.grad).all()
        with torch.no_grad():
            distribution.raw_basis += 0.3 * distribution.raw_basis.flip(1) + 0.1
        basis = distribution.basis.detach()
        torch.testing.assert_close(basis @ basis.T, eye(k))


def test_gradients_match_finite_differences():
    distribution = law("SE(2)", 2, extent=0.7)

    def sampled(basis, extents):
        values = {"raw_basis": basis, "raw_extents": extents}
        generator = torch.Generator().manual_seed(3)
        return torch.func.functional_call(distribution, values, (3, generator)).matrix

    distribution.forward = distribution.sample
    inputs = [p.detach().clone().requires_grad_() for p in distribution.parameters()]
    assert torch.autograd.gradcheck(sampled, inputs)


def test_full_basis_spans_the_ambient_algebra_whatever_the_parameters():
    distribution = law("SE(3)", 6)
    torch.testing.assert_close(distribution.basis.detach(), eye(6))
    with torch.no_grad():
        distribution.raw_basis += 0.5 * torch.randn(
            6, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64
        )
    basis = distribution.basis.detach()
    torch.testing.assert_close(basis.T @ basis, eye(6))


def test_span_moves_under_optimisation():
    """From a random start, learn the plane of generators that leave the first axis alone."""
    distribution = law("GL(2)", 2, seed=5)
    optimizer = torch.optim.Adam(distribution.parameters(), lr=3e-2)
    generator = torch.Generator().manual_seed(0)
    point = torch.tensor([[1.0], [0.0]], dtype=torch.float64)

    def moved():
        return ((distribution.generators() @ point).square().sum()).item()

    before = moved()
    for _ in range(300):
        optimizer.zero_grad()
        matrix = distribution.sample(32, generator).matrix
        (matrix @ point - point).square().sum((1, 2)).mean().backward()
        optimizer.step()
    assert before > 0.1 and moved() < 1e-3 * before


@pytest.mark.parametrize("optimizer", [torch.optim.SGD, torch.optim.Adam])
@pytest.mark.parametrize("reward", [1e4, -1e4])
def test_extents_neither_run_away_nor_collapse(optimizer, reward):
    distribution = law("Aff(3)", 6, max_extent=2.5)
    steps = optimizer([distribution.raw_extents], lr=0.1)
    for _ in range(200):
        steps.zero_grad()
        (-reward * distribution.extents.mean()).backward()
        steps.step()
    extents = distribution.extents.detach()
    assert torch.isfinite(distribution.raw_extents).all()
    assert (extents >= 0).all() and (extents <= 2.5).all()
    assert torch.isfinite(distribution.sample(64).matrix).all()
    # The reward is switched off again: the extents find their way back.
    steps = optimizer([distribution.raw_extents], lr=0.02)
    for _ in range(400):
        steps.zero_grad()
        (distribution.extents - 1.0).square().sum().backward()
        steps.step()
    torch.testing.assert_close(
        distribution.extents.detach(), torch.ones(6, dtype=torch.float64), atol=0.1, rtol=0
    )


def test_coefficients_are_uniform_up_to_the_extents():
    distribution = law("T(2)", 2)
    distribution.set_extents(torch.tensor([0.5, 2.0]))
    shift = distribution.sample(20_000, torch.Generator().manual_seed(0)).translation.detach()
    for column, extent in zip(shift.T, (0.5, 2.0), strict=True):
        assert float(column.abs().max()) <= extent
        assert abs(float(column.mean())) < 5 * float(column.std()) / math.sqrt(20_000)
        third = column.square()
        assert abs(float(third.mean()) - extent**2 / 3) < 5 * float(third.std()) / math.sqrt(20_000)


@pytest.mark.parametrize(("name", "share"), [("O(3)", 0.5), ("E(2)", 0.5), ("SO(3)", 0.0)])
def test_share_of_reflections(name, share):
    element = law(name, 1).sample(4_000, torch.Generator().manual_seed(0)).detach()
    improper = (torch.linalg.det(element.linear) < 0).double().mean()
    assert abs(float(improper) - share) <= 5 * math.sqrt(share * (1 - share) / 4_000)


def test_factors_multiply():
    one = law("SL(2)", 3, num_factors=1)
    two = law("SL(2)", 3, num_factors=2)
    single = one.sample(8, torch.Generator().manual_seed(0)).matrix
    double = two.sample(4, torch.Generator().manual_seed(0)).matrix
    torch.testing.assert_close(double, single[:4] @ single[4:])


def test_generators_decide_and_nothing_is_drawn_globally_with_one():
    state = torch.get_rng_state()
    first, again, other = (
        law("E(3)", 4, seed=2).sample(5, torch.Generator().manual_seed(s)).matrix.detach()
        for s in (0, 0, 1)
    )
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert torch.equal(state, torch.get_rng_state())


def test_no_generators():
    distribution = law("Aff(3)", 0)
    element = distribution.sample(3)
    torch.testing.assert_close(element.matrix.detach(), eye(4).repeat(3, 1, 1))
    element.matrix.sum().backward()
    assert distribution.basis.shape == (0, 12) and distribution.extents.shape == (0,)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"k": 13}, r"num_generators must lie between 0 and 12.*Aff\(3\), got 13"),
        ({"k": -1}, "num_generators must lie between 0 and 12"),
        ({"extent": 0.0}, "0 < extent < max_extent, got extent=0.0"),
        ({"extent": 3.0}, "0 < extent < max_extent"),
        ({"extent": math.nan}, "0 < extent < max_extent"),
        ({"max_extent": math.inf}, "0 < extent < max_extent"),
        ({"num_factors": 0}, "num_factors must be at least 1"),
    ],
)
def test_options_that_are_refused(options, text):
    with pytest.raises(ValueError, match=text):
        law(**options)


def test_extents_that_are_refused():
    with pytest.raises(ValueError, match=r"extents must lie in \(0, 3\.0\)"):
        law().set_extents(torch.full((6,), 3.5))


@pytest.mark.parametrize("share", [True, False, None])
def test_reflections_can_be_switched_off(share):
    distribution = law("E(3)", 6, reflections=share)
    determinant = torch.linalg.det(distribution.sample(200).linear.detach())
    assert bool((determinant < 0).any()) == (share is not False) == distribution.reflects
    # The switch travels with the state.
    other = law("E(3)", 6, seed=1)
    other.load_state_dict(distribution.state_dict())
    assert other.reflects == distribution.reflects


def test_the_switch_leaves_the_connected_part_alone():
    off, on = law("E(3)", 6, reflections=False), law("E(3)", 6)
    one, two = (d.sample(50, torch.Generator().manual_seed(0)).matrix.detach() for d in (off, on))
    kept = torch.linalg.det(two[:, :3, :3]) > 0
    assert 5 < int(kept.sum()) < 45
    assert torch.equal(one[kept], two[kept])


def test_reflections_that_are_refused():
    with pytest.raises(ValueError, match=r"reflections=True needs an ambient.*'E\(3\)'.*'SE\(3\)'"):
        law("SE(3)", 6, reflections=True)
    with pytest.raises(ValueError, match=r"SE\(3\) has no reflections"):
        law("SE(3)", 6).set_reflection(torch.diag(torch.tensor([-1.0, 1, 1, 1])))
    with pytest.raises(ValueError, match="determinant −1"):
        law("E(3)", 6).set_reflection(torch.eye(4, dtype=torch.float64))
