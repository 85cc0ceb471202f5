"""Parity of the group that was found, with analytic teachers whose truth is known."""

from __future__ import annotations

import pytest
import torch
from torch_geometric.data import Batch

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery import DiscoverySettings, Thresholds, Verdict, continuous, discover
from semola_geo.discovery.components.mirror_support import reflection_support
from semola_geo.discovery.components.parity import judge_cosets
from semola_geo.discovery.family import Family
from semola_geo.discovery.problem import Problem
from semola_geo.discovery.trust import Trust
from semola_geo.fields import Fields
from semola_geo.groups import parse_ambient
from semola_geo.groups.reflection import isometry_about
from semola_geo.transforms import LearnableSymmetryTransform

LIMITS = Thresholds()


def hand(pos):
    """Positive for one hand, negative for the other: a pseudoscalar of se(3)."""
    legs = pos[:, 1:4] - pos[:, :1]
    return torch.tanh(torch.linalg.det(legs))


def plane_hand(pos):
    legs = pos[:, 1:3] - pos[:, :1]
    return torch.tanh(torch.linalg.det(legs))


def distances(pos):
    """A scalar of e(d)."""
    return torch.sin(torch.cdist(pos, pos).flatten(1) * torch.linspace(0.5, 1.5, 16)).sum(1)


def axial(pos):
    """A pseudovector of se(3)."""
    local = pos - pos.mean(1, keepdim=True)
    return torch.linalg.cross(local[:, 0], local[:, 1]) + torch.linalg.cross(
        local[:, 1], local[:, 3]
    )


def vector(pos):
    local = pos - pos.mean(1, keepdim=True)
    return (torch.cos(local.square().sum(2, keepdim=True)) * local).sum(1)


def erring(function, error, seed):
    """A teacher: the truth, and a smooth error of its own."""
    g = torch.Generator().manual_seed(seed)
    modes = 60

    def teacher(batch):
        pos = batch.pos.reshape(batch.num_graphs, -1, batch.pos.shape[-1])
        truth = function(pos)
        flat, g_ = pos.flatten(1), g.clone_state()
        frequencies = torch.randn(modes, flat.shape[1], generator=g_, dtype=flat.dtype)
        phases = 6.3 * torch.rand(modes, generator=g_, dtype=flat.dtype)
        weights = torch.randn(modes, truth[:1].numel(), generator=g_, dtype=flat.dtype)
        wave = torch.sin(flat @ frequencies.T + phases) @ weights * (2 / modes) ** 0.5
        return truth + error * wave.reshape(truth.shape)

    return teacher


def judged(*args, **options):
    (found,) = all_judged(*args, **options)
    return found


def all_judged(graphs, function, kind, error=0.05, algebra="se(3)", ambient="E(3)", **options):
    group = parse_ambient(ambient)
    transform = LearnableSymmetryTransform.from_algebra(
        LieAlgebra.from_name(algebra, group.dimension),
        {"pos": "point" if group.affine else "vector", "y": kind},
        ambient=group,
        reflections=False,
        center=torch.full((group.dimension,), 0.3) if group.affine else None,
    )
    pairs = [(erring(function, error, 2 * k), erring(function, error, 2 * k + 1)) for k in range(2)]
    batch = Batch.from_data_list(graphs)
    return judge_cosets(pairs, batch, batch, transform, "y", LIMITS, **options)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("function", "kind", "verdict", "group"),
    [
        (distances, "scalar", Verdict.SYMMETRY, "E(3)"),
        (hand, "pseudoscalar", Verdict.SYMMETRY, "E(3)"),
        (hand, "scalar", Verdict.NONE, "SE(3)"),
        (vector, "vector", Verdict.SYMMETRY, "E(3)"),
        (vector, "pseudovector", Verdict.NONE, "SE(3)"),
        (axial, "pseudovector", Verdict.SYMMETRY, "E(3)"),
        (axial, "vector", Verdict.NONE, "SE(3)"),
    ],
)
def test_parity_follows_the_declared_representation(function, kind, verdict, group, seed, clouds):
    found = judged(clouds(400, seed=seed), function, kind, seed=seed)
    assert (found.verdict, found.group) == (verdict, group)
    assert found.whole and found.note == ""
    low, high = found.interval
    assert low <= found.violation <= high
    if verdict is Verdict.NONE:
        assert found.violation == pytest.approx(2.0, abs=0.3), "the sign is the wrong one"


def test_a_small_odd_part_is_measured(clouds):
    # E = distances with variance E², O = a · hand: λ = 2 O² / (E² + O²) in variances.
    graphs = clouds(600, seed=4)
    pos = torch.stack([graph.pos for graph in graphs])
    even, odd = distances(pos).var(), hand(pos).square().mean()
    factor = float((0.05 * even / odd).sqrt())
    found = judged(graphs, lambda p: distances(p) + factor * hand(p), "scalar")
    expected = 2 * 0.05 / 1.05
    assert found.violation == pytest.approx(expected, rel=0.3)
    assert found.interval[0] < expected < found.interval[1]
    assert found.verdict is not Verdict.SYMMETRY


def test_what_teachers_miss_refutes_nothing(clouds):
    """A violation that may be their own error, which teachers share, is no violation yet."""
    graphs = clouds(600, seed=4)
    pos = torch.stack([graph.pos for graph in graphs])
    factor = float((0.3 * distances(pos).var() / hand(pos).square().mean()).sqrt())

    def mixed(points):
        return distances(points) + factor * hand(points)

    sure, unsure = (
        judged(graphs, mixed, "scalar", trust=Trust(unexplained=u)) for u in (0.05, 0.45)
    )
    assert sure.interval == unsure.interval
    assert (sure.verdict, unsure.verdict) == (Verdict.NONE, Verdict.UNDECIDED)


@pytest.mark.parametrize("kind", ["scalar", "pseudoscalar"])
def test_weak_teachers_decide_nothing(kind, clouds):
    noise = judged(clouds(300, seed=1), lambda pos: 0 * hand(pos), kind, error=1.0)
    assert noise.verdict is Verdict.UNDECIDED and noise.group == ""
    distrusted = judged(clouds(300, seed=1), hand, kind, trust=Trust(reliable=False))
    assert distrusted.verdict is Verdict.UNDECIDED


def test_data_of_one_hand_say_nothing_about_the_other(clouds):
    graphs = clouds(400, seed=2)
    mirror = torch.tensor([-1.0, 1.0, 1.0], dtype=torch.float64)
    for graph in graphs:
        if float(hand(graph.pos[None])) < 0:
            graph.pos = graph.pos * mirror
    for function, kind in ((hand, "scalar"), (distances, "scalar"), (hand, "pseudoscalar")):
        found = judged(graphs, function, kind)
        assert found.verdict is Verdict.UNTESTED and found.group == ""
        assert found.support > 0.9


def test_mirrors_of_the_plane(clouds):
    graphs = clouds(400, dimension=2, seed=3)
    options = {"algebra": "se(2)", "ambient": "E(2)"}
    even = judged(graphs, distances, "scalar", **options)
    odd = judged(graphs, plane_hand, "scalar", **options)
    sign = judged(graphs, plane_hand, "pseudoscalar", **options)
    assert [f.group for f in (even, odd, sign)] == ["E(2)", "SE(2)", "E(2)"]
    assert {f.element for f in (even, odd, sign)} == {"mirror"}


def test_about_the_origin(clouds):
    found = judged(clouds(400, offset=0.0), distances, "scalar", algebra="so(3)", ambient="O(3)")
    assert found.group == "O(3)"


def test_without_all_rotations_only_the_inversion_is_looked_for(clouds):
    graphs = clouds(400, seed=5)
    lopsided = lambda pos: distances(pos) + torch.sin(pos[:, 0, 2] - pos[:, 1, 2]) ** 2  # noqa: E731
    found = judged(graphs, lopsided, "scalar", algebra="t(3)")
    assert (found.element, found.whole, found.group) == ("inversion", False, "")
    assert "mirror planes" in found.note
    plane = judged(clouds(60, dimension=2), distances, "scalar", algebra="t(2)", ambient="E(2)")
    assert plane.verdict is None and "not looked for" in plane.note


def about_z(pos):
    """Heights, distances from the z axis, and angles about it between points, none at the same."""
    x, y, z = pos.unbind(-1)
    rho = (x.square() + y.square()).sqrt()
    turn = x[:, 0] * x[:, 1] + y[:, 0] * y[:, 1]
    twist = x[:, 0] * y[:, 1] - y[:, 0] * x[:, 1]
    return rho, z, turn, twist


AXIAL = {
    "C_∞v": lambda rho, z, turn, twist: torch.sin(rho + z).sum(1) + turn,
    "C_∞h": lambda rho, z, turn, twist: torch.sin(rho * z.square()).sum(1) + torch.tanh(twist),
    "D_∞h": lambda rho, z, turn, twist: torch.sin(rho + z.square()).sum(1) + turn,
    "D_∞": lambda rho, z, turn, twist: torch.tanh(twist * (z[:, 0] + z[:, 2])) + turn,
    "C_∞": lambda rho, z, turn, twist: torch.sin(rho + z).sum(1) + torch.tanh(twist),
}


@pytest.mark.parametrize("group", AXIAL)
def test_an_axis_and_what_extends_it(group, clouds):
    function = lambda pos: AXIAL[group](*about_z(pos))  # noqa: E731
    graphs = clouds(500, seed=8, offset=0.0)
    found = all_judged(graphs, function, "scalar", algebra="so(2)", ambient="O(3)")
    assert [component.element for component in found] == [
        "inversion",
        "mirror plane through the axis",
        "half-turn across the axis",
    ]
    assert found[-1].group == group and not any(component.note for component in found)
    assert {component.verdict for component in found} <= {Verdict.SYMMETRY, Verdict.NONE}


def test_an_axis_whose_cosets_are_undecided_has_no_name(clouds):
    found = all_judged(
        clouds(200), hand, "scalar", algebra="so(2)", ambient="O(3)", trust=Trust(reliable=False)
    )
    assert [component.group for component in found] == ["", "", ""]


def test_support_of_ragged_molecules_in_random_and_in_canonical_poses():
    from semola_geo.datasets import QM9XTB

    inputs = Fields({"pos": "point"}, 3)
    inversion = isometry_about(-torch.eye(3).double(), torch.zeros(3).double(), True)
    shares = {}
    for orientation in ("random", "canonical"):
        data = QM9XTB("energy", orientation=orientation, limit=500, offset=0.0)
        batch = Batch.from_data_list(list(data))
        shares[orientation] = reflection_support(batch, inputs, inversion)
    # Labels of hands in QM9 are as good as random; canonical poses have a positive side.
    assert shares["random"] < 0.2
    assert shares["canonical"] > 0.5


def test_the_report_of_a_discovery_says_it(clouds, monkeypatch, tmp_path):
    """Everything but the training of the teachers."""
    graphs = clouds(300, seed=6, dtype=torch.float32)
    for graph in graphs:
        graph.y = hand(graph.pos[None])

    def family(problem, factory, limits, *_, **__):
        pairs = [(erring(hand, 0.02, 2 * k), erring(hand, 0.02, 2 * k + 1)) for k in range(2)]
        return Family(pairs, [0.99] * 4, True)

    monkeypatch.setattr(continuous, "train_family", family)
    monkeypatch.setattr(Problem, "choose_network", lambda self: None)
    for kind, group in (("scalar", "SE(3)"), ("pseudoscalar", "E(3)")):
        report = discover.discover_symmetry(
            graphs, "y", {"pos": "point", "y": kind}, "E(3)", refine=False, progress=False
        )
        assert (report.name, report.group) == ("se(3)", group)
        assert report.reflections == (group == "E(3)")
        assert group in str(report)
        (entry,) = report.to_dict()["components"]
        assert entry["kind"] == "reflections" and len(entry["matrix"]) == 4
        report.save(tmp_path)
        assert group in (tmp_path / "report.html").read_text()
    plain = discover.discover_symmetry(
        graphs, "y", {"pos": "point", "y": "scalar"}, "SE(3)", refine=False, progress=False
    )
    assert plain.components == [] and not plain.reflections and plain.group == ""
    assert "eflection" not in str(plain)


def test_nothing_is_taught_to_be_symmetric_before_the_test(clouds):
    graphs = clouds(50)
    for graph in graphs:
        graph.y = hand(graph.pos[None])
    fields = {"pos": "point", "y": "scalar"}
    settings = DiscoverySettings(progress=False)
    problem = Problem.prepare(graphs, "y", fields, parse_ambient("E(3)"), None, 0, settings)
    transform = problem.augmentation(LieAlgebra.from_name("se(3)"))
    element = transform.sample(200, torch.Generator().manual_seed(0))
    assert bool((torch.linalg.det(element.linear) > 0).all())
