from __future__ import annotations

import pytest
import torch
from torch_geometric.data import Batch

from semola_geo.training import GraphLoader, Objective, fit
from semola_geo.training.labels import hide_unlabelled


def half_labelled(toy, count: int, level: str = "graph", placeholder: float = torch.nan):
    graphs = toy.molecules(count)
    for number, graph in enumerate(graphs):
        if level == "node":
            graph.dipole = graph.pos * graph.pos.norm(dim=1, keepdim=True)
        graph.labelled = torch.tensor([number % 2 == 0])
        if number % 2:
            graph.dipole = torch.full_like(graph.dipole, placeholder)
    return graphs


@pytest.mark.parametrize("level", ["graph", "node"])
@pytest.mark.parametrize("placeholder", [1e6, torch.nan])
def test_errors_are_those_of_labelled_graphs(toy, level, placeholder):
    graphs = half_labelled(toy, 24, level, placeholder)
    module = toy.make_module(0.0, level)
    options = {"max_steps": 4, "progress": False, "accelerator": "cpu"}
    # Every second batch has no label at all.
    result = fit(module, GraphLoader(graphs, 8), GraphLoader(graphs, 1, shuffle=False), **options)
    known = Batch.from_data_list(graphs[::2])
    error = (module(known) - known.dipole).abs().mean()
    assert result.metrics["val/mae"] == pytest.approx(float(error.detach()), rel=1e-5)
    assert result.metrics["val/r2"] < 1 and result.metrics["val/mse"] < 100


@pytest.mark.parametrize("options", [{"equivariance": 1.0}, {"unmoved": 0.25}])
def test_unknown_targets_may_be_anything(toy, options):
    losses = []
    for placeholder in (0.0, torch.nan):
        batch = Batch.from_data_list(half_labelled(toy, 8, placeholder=placeholder))
        module = toy.make_module(0.0, objective=Objective(**options))
        module.fit_normalizer(batch)
        losses.append(module.terms(batch, 0)["loss"].detach())
    assert bool(losses[0].isfinite()) and torch.equal(*losses)


def test_a_batch_without_the_field_is_left_alone(toy):
    batch = Batch.from_data_list(toy.molecules(3))
    assert hide_unlabelled(batch, "dipole") is batch
    batch.labelled = torch.tensor([True, False, True])
    before = batch.dipole.clone()
    hidden = hide_unlabelled(batch, "dipole")
    assert torch.equal(batch.dipole, before) and not hidden.dipole[1].any()
    assert torch.equal(hidden.dipole[::2], before[::2])
