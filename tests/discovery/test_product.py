"""A continuous group and permutations of slots, found in one run on the same teachers."""

import json

import pytest
import torch
from torch import nn
from torch_geometric.data import Batch, Data
from torch_geometric.nn import global_add_pool

from semola_geo import PermutationSubgroup, discover_symmetry, equivariance_error
from semola_geo.algebra import LieAlgebra
from semola_geo.discovery import Thresholds, Verdict, continuous
from semola_geo.discovery.sequential import SequentialFindings
from semola_geo.reporting import render_html
from semola_geo.testing import assert_equivariant

FIELDS = {"pos": "point@slot", "y": "scalar"}
GROUP = PermutationSubgroup([[1, 0, 2]])
QUICK = {"steps": 4, "refine_steps": 4, "spectrum_graphs": 30, "search_steps": 2, "starts": 1}


class Flat(nn.Module):
    """Reads every slot: no symmetry at all."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(6, 48), nn.SiLU(), nn.Linear(48, 1))

    def forward(self, batch):
        return self.layers(batch.pos.reshape(-1, 6)).flatten()


class Silent(Flat):
    """Starts at a constant, as some networks do."""

    def __init__(self):
        super().__init__()
        nn.init.zeros_(self.layers[-1].weight)


class Pooled(nn.Module):
    """Symmetric under permutations, whatever it has learned."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2, 8), nn.SiLU(), nn.Linear(8, 1))

    def forward(self, batch):
        return global_add_pool(self.layers(batch.pos), batch.batch).flatten()


def energy(batch):
    """Rotations of the plane and reflections; slots 0 and 1 play the same part."""
    square = batch.pos.square().sum(1).reshape(-1, 3)
    return square[:, 0] + square[:, 1] - 2 * square[:, 2]


def plane(count=600, shuffle=False):
    g = torch.Generator().manual_seed(0)
    graphs = []
    for _ in range(count):
        data = Data(pos=torch.randn(3, 2, generator=g) / 1.5)
        data.y = energy(data)
        graphs.append(data)
    if shuffle:
        order = torch.randperm(count, generator=g).tolist()
        for graph, value in zip(graphs, [graphs[i].y for i in order], strict=True):
            graph.y = value
    return graphs


@pytest.fixture(scope="module")
def report():
    # Networks of this size keep violations up to 0.01, those of false symmetries are of order one.
    return discover_symmetry(
        plane(), "y", FIELDS, "O(2) x S(3)", Flat, steps=600, refine_steps=200, progress=False,
        starts=1, search_steps=5, thresholds=Thresholds(symmetry=0.04),
    )  # fmt: skip


def test_both_parts_are_found(report):
    assert (report.dimension, report.name) == (1, "so(2)")
    assert max(report.algebra.principal_angles(LieAlgebra.from_name("so(2)"))) < 1e-6
    assert report.permutations == GROUP
    assert report.reflections and report.group == "O(2)"
    assert report.exchange["tested"] == {"symmetry": 1, "no symmetry": 2}
    # One pair of teachers more than splits: learned permutations are chosen on it.
    assert len(report.teacher_r2) == 6 and min(report.teacher_r2) > 0.9


def test_the_report_shows_both(report, tmp_path):
    assert report.ambient == "O(2) x S(3)"
    report.save(tmp_path)
    content = json.loads((tmp_path / "report.json").read_text())
    assert content["ambient"] == "O(2) x S(3)"
    assert (content["dimension"], content["permutations"]["order"]) == (1, 2)
    assert {"teachers", "reflections", "permutations"} <= set(content["timing"])
    text = " ".join(str(report).split())
    assert "so(2), dimension 1, and under exchanges of nodes, S2, order 2" in text
    assert "so(2) with reflections: O(2)" in text and "(0 1)" in text
    assert "Exchanges of nodes" in render_html(content)


def test_shuffled_targets_decide_nothing():
    report = discover_symmetry(
        plane(120, shuffle=True), "y", FIELDS, "O(2) x S(3)", Flat, steps=60, refine_steps=30,
        progress=False,
    )  # fmt: skip
    assert report.count(Verdict.UNDECIDED) == 1 and report.permutations.order == 1
    assert report.exchange["tested"] == {"undecided: teachers too weak": 3}
    assert not report.reflections and report.ambient == "O(2) x S(3)"


def test_helped_teachers_judge_permutations_too(monkeypatch):
    # Where plain teachers learn nothing, those of the first augmented family are asked.
    graphs, asked = plane(60), []

    def helped(problem, factory, support, limits):
        family = continuous.train_family(problem, factory, limits)
        asked.append(family)
        spectrum = problem.assemble(problem.forms(family.pairs), support, limits)
        return SequentialFindings(spectrum, [family], ["t(2)"])

    monkeypatch.setattr(continuous, "discover_sequentially", helped)
    report = discover_symmetry(
        graphs, "y", FIELDS, "SO(2) x S(3)", Flat, **QUICK, progress=False
    )  # fmt: skip
    assert report.teacher_r2 == asked[0].r2 and report.details["helpers"] == ["t(2)"]
    assert report.permutations.order == 1 and not report.exchange["reliable"]


@pytest.mark.parametrize("ambient", ["SO(2) x S(3)", "S(3)"])
def test_networks_that_are_symmetric_anyway_are_refused(ambient):
    with pytest.raises(ValueError, match=r"same answers after \(0 1\) of the nodes \(\d of \d"):
        discover_symmetry(plane(50), "y", FIELDS, ambient, Pooled, progress=False)
    report = discover_symmetry(plane(50), "y", FIELDS, ambient, Silent, **QUICK, progress=False)
    assert report.permutations.order == 1


def test_unknown_outputs_are_refused():
    with pytest.raises(ValueError, match="output='unknown' is for continuous groups"):
        discover_symmetry(plane(50), "y", FIELDS, "SO(2) x S(3)", Flat, output="unknown")


def test_equivariance_error_over_the_product():
    batch = Batch.from_data_list(plane(60))
    del batch.y
    assert_equivariant(energy, batch, FIELDS, "y", "O(2)")
    for group in ("S(3)", "O(2) x S(3)"):
        assert equivariance_error(energy, batch, FIELDS, "y", group) > 0.3
        with pytest.raises(AssertionError, match=r"h = \(.*\)"):
            assert_equivariant(energy, batch, FIELDS, "y", group)

    def force(data):
        weight = torch.tensor([1.0, 1.0, -2.0]).repeat(data.num_graphs)[:, None]
        return weight * data.pos

    fields = {"pos": "point@slot", "force": "covector@slot"}
    assert_equivariant(force, batch, fields, "force", "O(2)")
    assert equivariance_error(force, batch, fields, "force", "O(2) x S(3)") > 0.3

    def total(data):
        return data.pos.square().sum(1).reshape(-1, 3).sum(1)

    assert_equivariant(total, batch, FIELDS, "y", "O(2) x S(3)")
    assert_equivariant(lambda data: -3 * data.pos, batch, fields, "force", "O(2) x S(3)")
