"""The reflection that extends a group of isometries."""

import pytest
import torch

from semola_geo.algebra import LieAlgebra
from semola_geo.groups import coset_reflection, fixed_point, random_rotations, turns_everywhere


def about(name, point):
    """An algebra of isometries about a point, in a random basis of itself."""
    algebra = LieAlgebra.from_name(name)
    generators = torch.nn.functional.pad(algebra.generators, (0, 1, 0, 1))[
        :, : algebra.dimension + 1, : algebra.dimension + 1
    ]
    shift = torch.eye(algebra.dimension + 1, dtype=torch.float64)
    shift[:-1, -1] = point
    moved = shift @ generators @ torch.linalg.inv(shift)
    g = torch.Generator().manual_seed(0)
    mix = torch.randn(len(moved), len(moved), generator=g, dtype=torch.float64)
    return LieAlgebra(torch.einsum("ab,bij->aij", mix, moved), affine=True)


@pytest.mark.parametrize(
    ("name", "whole"),
    [("so(2)", True), ("se(2)", True), ("t(2)", False), ("so(3)", True), ("se(3)", True),
     ("t(3)", False), ("so(4)", True)],
)  # fmt: skip
def test_which_algebras_hold_all_rotations(name, whole):
    assert turns_everywhere(LieAlgebra.from_name(name)) == whole


def test_a_rotation_about_one_axis_of_space_is_not_all():
    assert not turns_everywhere(LieAlgebra.from_name("so(2)", 3))
    assert not turns_everywhere(LieAlgebra(torch.zeros(0, 4, 4), affine=True))


@pytest.mark.parametrize("name", ["so(2)", "so(3)", "so(4)"])
def test_the_reflection_fixes_what_the_rotations_fix(name):
    size = LieAlgebra.from_name(name).dimension
    point = torch.linspace(-0.8, 1.1, size, dtype=torch.float64)
    algebra = about(name, point)
    assert turns_everywhere(algebra)
    torch.testing.assert_close(fixed_point(algebra), point)
    h = coset_reflection(algebra)
    fixed = torch.cat([point, torch.ones(1, dtype=torch.float64)])
    torch.testing.assert_close(h @ fixed, fixed)
    assert float(torch.linalg.det(h)) == pytest.approx(-1.0)
    torch.testing.assert_close(h @ h, torch.eye(size + 1, dtype=torch.float64))
    # It normalises the group: h L h⁻¹ stays in the algebra.
    turned = LieAlgebra(h @ algebra.generators @ h, affine=True)
    assert max(turned.principal_angles(algebra)) < 1e-4


def test_translations_leave_the_choice_of_the_point_free():
    assert fixed_point(LieAlgebra.from_name("se(3)")).abs().max() < 1e-9
    assert fixed_point(LieAlgebra.from_name("t(3)")).tolist() == [0.0, 0.0, 0.0]


def test_the_inversion_commutes_with_every_rotation():
    h = coset_reflection(LieAlgebra.from_name("so(3)"))
    turn = random_rotations(5, 3, torch.Generator().manual_seed(0))
    torch.testing.assert_close(h @ turn, turn @ h)
