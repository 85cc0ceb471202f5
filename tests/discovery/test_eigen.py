from __future__ import annotations

import pytest
import torch

from semola_geo.discovery.eigen import crossed_values, intervals_of, solve_supported
from semola_geo.discovery.forms import ViolationForms
from semola_geo.discovery.support import Support


def form(violation, scale=None, noise=None, motion=None, graphs=1):
    size = len(violation)
    result = ViolationForms.zeros(size)
    eye = torch.eye(size, dtype=torch.float64)
    result.violation = violation.to(torch.float64)
    result.scale = eye.clone() if scale is None else scale
    result.noise = 0.01 * eye if noise is None else noise
    result.motion = eye.clone() if motion is None else motion
    result.graphs = graphs
    return result


def spread(size, seed=0):
    g = torch.Generator().manual_seed(seed)
    half = torch.randn(size, size, generator=g, dtype=torch.float64)
    return half @ half.T + torch.eye(size, dtype=torch.float64)


def solve(*forms, support=None, limit=0.5, candidate=None):
    return solve_supported(list(forms), support, limit, candidate)


def only(*leaving):
    """Support whose share along axis i is ``leaving[i]``."""
    outside = torch.tensor(leaving, dtype=torch.float64).diag()
    return Support(outside, torch.eye(len(leaving), dtype=torch.float64), "by hand")


def test_generalised_eigenvalues_ascend_and_are_stationary():
    violation, scale = spread(5, 1), spread(5, 2)
    found = solve(form(violation, scale))
    assert (found.values.diff() >= 0).all()
    residual = violation @ found.directions - scale @ found.directions * found.values
    assert residual.abs().max() < 1e-10
    torch.testing.assert_close(found.directions.norm(dim=0), torch.ones(5, dtype=torch.float64))


def test_graphs_are_averaged_per_pair():
    found = solve(form(torch.tensor([4.0]).diag(), 2 * torch.eye(1).double(), graphs=2))
    assert float(found.values) == pytest.approx(2.0)


def test_unsupported_directions_come_last_and_do_not_mix():
    # Axis 2 has no violation, but is not supported: no direction with support may contain it.
    found = solve(form(torch.tensor([2.0, 1.0, 0.0]).diag()), support=only(0, 0, 1))
    assert found.values.tolist() == pytest.approx([1.0, 2.0, 0.0])
    assert found.support.tolist() == pytest.approx([0.0, 0.0, 1.0])
    assert found.directions[2, :2].abs().max() < 1e-12


def test_nothing_supported_or_nothing_moves():
    found = solve(form(spread(3)), support=only(1, 1, 1))
    assert found.support.tolist() == pytest.approx([1, 1, 1])
    still = solve(form(torch.zeros(3, 3), motion=torch.zeros(3, 3, dtype=torch.float64)))
    assert still.support.tolist() == [1, 1, 1]
    assert still.directions.shape == (3, 3)


@pytest.mark.parametrize("scale", [torch.diag(torch.tensor([1.0, -1.0])), torch.zeros(2, 2)])
def test_a_scale_that_is_noise_gives_no_number(scale):
    found = solve(form(torch.eye(2), scale.double()))
    assert int(found.values.isnan().sum()) == int((scale.diagonal() <= 0).sum())
    bounds = intervals_of([form(torch.eye(2), scale.double())], found)
    assert torch.equal(bounds.isnan().any(1), found.values.isnan())


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_candidate_is_kept_together(size):
    candidate = torch.linalg.qr(spread(4, 7)).Q[:, :size]
    found = solve(form(spread(4, 3), spread(4, 4)), candidate=candidate)
    assert int(found.in_candidate.sum()) == size
    assert found.directions.shape == (4, 4)
    assert torch.linalg.matrix_rank(found.directions) == 4
    inside = found.directions[:, found.in_candidate]
    assert (inside - candidate @ (candidate.T @ inside)).abs().max() < 1e-10
    assert (found.values.diff() >= 0).all(), "supported directions ascend, kept or not"


@pytest.mark.parametrize(("leaving", "size"), [((0, 1, 1, 1), 2), ((0, 0, 1, 1), 3), ((1,) * 4, 1)])
def test_a_candidate_larger_than_the_support_leaves_a_basis(leaving, size):
    # Refinement may turn a candidate out of the supported span.
    candidate = torch.linalg.qr(spread(4, 7)).Q[:, :size]
    found = solve(form(spread(4, 3)), support=only(*leaving), candidate=candidate)
    assert found.directions.shape == (4, 4)
    assert torch.linalg.matrix_rank(found.directions) == 4
    assert int(found.in_candidate.sum()) == size


def test_a_candidate_that_is_the_whole_algebra():
    found = solve(form(spread(3)), candidate=torch.eye(3, dtype=torch.float64))
    assert found.in_candidate.all()
    torch.testing.assert_close(found.values, solve(form(spread(3))).values)


@pytest.mark.parametrize("value", [0.0, -0.05, 1.0])
def test_one_pair_is_as_unsure_as_its_noise(value):
    # Errors correlated by 0.5: 1.96 * 0.5 * sqrt(N^2 + 2 lambda N), no less than N itself.
    single = form(value * torch.eye(2), noise=0.2 * torch.eye(2).double())
    half = intervals_of([single], solve(single)).diff(dim=1) / 2
    expected = 0.98 * (0.2**2 + 2 * max(value, 0.0) * 0.2) ** 0.5
    torch.testing.assert_close(half, torch.full((2, 1), expected, dtype=torch.float64))


def test_one_pair_cannot_claim_less_than_its_noise():
    # lambda = 0 on the nose, but teachers that disagree by 0.02: 0.01 is out of reach.
    for noise, certain in ((0.02, False), (0.005, True)):
        single = form(torch.zeros(1, 1), noise=torch.tensor([[noise]], dtype=torch.float64))
        assert bool(intervals_of([single], solve(single))[0, 1] < 0.01) is certain


def test_intervals_cover_the_spread_over_pairs():
    # Two pairs, two directions: (2 - 1) * 2 degrees of freedom give t = 4.30; the spread of 0.9
    # and 1.1 is 0.1414.
    pairs = [form(0.9 * torch.eye(2).double()), form(1.1 * torch.eye(2).double())]
    found = solve(*pairs)
    half = intervals_of(pairs, found)[:, 1] - found.values
    torch.testing.assert_close(half, torch.full((2,), 4.30 * 0.1 * 2**0.5, dtype=torch.float64))


def test_a_direction_whose_pairs_agree_by_luck_borrows_the_pooled_spread():
    # Spread over noise: 0 on the first axis, 14 on the others.
    low, high = (torch.tensor([1.0, c, c], dtype=torch.float64).diag() for c in (0.9, 1.1))
    found = solve(form(low), form(high))
    half = intervals_of([form(low), form(high)], found).diff(dim=1)[:, 0] / 2
    assert float(half.min()) == pytest.approx(float(half.max()))


def test_more_pairs_of_the_same_spread_narrow_the_interval():
    few = [form(c * torch.eye(2).double()) for c in (0.9, 1.1)]
    many = [form(c * torch.eye(2).double()) for c in (0.9, 1.1, 0.9, 1.1, 0.9, 1.1)]
    widths = [intervals_of(pairs, solve(*pairs)).diff(dim=1).max() for pairs in (few, many)]
    assert widths[1] < widths[0]


def test_exact_teachers_have_no_width():
    exact = form(torch.eye(2), noise=torch.zeros(2, 2, dtype=torch.float64))
    assert intervals_of([exact, exact], solve(exact, exact)).diff(dim=1).abs().max() == 0


def test_broken_directions_do_not_widen_the_bounds_of_unviolated_ones():
    # Signal times errors makes broken directions scatter by much more than the noise of one that
    # has no signal: four broken ones beside one that agrees to within a thousandth.
    def violated(values):
        return form(torch.tensor(values).double().diag(), noise=0.01 * torch.eye(5).double())

    forms = [violated([0.001, 0.9, 1.0, 1.1, 1.2]), violated([0.0, 1.0, 1.1, 1.2, 1.3])]
    found = solve(*forms)
    low, high = intervals_of(forms, found)[0]
    assert high - low < 0.05
    assert high > 0.001


def test_a_negative_violation_shows_how_far_errors_reach():
    # The pairs agree, so that their spread shows nothing.
    pairs = [form(torch.tensor([-0.06, 0.002, 0.5]).diag(), noise=1e-9 * torch.eye(3).double())] * 2
    found = solve(*pairs)
    torch.testing.assert_close(
        intervals_of(pairs, found)[:, 1], found.values + 0.06, rtol=0, atol=1e-6
    )
    # What the data do not test shows nothing either.
    found = solve(*pairs, support=only(1, 0, 0))
    upper = intervals_of(pairs, found, limit=0.5)[:, 1]
    assert float(upper[0]) < 0.0021


@pytest.mark.parametrize("seed", range(5))
def test_no_upper_bound_is_negative(seed):
    g = torch.Generator().manual_seed(seed)
    errors = torch.randn(2, 6, 6, generator=g, dtype=torch.float64) * 0.05
    pairs = [form(error + error.T) for error in errors]
    found = solve(*pairs)
    assert float(found.values[0]) < 0
    assert float(intervals_of(pairs, found)[:, 1].min()) >= 0


def crossed(forms, candidate=None, support=None, limit=0.5):
    found = solve(*forms, candidate=candidate, support=support, limit=limit)
    return found, crossed_values(list(forms), found, support, limit, candidate)


def test_directions_chosen_on_other_pairs_show_what_the_choice_made_of_them():
    # No direction is violated more than another: 0.5 everywhere, and errors. The smallest of eight
    # values, on its own pairs, is far below that; on others it is 0.5 up to their own error.
    g = torch.Generator().manual_seed(0)
    optimism, error = [], []
    for _ in range(40):
        errors = 0.1 * torch.randn(2, 8, 8, generator=g, dtype=torch.float64)
        pairs = [form(0.5 * torch.eye(8).double() + (e + e.T) / 2) for e in errors]
        found, values = crossed(pairs)
        optimism.append(0.5 - float(found.values[0]))
        error.append(float(values[0]) - 0.5)
    assert sum(optimism) / 40 > 0.1
    # The mean of 40 means of two errors of standard deviation 0.1.
    assert abs(sum(error) / 40) < 4 * 0.1 / 80**0.5


def test_pairs_that_agree_choose_what_they_test():
    pairs = [form(spread(5, 1), spread(5, 2))] * 3
    found, values = crossed(pairs)
    torch.testing.assert_close(values, found.values)


def test_a_candidate_is_crossed_within_itself():
    candidate = torch.eye(4, dtype=torch.float64)[:, 1:3]
    pairs = [form(torch.tensor(v).double().diag()) for v in ([0.9, 0.2, 0.1, 0.0],) * 2]
    found, values = crossed(pairs, candidate)
    assert found.in_candidate.tolist() == [False, True, True, False]
    torch.testing.assert_close(values, found.values)


def test_nothing_is_crossed_without_other_pairs_or_support():
    assert crossed([form(torch.eye(2))])[1].isnan().all()
    pairs = [form(torch.tensor([0.3, 0.2, 0.1]).diag())] * 2
    assert crossed(pairs, support=only(0, 0, 1))[1].isnan().tolist() == [False, False, True]


def test_no_bound_is_closer_than_the_choice_of_directions():
    # The pairs contradict each other about which direction is violated, and both know it well.
    values = ([0.0, 1.0], [1.0, 0.0])
    pairs = [
        form(torch.tensor(v).double().diag(), noise=1e-9 * torch.eye(2).double()) for v in values
    ]
    found, chosen = crossed(pairs)
    low, high = intervals_of(pairs, found, crossed=chosen).unbind(-1)
    assert (low <= chosen + 1e-12).all()
    assert (high >= chosen - 1e-12).all()
    assert found.values.tolist() == pytest.approx([0.5, 0.5])
