from __future__ import annotations

import pytest
import torch
from torch_geometric.data import Data, HeteroData

from semola_geo import discover_symmetry

POINTS = {"pos": "point", "y": "scalar"}
SLOTS = {"pos": "point@slot", "y": "scalar"}
QUICK = {"steps": 4, "progress": False}


def disc(count=160, seed=0):
    """Points of the plane with a label that depends on the radius: so(2), the whole of SO(2)."""
    g = torch.Generator().manual_seed(seed)
    pos = torch.randn(count, 1, 2, generator=g)
    return [Data(pos=x, y=x.square().sum().sqrt()[None]) for x in pos]


def _broken(value):
    graphs = disc(44)
    graphs[7].pos[0, 0] = value
    return graphs


def _without(name):
    graphs = disc(44)
    del graphs[7][name]
    return graphs


def _hetero():
    data = HeteroData()
    data["atom"].pos = torch.zeros(1, 2)
    return [data] * 44


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"dataset": disc(39)}, ValueError, "at least 40 graphs"),
        ({"dataset": []}, ValueError, "at least 40 graphs"),
        ({"dataset": _broken(float("nan"))}, ValueError, "'pos' has 1 NaN"),
        ({"dataset": _without("y")}, ValueError, "'y' is missing"),
        ({"dataset": _hetero()}, TypeError, "HeteroData"),
        ({"dataset": [{"pos": 1}] * 44}, TypeError, "expected a torch_geometric Data"),
        ({"target": "dipole"}, ValueError, "'dipole' is not among"),
        ({"fields": {"pos": "point"}, "target": "pos"}, ValueError, "only the target"),
        ({"ambient": "SO(9)"}, ValueError, "unknown ambient group"),
        ({"ambient": "S(1)"}, ValueError, "at least two slots"),
        ({"ambient": "S(3)"}, ValueError, "no input moves with its node: .*'@slot'"),
        ({"ambient": "S(3)", "fields": SLOTS}, ValueError, "'pos' is declared '@slot': it needs 3"),
        ({"ambient": "SO(2) x S(3)"}, ValueError, "no input moves with its node"),
        ({"ambient": "SO(2) x S(3)", "fields": SLOTS}, ValueError, "'@slot': it needs 3"),
        ({"ambient": "SO(2) x SO(2)"}, ValueError, "2 continuous factors"),
        ({"ambient": "SO(2) x S(3) x S(2)"}, ValueError, "2 factors that permute"),
        ({"starts": 0}, ValueError, "starts must be at least 1"),
        ({"model": "mpnn"}, TypeError, "model must be"),
        ({"epochs": 3}, TypeError, "unknown option.* epochs; allowed: .*batch_size"),
        ({"splits": 0}, ValueError, "splits must be at least 1"),
        ({"steps": 0}, ValueError, "steps must be at least 1"),
        ({"weight_decay": -0.1}, ValueError, "weight_decay must not be negative"),
        ({"holdout": 1.0}, ValueError, "holdout must lie"),
    ],
)
def test_mistakes_are_named(changes, error, message):
    arguments = {"dataset": disc(44), "target": "y", "fields": POINTS, "ambient": "SO(2)", **QUICK}
    with pytest.raises(error, match=message):
        discover_symmetry(**{**arguments, **changes})


def test_irreps_need_rotations():
    with pytest.raises(ValueError, match="orthogonal ambient"):
        discover_symmetry([Data()] * 40, "y", {"pos": "point", "y": "1o"}, "Aff(3)", **QUICK)


def test_undeclared_fields_are_refused_where_the_network_might_read_them(teacher):
    graphs = disc(44)
    for graph in graphs:
        graph.extra = torch.zeros(1)
    with pytest.raises(ValueError, match="'extra'"):
        discover_symmetry(graphs, "y", POINTS, "SO(2)", teacher.SlotNet(2), **QUICK)
