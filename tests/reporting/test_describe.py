from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semola_geo.reporting import Space, describe_generator, space_of

SPACE = Space(3, affine=True)


def affine(linear, shift=(0.0, 0.0, 0.0)):
    matrix = np.zeros((4, 4))
    matrix[:3, :3], matrix[:3, 3] = linear, shift
    return matrix


def cross(axis):
    x, y, z = np.asarray(axis, dtype=float) / np.linalg.norm(axis)
    return np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])


@pytest.mark.parametrize(
    ("matrix", "short", "text"),
    [
        (affine(cross([0, 0, 1])), "rotation", "rotation about z"),
        (affine(cross([1, 2, 2])), "rotation", "rotation about (0.33, 0.67, 0.67)"),
        (affine(np.zeros((3, 3)), (0, -2, 0)), "translation", "translation along −y"),
        (affine(np.eye(3)), "scaling", "scaling (all directions alike)"),
        (affine(np.diag([1.0, -1, 0])), "stretch", "stretch along x against y"),
        (affine(np.diag([0.0, 1, 0])), "stretch", "stretch along y alone"),
        (affine(np.zeros((3, 3))), "nothing", "no motion at all"),
    ],
)
def test_pure_motions(matrix, short, text):
    found = describe_generator(matrix, SPACE)
    assert (found.short, found.text) == (short, text)


def test_shear_names_what_moves_and_what_drives():
    linear = np.zeros((3, 3))
    linear[0, 2] = 3.0
    assert describe_generator(affine(linear), SPACE).text == "shear along x, growing with z"


def test_rotation_about_a_shifted_axis():
    found = describe_generator(affine(cross([0, 0, 1]), (2, 0, 0)), SPACE)
    assert found.text == "rotation about z, through (0.00, 2.00, 0.00)"


def test_center_removes_the_shift():
    center = np.array([30.0, 20.0, 0.0])
    matrix = affine(cross([0, 0, 1]), -cross([0, 0, 1]) @ center)
    found = describe_generator(matrix, Space(3, affine=True, center=tuple(center)))
    assert found.text == "rotation about z"
    assert found.formula[0] == "dx = −(y−y₀)"


def test_stretched_rotation_is_not_called_a_rotation():
    stretch = np.diag([1.0, 3.0, 1.0])
    linear = stretch @ cross([0, 0, 1]) @ np.linalg.inv(stretch)
    found = describe_generator(affine(linear), SPACE)
    assert found.short == "ellipse"
    assert "about z" in found.text


def test_mixtures_give_shares():
    found = describe_generator(affine(cross([0, 0, 1]), (0, 0, 1)), SPACE)
    assert found.text == "67 % rotation about z + 33 % translation along z"
    assert found.short == "mixed"


def test_boost_needs_a_minkowski_space():
    matrix = np.zeros((4, 4))
    matrix[0, 3] = matrix[3, 0] = 1.0
    assert describe_generator(matrix, space_of("SO(1,3)", 4)).text == "boost along z"
    assert "stretch" in describe_generator(matrix, space_of("GL(4)", 4)).text


def test_rotation_in_the_plane_has_no_axis():
    found = describe_generator(np.array([[0.0, -2], [2, 0]]), space_of("SO(2)", 2))
    assert found.text == "rotation"
    assert found.formula == ("dx = −y", "dy = x")


def test_wrong_size_is_refused():
    with pytest.raises(ValueError, match="needs"):
        describe_generator(np.eye(3), SPACE)


@given(st.lists(st.floats(-1, 1), min_size=3, max_size=3), st.floats(0.1, 100))
@settings(deadline=None, max_examples=25)
def test_description_ignores_scale_and_finds_the_axis(axis, scale):
    if np.linalg.norm(axis) < 0.1:
        axis = [1.0, 0.0, 0.0]
    one = describe_generator(affine(cross(axis)), SPACE)
    other = describe_generator(scale * affine(cross(axis)), SPACE)
    assert one.text == other.text
    assert one.text.startswith("rotation about")


@pytest.mark.parametrize(
    ("ambient", "size", "dimension", "affine_", "axes"),
    [
        ("Aff(3)", 4, 3, True, ("x", "y", "z")),
        ("SO(1,3)", 4, 4, False, ("E", "px", "py", "pz")),
        ("Poincare(1,3)", 5, 4, True, ("E", "px", "py", "pz")),
        ("E(3) x S(5)", 4, 3, True, ("x", "y", "z")),
        ("GL(4)", 4, 4, False, ("x1", "x2", "x3", "x4")),
        ("S(8)", 0, 8, False, tuple(f"x{i}" for i in range(1, 9))),
    ],
)
def test_space_is_read_off_the_name(ambient, size, dimension, affine_, axes):
    space = space_of(ambient, size)
    assert (space.dimension, space.affine, space.axes) == (dimension, affine_, axes)
