from __future__ import annotations

import torch
from torch_geometric.data import Batch, Data

from semola_geo.discovery.cross_weights import CrossWeights
from semola_geo.discovery.forms import ViolationForms
from semola_geo.discovery.lie_derivative import LieDerivative


def derivative(columns):
    """Columns ``[B, m]`` of a scalar target; one node with one coordinate per graph."""
    columns = columns[None].double()
    graphs = columns.shape[1]
    slope = {"pos": torch.ones(1, graphs, 1, dtype=torch.float64)}
    return LieDerivative(columns, torch.zeros_like(columns), slope, columns.new_ones(graphs))


def batch_of(graphs):
    return Batch.from_data_list([Data(pos=torch.zeros(1, 1)) for _ in range(graphs)])


def pair(signal, error, seed):
    """Teachers that say the signal, with independent errors of a size per graph."""
    g = torch.Generator().manual_seed(seed)
    shape = (*error.shape, signal.shape[1])
    one, two = (
        derivative(signal + error[:, None] * torch.randn(shape, generator=g)) for _ in range(2)
    )
    return one, two


def test_a_single_pair_counts_all_graphs_alike():
    derivatives = [pair(torch.ones(5, 2), torch.arange(5.0), 0)]
    assert CrossWeights(2).apply(derivatives, batch_of(5)) is derivatives


def test_weights_of_a_pair_come_from_the_others_alone():
    quiet, loud = torch.full((50,), 0.1), torch.full((50,), 0.1)
    loud[0] = 10.0
    signal = torch.ones(50, 2)
    weights = CrossWeights(2).measure([pair(signal, quiet, 0), pair(signal, loud, 1)])
    assert weights[0][0] < 1e-3, "the other pair disagrees at the first graph"
    assert weights[1][0] > 0.1, "its own disagreement is its own affair"
    assert all(((w > 0) & (w <= 1)).all() for w in weights)


def test_teachers_that_agree_let_all_graphs_count_alike():
    error = 1e-3 * torch.linspace(0, 1, 100)
    weights = CrossWeights(2).measure([pair(torch.ones(100, 2), error, k) for k in (0, 1)])
    assert min(w.min() for w in weights) > 0.99


def test_further_columns_do_not_count():
    signal = torch.ones(30, 1)
    plain = [pair(signal, torch.rand(30), k) for k in (0, 1)]
    wider = [
        tuple(derivative(torch.cat([d.columns[0], k * torch.rand(30, 3)], 1)) for d in two)
        for k, two in enumerate(plain)
    ]
    torch.testing.assert_close(CrossWeights(1).measure(plain), CrossWeights(1).measure(wider))


def test_the_unit_is_that_of_the_first_batch():
    weights = CrossWeights(2)
    first = [pair(torch.ones(40, 2), torch.ones(40), k) for k in (0, 1)]
    worse = [pair(torch.ones(40, 2), 100 * torch.ones(40), k) for k in (2, 3)]
    assert weights.measure(first)[0].mean() > 0.1
    assert weights.measure(worse)[0].max() < 0.05


def forms_of(derivatives, batch):
    forms = [ViolationForms.zeros(derivatives[0][0].columns.shape[2]) for _ in derivatives]
    moved = {"pos": torch.ones(batch.num_nodes, len(forms[0].scale), 1, dtype=torch.float64)}
    for form, (one, two) in zip(forms, derivatives, strict=True):
        form.update(one, two, moved)
    return forms


def test_the_forms_hold_the_sum_of_the_weights():
    batch = batch_of(20)
    derivatives = [pair(torch.ones(20, 2), torch.rand(20), k) for k in (0, 1)]
    weights = CrossWeights(2).measure(derivatives)
    forms = forms_of(CrossWeights(2).apply(derivatives, batch), batch)
    for form, weight, (one, two) in zip(forms, weights, derivatives, strict=True):
        assert abs(form.graphs - float(weight.sum())) < 1e-12
        expected = torch.einsum("b,bj,bk->jk", weight, one.columns[0], two.columns[0])
        torch.testing.assert_close(form.violation, (expected + expected.T) / 2)


def test_errors_at_the_rim_count_less_and_stay_unbiased():
    # A symmetry (no signal) with errors that are ten times as large at a tenth of the graphs. The
    # mean of 400 estimates lies within four standard errors of zero, weighted or not; the weighted
    # ones scatter by less than two thirds (equal ones: with a probability below 1e-12, F test).
    error = torch.full((100,), 0.1)
    error[:10] = 1.0
    batch, zero = batch_of(100), torch.zeros(100, 1)
    plain, weighed = [], []
    for seed in range(200):
        derivatives = [pair(zero, error, 2 * seed + k) for k in (0, 1)]
        plain += [f.violation / f.graphs for f in forms_of(derivatives, batch)]
        moved = CrossWeights(1).apply(derivatives, batch)
        weighed += [f.violation / f.graphs for f in forms_of(moved, batch)]
    for values in (torch.stack(plain), torch.stack(weighed)):
        assert values.mean().abs() < 4 * values.std() / len(values) ** 0.5
    assert torch.stack(weighed).std() < torch.stack(plain).std() / 1.5
