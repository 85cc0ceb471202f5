from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from semola_geo.algebra import LieAlgebra


@pytest.mark.parametrize(
    ("name", "dimension", "count"),
    [
        ("so(2)", 3, 1),
        ("se(2)", 3, 1),
        ("so(2) + t(1)", 3, 1),
        ("so(2) + gl(1)", 3, 1),
        ("gl(2)", 3, 1),
        ("so(2) + so(2)", 4, 2),
        ("so(1,1)", 3, 3),
        ("so(2)", 2, 0),  # the plane is everything
        ("so(3)", 3, 0),
        ("so(1,3)", 4, 0),
        ("scaling", 3, 0),  # every plane, so none by itself
        ("t(3)", 3, 0),
        ("trivial", 3, 0),
    ],
)
def test_planes_are_found_and_kept(
    change: Callable[..., Tensor], name: str, dimension: int, count: int
) -> None:
    algebra = LieAlgebra.from_name(name, dimension=dimension)
    moved = algebra.conjugate(change(2, dimension, algebra.affine))
    planes = moved.invariant_planes()
    assert planes.shape == (count, 2, dimension)
    for plane in planes:
        torch.testing.assert_close(plane @ plane.T, torch.eye(2, dtype=torch.float64))
        velocity = torch.einsum("kab,rb->kra", moved.linear_parts, plane)
        assert (velocity - velocity @ plane.T @ plane).abs().max() < 1e-8


def test_the_plane_across_an_axis() -> None:
    axis = torch.tensor([1.0, 2.0, 2.0], dtype=torch.float64) / 3
    turn = torch.einsum("i,iab->ab", axis, LieAlgebra.from_name("so(3)").generators)
    (plane,) = LieAlgebra(turn[None]).invariant_planes()
    assert (plane @ axis).abs().max() < 1e-12
