from __future__ import annotations

import math

import pytest
import torch
from torch import nn
from torch_geometric.data import Data

from semola_geo.discovery.candidate import propose, without_worst
from semola_geo.discovery.evidence import Scatter, compare_on
from semola_geo.discovery.spectrum import Spectrum
from semola_geo.discovery.teachers import errors_on, r2_on
from semola_geo.discovery.verdict import Thresholds, Verdict
from semola_geo.groups import parse_ambient
from semola_geo.training import SymmetryRegularizedModule
from semola_geo.training.normalizer import TargetNormalizer


class Guess(nn.Module):
    """The label plus a fixed error per graph."""

    def __init__(self, column: int, factor: float = 1.0) -> None:
        super().__init__()
        self.column, self.factor = column, factor

    def forward(self, batch):
        return self.factor * batch.y + batch.error[:, self.column]


def graphs_with(errors, rows=1):
    g = torch.Generator().manual_seed(0)
    y = torch.randn(len(errors), generator=g, dtype=torch.float64)
    return [
        Data(pos=torch.zeros(1, 3), y=value[None], error=error[None].double())
        for value, error in zip(y, errors, strict=True)
    ]


def module(column, factor=1.0):
    units = TargetNormalizer("scalar")
    units.fitted.fill_(True)
    return SymmetryRegularizedModule(
        Guess(column, factor), target="y", fields={"pos": "point", "y": "scalar"}, normalizer=units
    ).eval()


def test_cost_is_the_relative_increase_of_the_error():
    errors = torch.ones(100, 2) * torch.tensor([1.1**0.5, 1.0])
    found = compare_on(module(0), module(1), graphs_with(errors), "so(3)", 3)
    assert found.cost == pytest.approx(0.1)
    content = found.to_dict()
    assert content["ratio"] == pytest.approx(1.1)
    assert (content["algebra"], content["dimension"]) == ("so(3)", 3)
    assert (content["telling"], content["obstacle"], content["refuted"]) == (True, "", False)


def test_the_comparison_is_paired():
    # Errors that both share cancel in the paired difference: only the part of their own counts.
    g = torch.Generator().manual_seed(1)
    shared = 0.2 * torch.rand(400, 1, generator=g) + 0.1
    own = 1 + 0.01 * torch.randn(400, 2, generator=g)
    found = compare_on(module(0), module(1), graphs_with(shared * own), "", 1)
    assert abs(found.cost) < 0.01
    apart = compare_on(
        module(0), module(1), graphs_with(torch.cat([shared, shared.roll(1, 0)], 1)), "", 1
    )
    assert found.loss_upper - found.loss < 0.1 * (apart.loss_upper - apart.loss)


def test_the_upper_bound_covers_at_its_rate():
    # Two models of equal quality: nothing is lost, and the one-sided 95 % bound lies below that in
    # 5 % of repetitions; among 200 at most 22 with probability > 0.999 (binomial).
    below = 0
    for seed in range(200):
        g = torch.Generator().manual_seed(seed)
        errors = 0.3 * torch.randn(150, 2, generator=g)
        found = compare_on(module(0), module(1), graphs_with(errors), "", 1)
        below += found.loss_upper < 0
    assert below <= 22


def test_where_only_the_symmetry_explains_the_data_nothing_is_lost():
    errors = torch.ones(200, 2) * torch.tensor([0.3, 1.5])
    found = compare_on(module(0), module(1), graphs_with(errors), "", 1)
    assert found.loss < found.loss_upper < 0
    hopeless = compare_on(module(1), module(1), graphs_with(errors), "", 1)
    assert math.isnan(hopeless.loss_upper) and math.isnan(hopeless.loss_lower)


def test_a_perfect_plain_model_gives_no_evidence():
    found = compare_on(module(0), module(1), graphs_with(torch.zeros(50, 2)), "", 1)
    assert math.isnan(found.cost)
    assert found.loss == found.loss_lower == found.loss_upper == 0


def test_loss_is_a_share_of_what_the_plain_model_explains():
    # Errors of 0.2 and 0.1 of the variance: a ninth of the explained 0.9 is lost. Both hold noise
    # of the labels, which cancels.
    graphs = graphs_with(torch.ones(400, 2))
    variance = torch.stack([graph.y.square() for graph in graphs]).mean()
    for graph in graphs:
        graph.error = (variance * torch.tensor([0.2, 0.1])).sqrt().double()[None]
    found = compare_on(module(0), module(1), graphs, "", 1)
    assert found.loss == pytest.approx(1 / 9, rel=1e-5)
    assert 0 < found.loss_lower < found.loss, "graphs differ in what there is to explain"
    assert found.to_dict()["loss"] == found.loss


def test_what_training_runs_scatter_by_is_no_loss():
    errors = torch.ones(400, 2) * torch.tensor([0.06**0.5, 0.04**0.5])
    sure = compare_on(module(0), module(1), graphs_with(errors), "", 1)
    scattered = Scatter.of([0.95, 0.97, 0.96, 0.94], comparisons=2)
    doubtful = compare_on(module(0), module(1), graphs_with(errors), "", 1, scattered)
    assert sure.loss == doubtful.loss == pytest.approx(0.02, abs=0.005)
    assert sure.loss_lower > 0.01 > 0 > doubtful.loss_lower


def test_a_true_symmetry_is_refuted_at_the_stated_level():
    # Two runs that differ by chance alone, judged by the scatter of four others: a lower bound
    # above 0 in at most 5 % of 400 repetitions; more than 35 with probability < 0.001 (binomial).
    g = torch.Generator().manual_seed(0)
    graphs = graphs_with(torch.ones(60, 2))
    refuted = 0
    for _ in range(400):
        runs = 0.1 * (1 + 0.2 * torch.randn(6, generator=g).clamp(-3, 3))
        own = torch.randn(60, 2, generator=g) * runs[:2].sqrt()
        for graph, error in zip(graphs, own, strict=True):
            graph.error = error.double()[None]
        scatter = Scatter.of((1 - runs[2:]).tolist())
        refuted += compare_on(module(0), module(1), graphs, "", 1, scatter).loss_lower > 0
    assert refuted <= 35


def test_families_that_were_helped_differently_are_no_scatter():
    plain, helped = [0.60, 0.61, 0.60, 0.61], [0.90, 0.91, 0.90, 0.91]
    together = Scatter.of(plain, helped)
    alone = [Scatter.of(r2).relative for r2 in (plain, helped)]
    assert min(alone) < together.relative < max(alone) < 0.1
    assert together.quantile == pytest.approx(1.943, abs=1e-3)  # t(6), 5 %


def test_more_comparisons_need_more_evidence():
    r2 = [0.9, 0.8, 0.85, 0.9]
    one, two = (Scatter.of(r2, comparisons=n) for n in (1, 2))
    assert one.relative == two.relative > 0
    assert one.quantile == pytest.approx(2.353, abs=1e-3)  # t(3), 5 %
    assert two.quantile == pytest.approx(3.182, abs=1e-3)  # t(3), 2.5 %
    assert Scatter.of([1.0, 1.0]).relative == 0


def test_r2_and_its_error():
    # y ~ N(0, 1) and errors ~ N(0, 0.25): R2 = 0.75, with a standard error of about 0.25 * 2 / 20.
    g = torch.Generator().manual_seed(2)
    score, error = r2_on(module(0), graphs_with(0.5 * torch.randn(400, 1, generator=g)))
    assert 0.005 < error < 0.05
    assert abs(score - 0.75) < 5 * error
    null, deviation = r2_on(module(0, 0.0), graphs_with(torch.zeros(400, 1)))
    assert (null, deviation) == (0.0, 0.0)


def test_errors_of_nodes_are_summed_per_graph():
    graphs = [
        Data(pos=torch.zeros(n, 3), y=torch.zeros(n, dtype=torch.float64), shift=torch.ones(n))
        for n in (1, 2, 5)
    ]

    class Ones(nn.Module):
        def forward(self, batch):
            return torch.ones(batch.num_nodes, dtype=torch.float64)

    units = TargetNormalizer("scalar", "node")
    units.fitted.fill_(True)
    fields = {"pos": "point", "y": "scalar"}
    node = SymmetryRegularizedModule(Ones(), target="y", fields=fields, normalizer=units)
    assert errors_on(node, graphs)[0].tolist() == [1, 2, 5]


def spectrum(values, half, support, ambient="T(3)"):
    values = torch.tensor(values, dtype=torch.float64)
    size = len(values)
    return Spectrum(
        eigenvalues=values,
        intervals=torch.stack([values - half, values + half], 1),
        noise=torch.zeros(size),
        ratio=torch.zeros(size),
        support=torch.tensor(support),
        directions=torch.eye(size, dtype=torch.float64),
        verdicts=[Verdict.UNTESTED if s > 0.5 else Verdict.UNDECIDED for s in support],
        agreement=1.0,
        ambient=parse_ambient(ambient),
        length_scale=1.0,
        center=torch.zeros(3, dtype=torch.float64),
        in_candidate=torch.zeros(size, dtype=torch.bool),
    )


@pytest.mark.parametrize(
    ("values", "half", "support", "chosen"),
    [
        ([0.0, 0.001, 0.5], 0.01, [0.0, 0.0, 0.0], [True, True, False]),
        ([0.0, 0.001, 0.0], 0.01, [0.0, 0.0, 1.0], [True, True, False]),  # unsupported
        ([0.0, 0.04, 0.06], 0.9, [0.0, 0.0, 0.0], [True, True, False]),  # wide, but small itself
        ([0.04, float("nan"), 0.5], 0.01, [0.0, 0.0, 0.0], [False, False, False]),
    ],
)
def test_candidates(values, half, support, chosen):
    found = propose(spectrum(values, half, support), Thresholds())
    assert found.tolist() == chosen


def test_candidates_are_nearly_closed():
    # Two rotations span no algebra, but generate the third: the more violated one is left out.
    found = propose(spectrum([0.0, 0.001, 0.5], 0.01, [0.0, 0.0, 0.0], "SO(3)"), Thresholds())
    assert found.tolist() == [True, False, False]
    whole = propose(spectrum([0.0, 0.001, 0.002], 0.01, [0.0, 0.0, 0.0], "SO(3)"), Thresholds())
    assert whole.tolist() == [True, True, True]


def test_the_most_violated_direction_is_dropped():
    plain = spectrum([0.0, 0.03, 0.02], 0.1, [0.0, 0.0, 0.0])
    assert without_worst(plain, torch.tensor([True, True, True])).tolist() == [True, False, True]
    assert without_worst(plain, torch.tensor([True, False, False])).tolist() == [False] * 3


def test_copies_of_a_graph_are_no_further_evidence():
    g = torch.Generator().manual_seed(2)
    graphs = graphs_with(0.5 * torch.randn(60, 2, generator=g))
    copies = []
    for number, graph in enumerate(graphs):
        graph.image = torch.tensor(number)
        copies += [graph] * 5
    alone, repeated = (compare_on(module(0), module(1), given, "", 1) for given in (graphs, copies))
    clustered = compare_on(module(0), module(1), copies, "", 1, cluster="image")
    assert clustered.loss_upper == pytest.approx(alone.loss_upper)
    assert clustered.loss == pytest.approx(alone.loss)
    assert repeated.loss_upper - repeated.loss < 0.5 * (alone.loss_upper - alone.loss)
    assert r2_on(module(0), copies, "image") == pytest.approx(r2_on(module(0), graphs))


def test_unlabelled_graphs_of_a_cluster_are_left_out():
    graphs = graphs_with(torch.tensor([[1.0], [2.0], [3.0]]))
    for graph, image, labelled in zip(graphs, (0, 1, 1), (True, True, False), strict=True):
        graph.image, graph.labelled = torch.tensor(image), torch.tensor([labelled])
    assert errors_on(module(0), graphs, "image")[0].tolist() == [1, 4]
    graphs[1].labelled = torch.tensor([False])
    assert errors_on(module(0), graphs, "image")[0].tolist() == [1]
