"""How far a learned augmentation goes."""

import math

import pytest
import torch
from torch_geometric.data import Batch, Data

from semola_geo.algebra import LieAlgebra
from semola_geo.transforms import LearnableSymmetryTransform, reach


def test_a_turn_has_an_angle_and_a_shift_has_none() -> None:
    # A generator of so(3) of unit Frobenius norm turns by 1/sqrt(2) per unit.
    screw = LieAlgebra.from_name("so(2) + t(1)")
    transform = LearnableSymmetryTransform.from_algebra(screw, {"pos": "point"}, extent=1.5)
    extents, angles = reach(transform, screw)
    assert extents == pytest.approx([1.5, 1.5])
    assert angles[0] == pytest.approx(math.degrees(1.5 / 2**0.5))
    assert angles[1] is None


def test_rounding_turns_nothing() -> None:
    group = LieAlgebra.from_name("so(2) + t(1)")
    transform = LearnableSymmetryTransform.from_algebra(group, {"pos": "point"})
    turn, shift = group.generators
    nearly = LieAlgebra(torch.stack([turn, shift + 1e-7 * turn]), affine=True)
    angles = reach(transform, nearly)[1]
    assert angles[0] is not None and angles[1] is None


def test_the_corner_of_a_box_is_farther_than_its_faces() -> None:
    so3 = LieAlgebra.from_name("so(3)")
    transform = LearnableSymmetryTransform.from_algebra(so3, {"pos": "point"}, extent=1.0)
    diagonal = LieAlgebra(so3.generators.sum(0, keepdim=True))
    assert reach(transform, diagonal)[0] == pytest.approx([3**0.5])


def test_the_shortest_generator_limits_a_mixed_direction() -> None:
    so3 = LieAlgebra.from_name("so(3)")
    transform = LearnableSymmetryTransform.from_algebra(so3, {"pos": "point"}, extent=1.0)
    transform.law.set_extents(torch.tensor([0.1, 1.0, 1.0]))
    diagonal = LieAlgebra(so3.generators.sum(0, keepdim=True))
    assert reach(transform, diagonal)[0] == pytest.approx([0.1 * 3**0.5])


def test_several_factors_go_further() -> None:
    so2 = LieAlgebra.from_name("so(2)")
    transform = LearnableSymmetryTransform.from_algebra(
        so2, {"pos": "point"}, extent=1.0, num_factors=3
    )
    (angle,) = reach(transform, so2)[1]
    points = torch.eye(2, dtype=torch.float64)[:1].repeat(500, 1)
    graphs = Batch.from_data_list([Data(pos=point[None]) for point in points])
    moved = transform(graphs, generator=torch.Generator().manual_seed(0)).pos
    turned = torch.rad2deg(torch.atan2(moved[:, 1], moved[:, 0]).abs().max())
    assert 0.6 * angle < turned <= angle + 1e-6


def test_a_direction_outside_the_span_is_not_reached() -> None:
    so2 = LieAlgebra.from_name("so(2)", dimension=3)
    transform = LearnableSymmetryTransform.from_algebra(so2, {"pos": "point"})
    others = LieAlgebra(LieAlgebra.from_name("so(3)").generators[:2])
    assert reach(transform, others) == ([None, None], [None, None])
