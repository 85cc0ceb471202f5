"""Discovery of permutations from a data set, end to end."""

import json

import pytest
import torch
from torch import nn
from torch_geometric.data import Data

from semola_geo import PermutationSubgroup, discover_symmetry
from semola_geo.discovery.motionless import still_ambient

FIELDS = {"x": "scalar@slot", "y": "scalar"}
OPTIONS = {"steps": 500, "starts": 2, "search_steps": 10, "progress": False}


class Net(nn.Module):
    def __init__(self, slots=4):
        super().__init__()
        self.slots = slots
        self.layers = nn.Sequential(nn.Linear(slots, 32), nn.SiLU(), nn.Linear(32, 1))

    def forward(self, batch):
        return self.layers(batch.x.reshape(-1, self.slots)).flatten()


def two_kinds(count=600, shuffle=False, **changes):
    """Slots 0, 1 are of one kind, and slots 2, 3 of two others."""
    g = torch.Generator().manual_seed(0)
    x = torch.randn(count, 4, generator=g)
    y = x[:, :2].sum(1) - 2 * x[:, 2] + 0.3 * x[:, 3].square()
    if shuffle:
        y = y[torch.randperm(count, generator=g)]
    return [Data(x=row, y=value[None], **changes) for row, value in zip(x, y, strict=True)]


@pytest.fixture(scope="module")
def report():
    return discover_symmetry(two_kinds(), "y", FIELDS, "S(4)", Net, **OPTIONS)


def test_the_group_and_its_evidence(report):
    assert report.permutations == PermutationSubgroup([[1, 0, 2, 3]])
    assert (report.dimension, report.name, len(report.verdicts)) == (0, "trivial", 0)
    assert report.spectrum.ambient.name == "S(4)"
    (evidence,) = report.exchange["verdicts"]
    assert evidence["cycles"] == "(0 1)" and evidence["verdict"] == "symmetry"
    assert evidence["interval"][1] < 0.01 < 0.1 < report.exchange["nearest_others"][0]["violation"]
    assert report.exchange["tested"] == {"symmetry": 1, "no symmetry": 5}
    assert min(report.teacher_r2) > 0.9 and len(report.teacher_r2) == 6


def test_json_text_and_page(report, tmp_path):
    report.save(tmp_path)
    content = json.loads((tmp_path / "report.json").read_text())
    assert content["ambient"] == "S(4)"
    group = content["permutations"]
    assert (group["order"], group["name"], group["orbits"][0]) == (2, "S2", [0, 1])
    assert group["generators"] == [[1, 0, 2, 3]] and group["cycles"] == ["(0 1)"]
    assert "S2, a permutation group of order 2" in str(report)
    settings = content["settings"]
    assert (settings["support"], settings["support_method"]) == (0.2, "Gaussian likelihood")
    assert "(0 1)" in (tmp_path / "report.html").read_text()


def test_the_same_seed_gives_the_same_report(report):
    torch.manual_seed(99)
    again = discover_symmetry(two_kinds(), "y", FIELDS, "S(4)", Net, **OPTIONS).to_dict()
    first = report.to_dict()
    assert {k: v for k, v in again.items() if k != "timing"} == {
        k: v for k, v in first.items() if k != "timing"
    }


def test_shuffled_targets_decide_nothing():
    report = discover_symmetry(
        two_kinds(200, shuffle=True), "y", FIELDS, "S(4)", Net, **{**OPTIONS, "steps": 60}
    )
    assert report.permutations.order == 1
    assert report.exchange["tested"] == {"undecided: teachers too weak": 6}
    assert "too weak" in str(report)


def test_the_default_network_reads_slots():
    report = discover_symmetry(
        two_kinds(80), "y", FIELDS, "S(4)", splits=1, **{**OPTIONS, "steps": 4}
    )
    assert report.permutations.num_slots == 4 and len(report.teacher_r2) == 4


@pytest.mark.parametrize(
    ("graphs", "fields", "text"),
    [
        (two_kinds(50), {"x": "scalar", "y": "scalar"}, "no input moves with its node"),
        (two_kinds(50), {"x": "scalar@slot", "y": "scalar@slot"}, "needs 4 rows in each graph"),
        (two_kinds(50, bond_index=torch.zeros(2, 1).long()), FIELDS, "'bond_index' holds numbers"),
    ],
)
def test_mistakes_are_named(graphs, fields, text):
    with pytest.raises(ValueError, match=text):
        discover_symmetry(graphs, "y", fields, "S(4)", Net, **OPTIONS)


def test_dimension_of_space_follows_from_the_data():
    graph = Data(x=torch.zeros(3), v=torch.zeros(3, 2))
    assert still_ambient([graph], {"x": "scalar@slot", "v": "vector@slot"}, "S(3)").dimension == 2
    assert still_ambient([graph], {"x": "scalar@slot"}, "S(3)").dimension == 3
