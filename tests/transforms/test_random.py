"""Known groups: what is sampled, and what has no distribution."""

import math

import pytest
import torch
from torch_geometric.data import Batch, Data

from semola_geo.groups import PointGroup, random_rotations
from semola_geo.transforms import RandomSymmetryTransform

POINT = {"pos": "point"}
SIZE = 10_000


def sample(group, size=SIZE, **options):
    generator = torch.Generator().manual_seed(0)
    return RandomSymmetryTransform(POINT, group, **options).sample(size, generator)


def improper(g):
    return float((torch.linalg.det(g.linear) < 0).double().mean())


@pytest.mark.parametrize("d", [2, 3, 4])
@pytest.mark.parametrize("kind", ["SO", "O", "SE", "E"])
def test_rotations_are_uniform(kind, d):
    g = sample(f"{kind}({d})")
    eye = torch.eye(d, dtype=torch.float64).expand(SIZE, d, d)
    torch.testing.assert_close(g.linear @ g.linear.mT, eye)
    assert (g.linear.mean(0).abs() < 5 * g.linear.std(0) / math.sqrt(SIZE)).all()
    square = g.linear.square()
    assert ((square.mean(0) - 1 / d).abs() < 5 * square.std(0) / math.sqrt(SIZE)).all()
    share = 0.5 if kind in ("O", "E") else 0.0
    assert abs(improper(g) - share) <= 5 * math.sqrt(share * (1 - share) / SIZE)
    assert g.affine == (kind in ("SE", "E"))


def test_translations_are_normal_of_the_given_width():
    for options in ({"translation": 2.5}, {"translation": 2.5, "length_scale": 7.0}):
        g = sample("T(3)", **options)
        assert torch.equal(g.linear, torch.eye(3, dtype=torch.float64).expand(SIZE, 3, 3))
        shift = g.translation
        assert (shift.mean(0).abs() < 5 * 2.5 / math.sqrt(SIZE)).all()
        assert ((shift.square().mean(0) - 2.5**2).abs() < 5 * math.sqrt(2 / SIZE) * 2.5**2).all()
        kurtosis = (shift / 2.5).pow(4).mean(0)
        assert ((kurtosis - 3).abs() < 5 * math.sqrt(96 / SIZE)).all()
    assert torch.equal(sample("SE(2)", 5, translation=0.0).translation, torch.zeros(5, 2).double())


def test_rotations_turn_about_the_center():
    center = torch.tensor([4.0, -2.0, 1.0], dtype=torch.float64)
    g = sample("E(3)", 6, translation=0.0, center=center, length_scale=3.0)
    moved = torch.einsum("bij,j->bi", g.linear, center) + g.translation
    torch.testing.assert_close(moved, center.expand(6, 3))


@pytest.mark.parametrize(("group", "d"), [("SO(3)", 3), ("O(3)", 3), ("SE(3)", 3), ("SO(2)", 2)])
def test_restricted_angles(group, d):
    g = sample(group, 2_000, max_angle=25.0)
    proper = g.linear[torch.linalg.det(g.linear) > 0]
    trace = proper.diagonal(dim1=1, dim2=2).sum(1)
    cosine = (trace - 1) / 2 if d == 3 else trace / 2
    assert float(cosine.min()) >= math.cos(math.radians(25.0)) - 1e-9
    assert float(cosine.min()) < math.cos(math.radians(20.0))


@pytest.mark.parametrize(
    "group", ["GL(3)", "SL(2)", "Sim(3)", "Aff(2)", "SO(1,3)", "Poincare(1,3)"]
)
def test_groups_without_a_uniform_distribution_need_a_range(group):
    with pytest.raises(ValueError, match="has no Haar probability measure; give extent="):
        RandomSymmetryTransform(POINT, group)
    near, far = (sample(group, 200, extent=extent).matrix for extent in (0.01, 0.5))
    eye = torch.eye(near.shape[-1], dtype=torch.float64)
    ratio = (far - eye).square().mean().sqrt() / (near - eye).square().mean().sqrt()
    assert 40 < float(ratio) < 120


def test_a_range_for_a_compact_group_keeps_its_reflections():
    g = sample("O(3)", 2_000, extent=0.1)
    assert 0.4 < improper(g) < 0.6


@pytest.mark.parametrize(
    ("group", "options", "text"),
    [
        ("SO(4)", {"max_angle": 30.0}, "max_angle applies to rotations in d = 2 or 3"),
        ("T(3)", {"max_angle": 30.0}, "max_angle applies to rotations"),
        ("GL(3)", {"max_angle": 30.0, "extent": 1.0}, "max_angle applies to rotations"),
        ("SO(3)", {"max_angle": 0.0}, r"max_angle must lie in \(0, 180\]"),
        ("SO(3)", {"max_angle": 200.0}, r"max_angle must lie in \(0, 180\]"),
        ("GL(3)", {"extent": 0.0}, "extent must be positive"),
        ("GL(3)", {"extent": math.nan}, "extent must be positive"),
        ("SE(3)", {"translation": -1.0}, "translation must be finite and not negative"),
        ("SO(3)", {"translation": 1.0}, r"translation does not apply to group='SO\(3\)'"),
        ("SE(3)", {"translation": 1.0, "extent": 0.1}, "translation does not apply"),
        ("T_d", {"translation": 1.0, "center": [1.0, 0.0, 0.0]}, "not apply to group='T_d'"),
    ],
)
def test_options_that_are_refused(group, options, text):
    with pytest.raises(ValueError, match=text):
        RandomSymmetryTransform(POINT, group, **options)


def test_every_graph_of_a_batch_turns_by_itself_and_takes_its_dipole_along():
    """The two complaints about PyG's RandomRotate."""
    graphs = [Data(pos=torch.eye(3), dipole=torch.ones(1, 3)) for _ in range(4)]
    transform = RandomSymmetryTransform({"pos": "point", "dipole": "vector"}, "SO(3)")
    moved = transform(Batch.from_data_list(graphs), generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(moved.pos.reshape(4, 3, 3).sum(1), moved.dipole)
    assert len({tuple(row) for row in moved.dipole.round(decimals=3).tolist()}) == 4


def test_repr_and_state():
    transform = RandomSymmetryTransform(POINT, "E(3)")
    assert repr(transform) == "RandomSymmetryTransform(pos='point', group='E(3)')"
    assert list(transform.parameters()) == []
    assert all(isinstance(value, torch.Tensor) for value in transform.state_dict().values())


@pytest.mark.parametrize("center", [None, (4.0, -2.0, 1.0)])
def test_point_groups_by_name_and_by_elements(center):
    turn = random_rotations(1, 3, torch.Generator().manual_seed(5))[0]
    group = PointGroup.from_name("T_d", turn)
    named = RandomSymmetryTransform(POINT, "Td", orientation=turn, center=center)
    given = RandomSymmetryTransform(POINT, group, center=center)
    one, two = (t.sample(500, torch.Generator().manual_seed(1)) for t in (named, given))
    assert torch.equal(one.matrix, two.matrix)
    assert all(group.contains(element) for element in one.linear[:50])
    assert abs(improper(one) - 0.5) < 5 * 0.5 / math.sqrt(500)
    middle = torch.zeros(3) if center is None else torch.tensor(center)
    fixed = one.linear @ middle.double() + one.translation
    torch.testing.assert_close(fixed, middle.double().expand(500, 3))
    assert repr(given) == "RandomSymmetryTransform(pos='point', group='T_d')"


@pytest.mark.parametrize(
    ("group", "options", "text"),
    [
        ("O_h", {"max_angle": 20.0}, "do not apply to the finite group O_h"),
        ("O_h", {"extent": 1.0}, "do not apply to the finite group O_h"),
        ("SO(3)", {"orientation": torch.eye(3)}, "orientation is that of a point group"),
        ("C_1h", {}, "unknown ambient group 'C_1h'"),
    ],
)
def test_what_point_groups_refuse(group, options, text):
    with pytest.raises(ValueError, match=text):
        RandomSymmetryTransform(POINT, group, **options)
