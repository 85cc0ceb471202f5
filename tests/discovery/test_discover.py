from __future__ import annotations

import warnings

import pytest
import torch
from torch import nn
from torch_geometric.data import Data

from semola_geo import discover_symmetry
from semola_geo.algebra import LieAlgebra
from semola_geo.datasets import QM9XTB
from semola_geo.discovery import DiscoverySettings, Thresholds, Verdict, confirm
from semola_geo.discovery.networks import candidate_factories
from semola_geo.discovery.problem import Problem
from semola_geo.groups import parse_ambient

POINTS = {"pos": "point", "y": "scalar"}
QUICK = {"steps": 4, "refine_steps": 4, "spectrum_graphs": 30, "progress": False}


def ragged(count=44, level="graph", species=False, edges=False, seed=0):
    g = torch.Generator().manual_seed(seed)
    graphs = []
    for _ in range(count):
        n = int(torch.randint(2, 5, (1,), generator=g))
        data = Data(pos=torch.randn(n, 3, generator=g))
        data.y = torch.randn(n if level == "node" else 1, 3, generator=g)
        if species:
            data.z = torch.randint(1, 4, (n,), generator=g)
        if edges:
            data.edge_index = torch.randint(n, (2, 2 * n), generator=g)
        graphs.append(data)
    return graphs


def disc(count=160, seed=0):
    """Points of the plane with a label that depends on the radius: so(2), the whole of SO(2)."""
    g = torch.Generator().manual_seed(seed)
    pos = torch.randn(count, 1, 2, generator=g)
    return [Data(pos=x, y=x.square().sum().sqrt()[None]) for x in pos]


def plain(report):
    return {k: v for k, v in report.to_dict().items() if k != "timing"}


def test_rotations_about_an_axis_are_found(cylinder_report):
    # Training noise leaves a fraction of a degree [m]; five degrees is the tolerance of names.
    report = cylinder_report
    assert (report.dimension, report.name) == (1, "so(2)")
    so2 = LieAlgebra.from_name("so(2)", dimension=3)
    assert max(report.algebra.principal_angles(so2)) < 5
    assert min(report.teacher_r2) > 0.8
    assert report.spectrum.in_candidate.tolist() == [True, False, False]


def test_a_shuffled_target_has_no_symmetry(cylinder, teacher):
    # No label is predictable: R2 is below zero on held-out graphs, and nothing is concluded.
    report = discover_symmetry(
        cylinder(200, shuffle=True), "y", POINTS, "SO(3)", lambda: teacher.SlotNet(3), steps=150,
        progress=False,
    )  # fmt: skip
    assert report.dimension == 0
    assert report.name == "trivial"
    assert report.count(Verdict.UNDECIDED) == 3
    assert "evidence" not in report.details


def test_the_whole_ambient_algebra_and_the_same_seed(teacher):
    options = {"steps": 300, "refine_steps": 150, "splits": 4, "progress": False}
    make = lambda: teacher.SlotNet(2)  # noqa: E731
    first = discover_symmetry(disc(600), "y", POINTS, "SO(2)", make, **options)
    assert (first.dimension, first.name) == (1, "so(2)")
    assert first.algebra.generators.shape == (1, 2, 2)
    torch.manual_seed(99)
    second = discover_symmetry(disc(600), "y", POINTS, "SO(2)", make, **options)
    assert plain(first) == plain(second)
    other = discover_symmetry(disc(), "y", POINTS, "SO(2)", make, seed=5, **QUICK)
    assert other.teacher_r2 != first.teacher_r2


def test_extents_that_shrank_are_no_evidence(teacher, monkeypatch):
    # A model that was hardly augmented costs nothing, whether or not there is a symmetry.
    original = confirm.refine

    def shy(*args, **options):
        module, transform = original(*args, **options)
        transform.law.set_extents(torch.full_like(transform.extents, 0.1))
        return module, transform

    monkeypatch.setattr(confirm, "refine", shy)
    report = discover_symmetry(
        disc(), "y", POINTS, "SO(2)", lambda: teacher.SlotNet(2), steps=100, refine_steps=20,
        progress=False,
    )  # fmt: skip
    assert report.details["evidence"][-1]["dimension"] == 1
    assert report.spectrum.in_candidate.tolist() == [True]
    low, high = report.spectrum.intervals[0].tolist()
    expected = Verdict.SYMMETRY if high < 0.01 else Verdict.UNDECIDED
    assert report.spectrum.verdicts == [expected]
    assert low < 0 < high


def test_a_refinement_that_learned_nothing_does_not_turn_the_generators(
    cylinder, teacher, monkeypatch
):
    original = confirm.refine

    def lost(*args, **options):
        module, transform = original(*args, **options)
        for parameter in module.model.parameters():
            torch.nn.init.zeros_(parameter)
        transform.law.set_basis(transform.basis.detach().roll(1, dims=1))
        return module, transform

    monkeypatch.setattr(confirm, "refine", lost)
    report = discover_symmetry(
        cylinder(), "y", POINTS, "SO(3)", lambda: teacher.SlotNet(3), steps=300, refine_steps=10,
        progress=False,
    )  # fmt: skip
    assert "learned nothing" in report.details["notes"][0]
    assert "extents" not in report.details
    direction = report.spectrum.span(report.spectrum.in_candidate)
    so2 = LieAlgebra.from_name("so(2)", dimension=3)
    assert max(direction.principal_angles(so2)) < 10


@pytest.mark.parametrize("level", ["graph", "node"])
@pytest.mark.parametrize(("species", "edges"), [(False, False), (True, True)])
def test_default_networks_for_the_fields_at_hand(level, species, edges):
    fields = {"pos": "point", "y": "vector"}
    report = discover_symmetry(ragged(44, level, species, edges), "y", fields, "Aff(3)", **QUICK)
    assert len(report.verdicts) == 12
    assert report.dimension == 0, "four steps teach nothing"
    settings = report.details["settings"]
    assert settings["support_method"] == "pose statistics"
    assert settings["support"] == Thresholds().support, "the bound is recorded beside the method"


def test_two_bodies_with_velocities_in_the_plane():
    g = torch.Generator().manual_seed(0)
    graphs = [
        Data(pos=torch.randn(2, 2, generator=g), vel=torch.randn(2, 2, generator=g),
             next=torch.randn(2, 2, generator=g))
        for _ in range(44)
    ]  # fmt: skip
    fields = {"pos": "point", "vel": "vector", "next": "point"}
    report = discover_symmetry(graphs, "next", fields, "Aff(2)", **QUICK)
    assert len(report.verdicts) == 6
    assert report.details["settings"]["support_method"].startswith("tangent")


def test_constant_targets(tmp_path):
    # A constant is symmetric under everything, but no model can be better than the mean: R2 is
    # undefined, and nothing is concluded.
    graphs = disc(60)
    for graph in graphs:
        graph.y = torch.ones(1)
    report = discover_symmetry(graphs, "y", POINTS, "SO(2)", **QUICK)
    assert report.dimension == 0
    report.save(tmp_path)
    assert "NaN" not in (tmp_path / "report.json").read_text()
    assert "nan" not in str(report)


def test_further_inputs_at_graph_and_edge_level():
    # Edge vectors of ragged number, and a scalar of the graph, with a network of the user's own.
    g = torch.Generator().manual_seed(0)
    graphs = []
    for k in range(44):
        n = 1 + k % 3
        graphs.append(
            Data(pos=torch.randn(3, 3, generator=g), arrow=torch.randn(n, 3, generator=g),
                 heat=torch.randn(1, generator=g), edge_index=torch.zeros(2, n).long(),
                 y=torch.randn(1, generator=g))
        )  # fmt: skip

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(7, 1)

        def forward(self, batch):
            owner = batch.batch[batch.edge_index[0]]
            arrows = torch.zeros(batch.num_graphs, 3).index_add(0, owner, batch.arrow)
            points = torch.zeros(batch.num_graphs, 3).index_add(0, batch.batch, batch.pos)
            return self.layer(torch.cat([arrows, points, batch.heat[:, None]], 1)).flatten()

    fields = {"pos": "point", "arrow": "vector", "heat": "scalar", "y": "scalar"}
    report = discover_symmetry(graphs, "y", fields, "SE(3)", Net(), **QUICK)
    assert len(report.verdicts) == 6
    assert report.details["settings"]["support_method"] == "pose statistics"


def test_inputs_that_the_default_network_does_not_read_are_told():
    graphs = [Data(pos=x, y=x.sum()[None], field=x[:1]) for x in torch.randn(44, 2, 2)]
    fields = POINTS | {"field": "vector"}
    with pytest.warns(UserWarning, match=r"field\(s\) 'field' have no row per node"):
        discover_symmetry(graphs, "y", fields, "SO(2)", **QUICK)


def test_networks_are_chosen_without_those_graphs_that_judge(monkeypatch):
    graphs, asked = disc(60), []
    problem = Problem.prepare(
        graphs, "y", POINTS, parse_ambient("SO(2)"), None, 0, DiscoverySettings(steps=2)
    )

    def scored(teacher, held):
        asked.append({id(graph) for graph in held})
        return 0.9, 0.0

    monkeypatch.setattr("semola_geo.discovery.problem.r2_on", scored)
    problem.choose_network()
    judges = {id(graph) for graph in problem.held_out}
    assert len(asked) == 2 and all(seen and not seen & judges for seen in asked)


def test_pyg_datasets_and_data_stay_as_they_were():
    dataset = QM9XTB("dipole", split="val", limit=44)
    before = [data.clone() for data in dataset]
    fields = {"pos": "point", "dipole": "vector"}
    report = discover_symmetry(dataset, "dipole", fields, "SE(3)", **QUICK)
    assert len(report.verdicts) == 6
    for old, new in zip(before, dataset, strict=True):
        assert old.keys() == new.keys()
        assert torch.equal(old.pos, new.pos)


def test_without_refinement(teacher):
    report = discover_symmetry(
        disc(), "y", POINTS, "SO(2)", lambda: teacher.SlotNet(2), steps=100, refine=False,
        progress=False,
    )  # fmt: skip
    assert "evidence" not in report.details
    assert "refinement" not in report.details["timing"]
    assert not report.spectrum.in_candidate.any()


def test_a_network_is_copied_and_reinitialised(teacher):
    network = teacher.SlotNet(2)
    before = [p.clone() for p in network.parameters()]
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        first = discover_symmetry(disc(44), "y", POINTS, "SO(2)", network, **QUICK)
    assert all(torch.equal(a, b) for a, b in zip(before, network.parameters(), strict=True))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
    second = discover_symmetry(disc(44), "y", POINTS, "SO(2)", network, **QUICK)
    assert plain(first) == plain(second), "weights that were handed over play no part"


def test_a_network_may_start_its_parts_in_a_way_of_its_own():
    class Silent(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(2, 1)

        def reset_parameters(self):
            nn.init.zeros_(self.linear.weight)

    (factory,) = candidate_factories(Silent(), disc(44), POINTS, "y", "SO(2)")
    assert not factory(0).linear.weight.any()
    assert factory(0).linear.bias != factory(1).linear.bias


def test_a_network_that_cannot_be_reinitialised_is_named():
    class Bare(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(2))

        def forward(self, batch):
            return (batch.pos @ self.weight).sin()

    with pytest.warns(UserWarning, match="Bare has parameters but no reset_parameters"):
        discover_symmetry(disc(44), "y", POINTS, "SO(2)", Bare(), **QUICK)
