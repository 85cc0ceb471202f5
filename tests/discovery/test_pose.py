from __future__ import annotations

import pytest
import torch
from torch_geometric.data import Batch, Data

from semola_geo.datasets import QM9XTB
from semola_geo.discovery import Thresholds
from semola_geo.discovery.pose import pose_statistics, pose_support
from semola_geo.discovery.support import as_batch
from semola_geo.fields import Fields
from semola_geo.groups import parse_ambient

POINT = Fields({"pos": "point"}, 3)


def shares(batch, ambient="SE(3)"):
    """Shares of the rotations and of the translations about the centroid."""
    group = parse_ambient(ambient)
    basis = group.basis.clone()
    support = pose_support(batch, POINT, basis, torch.Generator().manual_seed(0))
    found = support.share(torch.eye(len(basis), dtype=torch.float64))
    turning = basis[:, :3, :3].flatten(1).norm(dim=1) > 0
    return found[turning], found[~turning]


# Real molecules, [m] on 600 of them: rotations 0.95, 0.02 and 0.1.
@pytest.mark.parametrize(
    ("orientation", "least", "most"),
    [("canonical", 0.8, 1.0), ("random", 0.0, 0.1), ("restricted", 0.0, 0.2)],
)
def test_poses_of_molecules(orientation, least, most):
    batch = as_batch(QM9XTB("dipole", orientation=orientation, limit=600, offset=0.0))
    rotations, translations = shares(batch)
    assert rotations.min() >= least
    assert rotations.max() <= most
    assert translations.min() > 0.9, "centred molecules never translate"


def test_offset_molecules_translate():
    rotations, translations = shares(as_batch(QM9XTB("dipole", limit=400)))
    assert translations.max() < 0.2
    assert rotations.max() < 0.2


@pytest.mark.parametrize(("orientation", "supported"), [("random", 12), ("canonical", 3)])
def test_the_default_limit_tells_poses_apart(orientation, supported):
    # [m] upper bounds: up to 0.08 for random poses with offsets, from 0.84 on for canonical ones,
    # which move along three stretches of their axes.
    batch = as_batch(QM9XTB("dipole", orientation=orientation, limit=400))
    basis = parse_ambient("Aff(3)").basis
    support = pose_support(batch, POINT, basis, torch.Generator().manual_seed(0))
    limit = Thresholds().support
    assert support.split(limit)[0].shape[1] == supported
    assert support.split(2 * limit)[0].shape[1] == supported, "not a matter of the exact limit"


def test_statistics_of_a_canonical_pose_do_not_depend_on_size():
    g = torch.Generator().manual_seed(0)
    points = torch.randn(40, 3, generator=g, dtype=torch.float64)
    points -= points.mean(0)
    points = points @ torch.linalg.eigh(points.T @ points).eigenvectors
    found = pose_statistics(points, torch.zeros(40).long(), 1, torch.ones(40))[0]
    assert found[:3].abs().max() < 1e-12
    mixed = [4, 5, 7]
    assert found[mixed].abs().max() < 1e-12
    assert found[9:].abs().max() < 1e-12


@pytest.mark.parametrize("dimension", [2, 3])
def test_statistics_have_fixed_width(dimension):
    points = torch.randn(7, dimension, dtype=torch.float64)
    graph = torch.tensor([0, 0, 0, 1, 1, 1, 1])
    width = 2 * dimension + dimension * (dimension + 1) // 2
    assert pose_statistics(points, graph, 2, torch.ones(7)).shape == (2, width)


def test_no_points_no_support():
    batch = Batch.from_data_list([Data(v=torch.randn(n, 3)) for n in (2, 3)])
    fields = Fields({"v": "vector"}, 3)
    assert pose_support(batch, fields, parse_ambient("SO(3)").basis, torch.Generator()) is None


def test_floating_charges_and_z_of_another_length_are_tolerated():
    graphs = [Data(pos=torch.randn(n, 3), z=torch.ones(1, dtype=torch.long)) for n in (2, 3, 4)]
    assert shares(Batch.from_data_list(graphs))[0].shape == (3,)


def test_graphs_whose_weights_are_all_zero_count_their_points_alike():
    points = torch.randn(6, 3, dtype=torch.float64)
    graph = torch.tensor([0, 0, 0, 1, 1, 1])
    species = torch.tensor([0, 0, 0, 0, 1, 1])
    found = pose_statistics(points, graph, 2, species)
    assert bool(torch.isfinite(found).all())
    ones = pose_statistics(points, graph, 2, torch.ones(6))
    torch.testing.assert_close(found[0], ones[0])
    assert not torch.allclose(found[1, -3:], ones[1, -3:])
