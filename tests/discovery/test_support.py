from __future__ import annotations

import pytest
import torch
from torch_geometric.data import Batch, Data

from semola_geo.discovery import Support, Thresholds, tangent_support
from semola_geo.discovery.pose import pose_support
from semola_geo.discovery.support import has_slots, is_fixed_size, leaving_share
from semola_geo.fields import Fields
from semola_geo.groups import matrix_exponential, parse_ambient, random_rotations

POINT = Fields({"pos": "point"}, 3)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def shares(batch, ambient, fields=POINT):
    """Share of every basis direction that leaves the data."""
    basis = parse_ambient(ambient).basis
    support = tangent_support(batch, fields, basis, seeded())
    return support.share(torch.eye(len(basis), dtype=torch.float64))


def test_general_clouds_move_everywhere(batch_of):
    assert shares(batch_of(300, 3), "Aff(3)").max() < 0.2


def test_centred_clouds_never_translate(batch_of):
    batch = batch_of(300, 3)
    batch.pos = (batch.pos.reshape(300, 3, 3) - batch.pos.reshape(300, 3, 3).mean(1, True)).flatten(
        0, 1
    )
    found = shares(batch, "SE(3)")
    rotations = parse_ambient("SE(3)").basis[:, :3, :3].flatten(1).norm(dim=1) > 0
    assert found[~rotations].min() > 0.99
    assert found[rotations].max() < 0.2


def test_planar_clouds_never_tilt(batch_of):
    # Motion out of the plane: rotations about x and y and the translation along z; what remains
    # in the plane is so(2) and two translations.
    batch = batch_of(300, 3)
    batch.pos[:, 2] = 0
    basis = parse_ambient("SE(3)").basis
    support = tangent_support(batch, POINT, basis, seeded())
    supported, unsupported = support.split(0.5)
    assert (supported.shape[1], unsupported.shape[1]) == (3, 3)
    tilting = basis[:, 2, :].abs().sum(1) > 1e-9
    assert supported[tilting].abs().max() < 1e-6


def test_one_shape_in_many_poses_turns_but_never_stretches(clouds):
    # Turned by small angles: the tangent space is that of the rotations, up to curvature.
    pos = clouds(1, 4)[0].pos
    so3, gl3 = parse_ambient("SO(3)").basis, parse_ambient("GL(3)").basis
    weights = 0.1 * torch.randn(500, 3, generator=seeded(), dtype=torch.float64)
    poses = pos @ matrix_exponential(torch.einsum("bk,kij->bij", weights, so3)).transpose(1, 2)
    batch = Batch.from_data_list([Data(pos=pose) for pose in poses])
    support = tangent_support(batch, POINT, gl3, seeded())
    turns = (so3.flatten(1) @ gl3.flatten(1).T).T
    assert support.share(turns).max() < 0.01
    supported, _ = support.split(0.5)
    assert supported.shape[1] == 3
    assert (supported - turns @ torch.linalg.lstsq(turns, supported).solution).norm() < 0.1


@pytest.mark.parametrize("count", [500, 2000])
def test_an_orbit_supports_its_group_alone(clouds, count):
    # One shape in all poses. Between neighbours the orbit is curved, so that a stretch leaves it
    # by a quarter to a half only [m]; a turn by less than a fiftieth.
    turns = random_rotations(count, 3, seeded()).double()
    poses = clouds(1, 2)[0].pos @ turns.transpose(1, 2)
    batch = Batch.from_data_list([Data(pos=pose) for pose in poses])
    support = tangent_support(batch, POINT, parse_ambient("GL(3)").basis, seeded())
    supported, _ = support.split(Thresholds().support)
    skew = parse_ambient("GL(3)").combine(supported.T)
    assert len(skew) == 3
    assert (skew + skew.transpose(1, 2)).norm() < 0.1 * skew.norm()


def test_one_configuration_supports_nothing(clouds):
    batch = Batch.from_data_list(clouds(1, 4) * 50)
    assert shares(batch, "Aff(3)").min() > 0.99


def test_what_moves_nothing_is_unsupported(batch_of):
    fields = Fields({"pos": "vector"}, 3)
    found = shares(batch_of(100, 3), "SE(3)", fields)
    still = parse_ambient("SE(3)").basis[:, :3, :3].flatten(1).norm(dim=1) == 0
    assert found[still].tolist() == [1, 1, 1]
    assert found[~still].max() < 0.3


def test_velocities_belong_to_the_configuration(batch_of):
    # Positions alone turn; with all velocities along x they do not.
    batch = batch_of(300, 3, vel=True)
    fields = Fields({"pos": "point", "vel": "vector"}, 3)
    free = shares(batch, "SO(3)", fields)
    batch.vel = torch.tensor([3.0, 0, 0], dtype=torch.float64) * batch.vel.norm(dim=1, keepdim=True)
    assert shares(batch, "SO(3)", fields).max() > free.max() + 0.3


def test_split_is_a_basis_and_respects_the_limit():
    half = torch.randn(5, 5, generator=seeded(1), dtype=torch.float64)
    total = half @ half.T + torch.eye(5, dtype=torch.float64)
    share = torch.tensor([0.0, 0.2, 0.4, 0.8, 1.0], dtype=torch.float64)
    root = torch.linalg.cholesky(total)
    support = Support(root @ share.diag() @ root.T, total, "by hand")
    supported, unsupported = support.split(0.5)
    assert (supported.shape[1], unsupported.shape[1]) == (3, 2)
    assert torch.linalg.matrix_rank(torch.cat([supported, unsupported], 1)) == 5
    mixture = supported @ torch.randn(3, 20, generator=seeded(2), dtype=torch.float64)
    assert support.share(mixture).max() <= 0.4 + 1e-9


@pytest.mark.parametrize("size", [1, 3])
def test_a_total_of_zero_supports_nothing(size):
    nothing = torch.zeros(size, size, dtype=torch.float64)
    supported, unsupported = Support(nothing, nothing, "by hand").split(0.5)
    assert (supported.shape[1], unsupported.shape[1]) == (0, size)
    assert Support(nothing, nothing, "").share(torch.eye(size).double()).tolist() == [1] * size


def test_ragged_nodes_or_edges_are_no_fixed_size(clouds):
    graphs = [*clouds(2, 3), *clouds(1, 4)]
    ragged = Batch.from_data_list(graphs)
    assert not is_fixed_size(ragged, POINT)
    with pytest.raises(ValueError, match="one size"):
        tangent_support(ragged, POINT, parse_ambient("SO(3)").basis, seeded())
    edges = [
        Data(pos=torch.randn(3, 3), arrow=torch.randn(n, 3), edge_index=torch.zeros(2, n).long())
        for n in (1, 2)
    ]
    batch = Batch.from_data_list(edges)
    assert is_fixed_size(batch, POINT)
    assert not is_fixed_size(batch, Fields({"pos": "point", "arrow": "vector"}, 3))


def test_points_in_no_order_are_no_slots():
    """Clouds drawn from turned ellipsoids turn, which places of points in a list cannot tell."""
    generator, graphs, points = seeded(), 300, 64
    axes = torch.tensor([2.0, 1.0, 0.5], dtype=torch.float64)
    shapes = axes * torch.rand(graphs, 1, 3, generator=generator, dtype=torch.float64).add(0.5)
    cloud = torch.randn(graphs, points, 3, generator=generator, dtype=torch.float64) * shapes
    turned = cloud @ random_rotations(graphs, 3, generator).mT
    batch = Batch.from_data_list([Data(pos=x - x.mean(0)) for x in turned])
    assert is_fixed_size(batch, POINT) and not has_slots(batch, POINT)
    support = pose_support(batch, POINT, parse_ambient("SO(3)").basis, seeded())
    assert support.share(torch.eye(3).double()).max() < 0.05


@pytest.mark.parametrize("count", [1, 2, 5])
def test_very_few_points(count):
    g = seeded()
    found = leaving_share(
        torch.randn(count, 3, generator=g, dtype=torch.float64),
        torch.randn(count, 2, 3, generator=g, dtype=torch.float64),
        g,
        "few",
    )
    share = found.share(torch.eye(2, dtype=torch.float64))
    assert torch.isfinite(share).all()
    assert (share >= 0).all() and (share <= 1).all()


def test_support_has_to_be_established():
    # Half of each displacement leaves, 0 or 1 of it in single graphs: 0.45 may well be 0.55.
    leaving = (torch.rand(100, generator=seeded(3), dtype=torch.float64) < 0.45).double()
    one = torch.ones(100, 1, 1, dtype=torch.float64)
    samples = (leaving[:, None, None], one)
    total = tuple(form.sum(0) for form in samples)
    assert Support(*total, "by hand").split(0.5)[0].shape[1] == int(leaving.mean() <= 0.5)
    support = Support(*total, "by hand", samples)
    bound = leaving.mean() + 1.645 * leaving.std() / 10
    assert float(support.upper(one[0])) == pytest.approx(float(bound))
    assert support.split(0.5)[1].shape[1] == int(bound > 0.5)
    many = tuple(form.repeat(100, 1, 1) for form in samples)
    surer = Support(*total, "by hand", many)
    assert float(surer.upper(one[0])) < 0.5 or float(leaving.mean()) > 0.49


def test_a_restricted_support_is_that_of_the_combinations(batch_of):
    basis = parse_ambient("Aff(3)").basis
    support = tangent_support(batch_of(100, 3), POINT, basis, seeded())
    frame = torch.randn(12, 4, generator=seeded(1), dtype=torch.float64)
    inside = support.restrict(frame)
    unit = torch.eye(4, dtype=torch.float64)
    torch.testing.assert_close(inside.share(unit), support.share(frame))
    torch.testing.assert_close(inside.upper(unit), support.upper(frame))
