from __future__ import annotations

import pytest
import torch
from torch_geometric.data import Batch, Data

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery import Support, Thresholds, tangent_support
from semola_geo.discovery.supported import SupportedSpan
from semola_geo.fields import Fields
from semola_geo.groups import parse_ambient

LIMIT = Thresholds().support


def random(*shape, seed=0):
    g = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=g, dtype=torch.float64)


def planar_span(ambient="Aff(3)", count=200):
    pos = random(count, 3, 3)
    pos[:, :, 2] = 0
    batch = Batch.from_data_list([Data(pos=x) for x in pos])
    group = parse_ambient(ambient)
    support = tangent_support(
        batch, Fields({"pos": "point"}, 3), group.basis, torch.Generator().manual_seed(0)
    )
    return group, SupportedSpan.of(support, LIMIT, group)


def test_directions_that_move_nothing_are_no_part_of_a_generator():
    # On points of the plane z = 0 a turn about z acts like a turn that also shears along z.
    group, span = planar_span()
    turn = LieAlgebra.from_name("so(2)", dimension=3, affine=True)
    dirty = turn.generators.clone()
    dirty[:, :3, 2] = torch.tensor([0.4, -0.3, 0.7], dtype=torch.float64)
    clean = group.combine(span.project(group.coordinates(LieAlgebra(dirty, affine=True)).T).T)
    assert max(LieAlgebra(dirty, affine=True).principal_angles(turn)) > 20
    torch.testing.assert_close(clean, turn.generators, atol=1e-9, rtol=0)


def test_what_leaves_the_data_is_taken_out_as_well():
    group, span = planar_span()
    tilt = torch.zeros(1, 4, 4, dtype=torch.float64)
    tilt[0, 2, 0] = 1.0
    along = group.coordinates(LieAlgebra(tilt, affine=True)).T
    assert span.project(along).norm() < 1e-6


def test_the_projection_keeps_what_is_supported_and_is_closest_in_displacement():
    # All spans of translations are closed.
    half, root = random(5, 5, seed=1), random(5, 5, seed=2)
    total = root @ root.T
    share = torch.tensor([0.0, 0.0, 0.05, 0.6, 1.0], dtype=torch.float64)
    support = Support(root @ share.diag() @ root.T, total, "by hand")
    span = SupportedSpan.of(support, LIMIT, parse_ambient("T(5)"))
    assert span.frame.shape == (5, 3)
    inside = span.frame @ random(3, 4, seed=3)
    torch.testing.assert_close(span.project(inside), inside)
    rest = half - span.project(half)
    assert (span.frame.T @ total @ rest).abs().max() < 1e-9


@pytest.mark.parametrize(
    "support", [None, Support(0 * random(3, 3), random(3, 3) @ random(3, 3).T, "")]
)
def test_where_all_is_supported_nothing_changes(support):
    directions = random(3, 2)
    span = SupportedSpan.of(support, LIMIT, parse_ambient("SO(3)"))
    assert torch.equal(span.project(directions), directions)
    assert torch.equal(span.frame, torch.eye(3, dtype=torch.float64))


def test_a_restricted_group_holds_supported_directions_only():
    group, span = planar_span("SE(3)")
    inside = group.restrict(span.frame)
    assert (len(inside), inside.name) == (3, group.name)
    assert inside.basis[:, :, 2].abs().max() < 1e-9
    assert max(LieAlgebra(inside.basis).principal_angles(LieAlgebra.from_name("se(2)", 3))) < 1e-6


def test_a_span_that_sampling_tilted_is_closed():
    group = parse_ambient("GL(3)")
    turns = group.coordinates(LieAlgebra.from_name("so(3)")).T
    supported = torch.linalg.qr(turns + 0.05 * random(9, 3, seed=4)).Q
    outside = torch.eye(9, dtype=torch.float64) - supported @ supported.T
    tilted = LieAlgebra(group.combine(supported.T))
    assert tilted.closure_defect() > 1e-3
    span = SupportedSpan.of(
        Support(outside, torch.eye(9, dtype=torch.float64), "by hand"), LIMIT, group
    )
    closed = LieAlgebra(group.combine(span.frame.T))
    assert closed.closure_defect() < 1e-9
    assert closed.name == "so(3)"
    assert max(closed.principal_angles(tilted)) < 15
