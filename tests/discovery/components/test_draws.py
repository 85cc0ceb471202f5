"""How far draws from a group go: everywhere where the data do, else as far as the extents."""

from __future__ import annotations

import pytest
import torch
from torch_geometric.data import Batch

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery.components.draws import draws_from
from semola_geo.discovery.verdict import Thresholds
from semola_geo.fields import Fields
from semola_geo.groups import parse_ambient, random_rotations
from semola_geo.transforms import LearnableSymmetryTransform

TOLD = Thresholds().told
CENTER = 0.3


def sampler_of(graphs, algebra, ambient):
    group = parse_ambient(ambient)
    kinds = {"pos": "point" if group.affine else "vector"}
    batch = Batch.from_data_list(graphs)
    transform = LearnableSymmetryTransform.from_algebra(
        LieAlgebra.from_name(algebra, group.dimension),
        kinds,
        ambient=group,
        reflections=False,
        center=torch.full((group.dimension,), CENTER) if group.affine else None,
    )
    return draws_from(transform, batch, Fields(kinds, group.dimension), TOLD)


def angles(elements, size):
    """Largest angle of rotation of every element, in degrees."""
    turns = elements.matrix[:, :size, :size].detach().double()
    assert torch.allclose(turns @ turns.mT, torch.eye(size).double().expand_as(turns), atol=1e-5)
    assert torch.allclose(torch.linalg.det(turns), torch.ones(len(turns)).double(), atol=1e-5)
    trace = turns.diagonal(dim1=-2, dim2=-1).sum(-1)
    cosine = (trace - 1) / 2 if size == 3 else trace / 2
    return torch.rad2deg(cosine.clamp(-1, 1).acos())


def placed(graphs, size, about):
    """The same graphs in the first d coordinates, with their centroids at one place."""
    for graph in graphs:
        flat = graph.pos[:, :size].double()
        graph.pos = flat - flat.mean(0) + about
    return graphs


def posed(graphs, size):
    """Graphs that share one pose up to 20 degrees: a long arm along the first axis."""
    g = torch.Generator().manual_seed(1)
    for graph in graphs:
        small = random_rotations(1, size, g, max_angle=20.0)[0]
        graph.pos[0, 0] += 6.0
        graph.pos = graph.pos @ small.T
    return graphs


@pytest.mark.parametrize(
    ("algebra", "ambient", "size"),
    [("se(3)", "E(3)", 3), ("so(3)", "O(3)", 3), ("se(2)", "E(2)", 2)],
)
def test_where_poses_are_random_rotations_are_haar(clouds, algebra, ambient, size):
    graphs = placed(clouds(600), size, CENTER if ambient.startswith("E") else 0.0)
    draw = sampler_of(graphs, algebra, ambient)
    found = angles(draw(torch.Generator().manual_seed(0)), size)
    # Angles of SO(3) have density (1 - cos θ)/π on [0, π], those of SO(2) are uniform.
    expected = 0.5 + 1 / torch.pi if size == 3 else 0.5
    share = float((found > 90).double().mean())
    assert share == pytest.approx(expected, abs=4 * (0.25 / 600) ** 0.5)


@pytest.mark.parametrize(
    ("algebra", "ambient", "size"),
    [("se(3)", "E(3)", 3), ("so(3)", "O(3)", 3), ("se(2)", "E(2)", 2)],
)
def test_a_limited_range_of_poses_is_not_left(clouds, algebra, ambient, size):
    draw = sampler_of(posed(placed(clouds(600), size, 0.0), size), algebra, ambient)
    found = angles(draw(torch.Generator().manual_seed(0)), size)
    assert float(found.max()) < 90


@pytest.mark.parametrize(("algebra", "ambient"), [("so(2)", "O(3)"), ("t(3)", "E(3)")])
def test_without_all_rotations_extents_hold(clouds, algebra, ambient):
    draw = sampler_of(clouds(300), algebra, ambient)
    assert float(angles(draw(torch.Generator().manual_seed(0)), 3).max()) < 90


def test_under_other_than_isometries_extents_hold(clouds):
    """A hidden so(3) preserves a stretched metric: Haar rotations are none of its elements."""
    stretch = torch.diag(torch.tensor([1.0, 1.0, 3.0])).double()
    plain = LieAlgebra.from_name("so(3)", 3).generators.double()
    hidden = LieAlgebra(stretch @ plain @ torch.linalg.inv(stretch))
    kinds = {"pos": "vector"}
    transform = LearnableSymmetryTransform.from_algebra(hidden, kinds, ambient="GL(3)")
    batch = Batch.from_data_list(clouds(300))
    draw = draws_from(transform, batch, Fields(kinds, 3), TOLD)
    moved = draw(torch.Generator().manual_seed(0)).matrix.double()
    metric = torch.linalg.inv(stretch @ stretch.T)
    assert torch.allclose(moved.mT @ metric @ moved, metric.expand_as(moved), atol=1e-4)


def test_a_seed_repeats_the_draws(clouds):
    draw = sampler_of(clouds(50), "se(3)", "E(3)")
    first, again, other = (draw(torch.Generator().manual_seed(seed)).matrix for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_group_about_a_point_keeps_it(clouds):
    group, point = parse_ambient("E(3)"), torch.tensor([1.0, -2.0, 0.5]).double()
    spins = LieAlgebra.from_name("so(3)", 3).generators.double()
    about = torch.zeros(3, 4, 4, dtype=torch.float64)
    about[:, :3, :3], about[:, :3, 3] = spins, -(spins @ point)
    transform = LearnableSymmetryTransform.from_algebra(
        LieAlgebra(about),
        {"pos": "point"},
        ambient=group,
        reflections=False,
        center=torch.full((3,), CENTER),
    )
    graphs = Batch.from_data_list(placed(clouds(300), 3, point))
    draw = draws_from(transform, graphs, Fields({"pos": "point"}, 3), TOLD)
    moved = draw(torch.Generator().manual_seed(0))
    assert float(angles(moved, 3).max()) > 150
    fixed = torch.cat([point, torch.ones(1).double()])
    assert torch.allclose(moved.matrix.double() @ fixed, fixed.expand(300, 4), atol=1e-4)
