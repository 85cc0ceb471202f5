"""Labels about violations, with analytic teachers."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from torch_geometric.data import Batch, Data

from semola_geo.discovery import DiscoverySettings, Thresholds, Verdict, ask_labels
from semola_geo.discovery.ask_labels import corroborate
from semola_geo.discovery.corroboration import Corroboration, drift, smoothed, stretch
from semola_geo.discovery.problem import Problem
from semola_geo.fields import Fields
from semola_geo.groups import parse_ambient
from semola_geo.representations import parse_representation

TURN = torch.tensor([[0.0, -1.0], [1.0, 0.0]], dtype=torch.float64) / 2**0.5


def shape(data):
    """A function that rotations leave alone, and the square of one that they do not."""
    x = data.x
    return x.square().sum(1, keepdim=True), x[:, :1].square()


def problem_of(count=400, broken=0.0, stretch=1.0, noise=0.3, seed=0, **options):
    g = torch.Generator().manual_seed(seed)
    graphs = []
    for number in range(count):
        x = torch.randn(1, 2, generator=g, dtype=torch.float64)
        x = x * torch.tensor([1.0, stretch], dtype=torch.float64)
        data = Data(x=x, family=torch.tensor(number // 4))
        invariant, other = shape(data)
        data.y = invariant + broken * other + noise * torch.randn(1, 1, generator=g)
        graphs.append(data)
    return Problem.prepare(
        graphs,
        "y",
        {"x": "vector", "y": "scalar"},
        parse_ambient("SO(2)"),
        lambda: torch.nn.Identity(),
        0,
        DiscoverySettings(progress=False, holdout=0.5, **options),
    )


def teacher(broken, error=0.0, number=0):
    """Knows what is invariant, and believes in a violation; errs in its own way beside that."""

    def predict(batch):
        invariant, other = shape(batch)
        own = torch.sin(5 * batch.x[:, :1] + number)
        return invariant + broken * other + error * own

    return predict


def ask(problem, pairs):
    return corroborate(problem, pairs, TURN[None])[0]


@pytest.mark.parametrize("believed", [0.1, 0.5, 2.0])
def test_what_all_teachers_make_up_is_not_borne_out(believed):
    found = ask(problem_of(), [(teacher(believed), teacher(believed))])
    assert found.drift < 0.1
    # A takes part of the error away: what is left of it speaks against itself.
    assert found.share < 0
    assert not found.confirmed


@pytest.mark.parametrize("broken", [0.5, 1.0])
def test_a_real_violation_is_borne_out(broken):
    pairs = [(teacher(broken, 0.1, k), teacher(broken, 0.1, k + 10)) for k in (1, 2)]
    found = ask(problem_of(broken=broken), pairs)
    assert found.share == pytest.approx(1.0, abs=0.3)
    assert found.confirmed
    assert f"labels bear out {100 * found.share:.0f} % of it" in str(found)


def test_teachers_that_see_three_times_as_much_are_not_believed():
    found = ask(problem_of(broken=0.5), [(teacher(1.5), teacher(1.5))])
    assert found.share < 0.5
    assert not found.confirmed


def test_where_poses_differ_labels_are_not_asked():
    found = ask(problem_of(broken=1.0, stretch=0.5), [(teacher(1.0),) * 2])
    assert found.drift > 0.1
    assert not found.confirmed
    assert "data differ between poses" in str(found)


def test_a_share_of_half_is_confirmed_at_the_stated_level():
    # 400 estimates of a share that is at the bound: at most 5 % are above it; more than 35 with
    # probability < 0.001 (binomial).
    g = torch.Generator().manual_seed(0)
    confirmed = 0
    for _ in range(400):
        seen = 1 + torch.randn(200, generator=g, dtype=torch.float64)
        borne = 0.5 * seen + torch.randn(200, generator=g, dtype=torch.float64)
        confirmed += Corroboration.of(borne, seen, 0.0, 1).confirmed
    assert 5 <= confirmed <= 35


def test_more_directions_need_more_evidence():
    g = torch.Generator().manual_seed(0)
    seen = 1 + torch.rand(100, generator=g, dtype=torch.float64)
    borne = seen + torch.randn(100, generator=g, dtype=torch.float64)
    one, six = (Corroboration.of(borne, seen, 0.0, count) for count in (1, 6))
    assert one.share == six.share
    assert six.lower < one.lower < one.share


@pytest.mark.parametrize("seen", [torch.ones(29), -torch.ones(100), torch.zeros(0)])
def test_few_samples_or_no_common_violation_confirm_nothing(seen):
    found = Corroboration.of(seen.double(), seen.double(), 0.0, 1)
    assert math.isnan(found.share)
    assert not found.confirmed
    assert "agree on no violation" in str(found)


def test_copies_are_no_further_samples():
    pair = [(teacher(0.5, 0.1, 1), teacher(0.5, 0.1, 2))]
    problem = problem_of(broken=0.5)
    alone = ask(problem, pair)
    repeated = [graph.clone() for graph in problem.held_out for _ in range(3)]
    for number, graph in enumerate(repeated):
        graph.family = torch.tensor(number // 3)
    problem.held_out[:] = repeated
    object.__setattr__(problem.settings, "cluster", "family")
    clustered = ask(problem, pair)
    assert clustered.share == pytest.approx(alone.share)
    assert clustered.lower == pytest.approx(alone.lower)


def test_graphs_without_labels_say_nothing():
    pair = [(teacher(0.5, 0.1, 1), teacher(0.5, 0.1, 2))]
    problem = problem_of(broken=0.5)
    known = problem.held_out[:100]
    for graph in problem.held_out:
        graph.labelled = torch.tensor([any(graph is other for other in known)])
        if not graph.labelled:
            graph.y = torch.full_like(graph.y, math.nan)
    among = ask(problem, pair)
    problem.held_out[:] = known
    alone = ask(problem, pair)
    assert (among.share, among.lower) == pytest.approx((alone.share, alone.lower))


@pytest.mark.parametrize("affine", [False, True])
@pytest.mark.parametrize("level", ["graph", "node"])
def test_smoothing_leaves_equivariant_teachers_alone(affine, level):
    g = torch.Generator().manual_seed(0)
    graphs = [Data(x=torch.randn(3, 2, generator=g, dtype=torch.float64)) for _ in range(4)]
    batch = Batch.from_data_list(graphs)
    name = "point" if affine else "vector"
    inputs, vector = Fields({"x": name}, dimension=2), parse_representation("vector")
    direction = torch.zeros(2 + affine, 2 + affine, dtype=torch.float64)
    direction[:2, :2] = TURN
    if affine:
        direction[:2, 2] = torch.tensor([0.3, -0.2])

    def equivariant(data):
        x = data.x
        if affine:
            mean = torch.stack([x[data.batch == b].mean(0) for b in range(4)])
            x = x - mean[data.batch]
        out = x * x.square().sum(1, keepdim=True)
        return out if level == "node" else out.new_zeros(4, 2).index_add_(0, data.batch, out)

    plain = equivariant(batch)
    mean = smoothed(equivariant, batch, inputs, vector, direction, plain)
    torch.testing.assert_close(plain, mean)

    def crooked(data):
        return equivariant(data) + torch.tensor([1.0, 0.0], dtype=torch.float64)

    plain = crooked(batch)
    mean = smoothed(crooked, batch, inputs, vector, direction, plain)
    # Of a constant vector, the mean of 1 and a cosine is left.
    left = (1 + math.cos(1.5 / 2**0.5)) / 2
    torch.testing.assert_close((plain - mean)[:, 0], torch.full((len(plain),), 1 - left).double())


def test_drift_tells_random_poses_from_one_wherever_the_data_are():
    g = torch.Generator().manual_seed(0)
    fields = Fields({"pos": "point"}, dimension=2)
    center = torch.tensor([7.0, -3.0], dtype=torch.float64)
    direction = torch.zeros(3, 3, dtype=torch.float64)
    direction[:2, :2], direction[:2, 2] = TURN, -TURN @ center
    drifts = []
    for widest in (0.0, math.pi / 4, math.pi):
        graphs = []
        for _ in range(400):
            angle = (2 * torch.rand((), generator=g, dtype=torch.float64) - 1) * widest
            c, s = angle.cos(), angle.sin()
            rotation = torch.stack([torch.stack([c, -s]), torch.stack([s, c])])
            x = torch.randn(4, 2, generator=g, dtype=torch.float64) * torch.tensor([2.0, 0.5])
            graphs.append(Data(pos=x @ rotation.T + center))
        drifts.append(drift(graphs, fields, direction[None])[0])
    assert drifts[0] > drifts[1] > 0.3
    # Of 400 graphs in random poses: the root of 1 / 400 is 0.05.
    assert drifts[2] < 0.15


def test_only_doubtful_violations_are_asked_about(monkeypatch):
    problem = problem_of()
    asked = []

    def answer(problem, pairs, directions):
        asked.append(len(directions))
        return [Corroboration(1.0, 0.9, 0.01)]

    monkeypatch.setattr(ask_labels, "corroborate", answer)
    pair = [(teacher(0.5, 0.0), teacher(0.5, 0.0))]
    forms = problem.forms(pair)
    spectrum = problem.assemble(forms, None, Thresholds())
    symmetric = Verdict.SYMMETRY

    def judged(verdict, low, high):
        bounds = torch.tensor([[low, high]], dtype=torch.float64)
        open_ = replace(spectrum, verdicts=[verdict], intervals=bounds)
        return ask_labels.ask_labels(problem, pair, open_, Thresholds())

    assert judged(symmetric, 0.02, 0.03).verdicts == [symmetric]
    assert judged(Verdict.UNDECIDED, 0.009, 0.03).verdicts == [Verdict.UNDECIDED]
    assert not asked
    found = judged(Verdict.UNDECIDED, 0.02, 0.03)
    assert found.verdicts == [Verdict.APPROXIMATE]
    assert found.corroborations[0].confirmed
    assert judged(Verdict.UNDECIDED, 0.2, 0.3).verdicts == [Verdict.NONE]
    assert judged(Verdict.UNDECIDED, 0.02, 0.3).verdicts == [Verdict.UNDECIDED]
    assert asked == [1, 1, 1]


def test_a_target_that_is_stretched_has_no_labels_to_ask():
    turn = torch.zeros(2, 3, 3, dtype=torch.float64)
    turn[:, :2, :2] = TURN
    turn[1, 0, 1] *= 2  # A rotation in stretched coordinates.
    turn[:, :2, 2] = 5.0
    vector, scalar = (parse_representation(name) for name in ("vector", "scalar"))
    assert stretch(vector, turn, 2)[0] < 1e-12
    assert stretch(vector, turn, 2)[1] > 0.1
    assert stretch(scalar, turn, 2) == [0.0, 0.0]
    shift = torch.zeros(1, 3, 3, dtype=torch.float64)
    shift[0, 0, 2] = 1.0
    assert stretch(vector, shift, 2) == [0.0]
