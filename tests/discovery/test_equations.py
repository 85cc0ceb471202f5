"""Equations of degree two: found where they hold up to rounding, and only there."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from semola_geo.discovery.equations import find_equations
from semola_geo.discovery.support import leaving_share

F64 = torch.float64


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=F64)


def sphere(count, width, seed=0):
    x = normal(count, width, seed=seed)
    return x / x.norm(dim=1, keepdim=True)


@pytest.mark.parametrize("dtype", [torch.float32, F64])
@given(width=st.integers(2, 5), seed=st.integers(0, 20))
@settings(max_examples=10, deadline=None)
def test_a_stretched_and_shifted_sphere(dtype, width, seed):
    stretch = torch.eye(width, dtype=F64) + 0.2 * normal(width, width, seed=seed)
    shift = normal(width, seed=seed + 1)
    points = sphere(300, width, seed)
    equations = find_equations((points @ stretch.T + shift).to(dtype).double())
    assert len(equations.linear) == 1
    for x in points[:5]:
        tangent = equations.tangent(stretch @ x + shift)
        normal_there = torch.linalg.solve(stretch.T, x)
        assert tangent.shape == (width, width - 1)
        torch.testing.assert_close(
            tangent.T @ tangent, torch.eye(width - 1, dtype=F64), atol=1e-9, rtol=0
        )
        assert (normal_there @ tangent).abs().max() < 1e-4 * normal_there.norm()


def test_linear_relations_are_equations_too():
    plane = normal(100, 3) @ normal(3, 7, seed=1)
    equations = find_equations(plane + 1.0)
    assert equations.frame.shape == (7, 3) and len(equations.linear) == 0
    torch.testing.assert_close(equations.tangent(plane[0]), equations.frame)


@pytest.mark.parametrize("scatter", [1e-3, 1e-2])
def test_what_holds_nearly_is_no_equation(scatter):
    points = sphere(500, 3) * (1 + scatter * normal(500, 1, seed=3))
    equations = find_equations(points)
    assert len(equations.linear) == 0 and equations.frame.shape == (3, 3)


@pytest.mark.parametrize("count", [1, 2, 8, 30])
def test_few_points_satisfy_equations_by_chance(count):
    """Ten monomials of three numbers vanish on any nine points: none is claimed below forty."""
    assert len(find_equations(normal(count, 3)).linear) == 0


def test_equal_configurations_have_no_tangent():
    equations = find_equations(torch.ones(50, 4, dtype=F64))
    assert equations.tangent(torch.ones(4, dtype=F64)).shape == (4, 0)


def test_many_coordinates_are_left_to_neighbours():
    wide = sphere(4000, 60)
    assert len(find_equations(wide).linear) == 0


def test_curvature_is_not_mistaken_for_leaving():
    """Rotations leave no share of a sphere, however few its points; dilations leave all of it."""
    points = sphere(60, 3)
    generators = torch.zeros(4, 3, 3, dtype=F64)
    for number, (i, j) in enumerate([(0, 1), (0, 2), (1, 2)]):
        generators[number, i, j], generators[number, j, i] = -1.0, 1.0
    generators[3] = torch.eye(3)
    motion = torch.einsum("aij,nj->nai", generators, points)
    support = leaving_share(points, motion, torch.Generator().manual_seed(0), "neighbours")
    share = support.share(torch.eye(4, dtype=F64))
    assert share[:3].max() < 1e-12 and share[3] > 1 - 1e-12
