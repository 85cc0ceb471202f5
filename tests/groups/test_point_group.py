"""Finite subgroups of O(3): closure, names, rounding."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from semola_geo import PointGroup
from semola_geo.groups import random_rotations
from semola_geo.groups.orthogonal_grid import orthogonal_grid
from semola_geo.groups.point_group_closure import nearly_generated, turn_between
from semola_geo.groups.point_group_names import CRYSTALLOGRAPHIC, canonical_name
from semola_geo.groups.point_operation import (
    describe_operation,
    operation_symbol,
    rotation_about,
)

FIXED = {
    "C_1": 1, "C_s": 2, "C_i": 2, "T": 12, "T_h": 24, "T_d": 24, "O": 24, "O_h": 48, "I": 60,
    "I_h": 120,
}  # fmt: skip
SERIES = {
    "C_{}": 1, "C_{}v": 2, "C_{}h": 2, "D_{}": 2, "D_{}h": 4, "D_{}d": 4,
}  # fmt: skip
ORDERS = {
    **FIXED,
    **{kind.format(n): n * times for kind, times in SERIES.items() for n in range(2, 9)},
    **{f"S_{2 * n}": 2 * n for n in range(2, 6)},
}


def frame(seed):
    return random_rotations(1, 3, torch.Generator().manual_seed(seed))[0]


@pytest.mark.parametrize("name", ORDERS)
def test_every_group_is_recognised_in_any_orientation(name):
    group = PointGroup.from_name(name, frame(len(name) + ORDERS[name]))
    assert (group.name, group.order) == (name, ORDERS[name])
    products = torch.einsum("aij,bjk->abik", group.elements, group.elements)
    torch.testing.assert_close(products, group.elements[group.table])
    again = PointGroup(group.generators)
    assert again == group and len(group.generators) <= 3
    assert sum(group.operations.values()) == group.order


def test_the_thirty_two_crystallographic_groups():
    assert len(CRYSTALLOGRAPHIC) == 32 == len(set(CRYSTALLOGRAPHIC.values()))
    for name, symbol in CRYSTALLOGRAPHIC.items():
        group = PointGroup.from_name(name)
        assert group.hermann_mauguin == symbol
        turns = {int(s[2:].split("^")[0]) for s in group.operations if "_" in s and s[0] == "C"}
        assert turns <= {2, 3, 4, 6}, "the crystallographic restriction"
    assert PointGroup.from_name("I_h").hermann_mauguin is None


@pytest.mark.parametrize(
    ("name", "operations"),
    [
        ("C_3v", {"E": 1, "C_3": 2, "σ": 3}),
        ("D_2d", {"E": 1, "C_2": 3, "S_4": 2, "σ": 2}),
        ("T_h", {"E": 1, "C_3": 8, "C_2": 3, "S_6": 8, "i": 1, "σ": 3}),
        ("O_h", {"E": 1, "C_4": 6, "C_3": 8, "C_2": 9, "S_6": 8, "S_4": 6, "i": 1, "σ": 9}),
    ],
)
def test_classes_as_in_character_tables(name, operations):
    # Inverses share an entry, as they do in the tables; powers do not, and these groups have none.
    assert PointGroup.from_name(name).operations == operations


@settings(max_examples=25, deadline=None)
@given(
    name=st.sampled_from(sorted(set(ORDERS) - {"C_7", "C_8"})),
    seed=st.integers(0, 10_000),
    degrees=st.floats(0.0, 2.0),
)
def test_measured_elements_are_rounded_to_the_group_nearby(name, seed, degrees):
    g = torch.Generator().manual_seed(seed)
    truth = PointGroup.from_name(name, frame(seed))
    axes = torch.randn(truth.order, 3, generator=g, dtype=torch.float64)
    angles = math.radians(degrees) * torch.rand(truth.order, generator=g, dtype=torch.float64)
    measured = rotation_about(axes, angles) @ truth.elements
    found = PointGroup.nearest(measured, tolerance=6.1)
    assert found.name == name
    products = torch.einsum("aij,bjk->abik", found.elements, found.elements)
    assert float((products - found.elements[found.table]).abs().max()) < 1e-12, "exact"
    # Element by element, and no further off than what was put in and what averaging may turn.
    apart = turn_between(found.elements, truth.elements).diagonal()
    assert float(apart.max()) <= math.radians(3 * degrees) + 1e-6


# D_8d turns by steps of 22.5°, less than twice the tolerance: its elements cannot be told apart.
@settings(max_examples=25, deadline=None)
@given(name=st.sampled_from(sorted(set(ORDERS) - {"C_1", "D_8d"})), seed=st.integers(0, 10_000))
def test_measured_generators_span_the_group(name, seed):
    g = torch.Generator().manual_seed(seed)
    truth = PointGroup.from_name(name, frame(seed))
    axes = torch.randn(truth.order, 3, generator=g, dtype=torch.float64)
    indices = [truth.indices(generator[None])[0] for generator in truth.generators]
    # Errors of generators add up along words where there are no other elements to hold on to.
    for degrees, alone in ((0.8, False), (0.3, True)):
        measured = rotation_about(axes, math.radians(degrees)) @ truth.elements
        known = measured[indices] if alone else measured
        closed = nearly_generated(measured[indices], known, math.radians(12), limit=120)
        assert PointGroup.nearest(closed, tolerance=12).name == name


def test_generators_of_no_finite_group_are_given_up():
    turns = rotation_about(torch.eye(3, dtype=torch.float64), 1.0)
    with pytest.raises(ValueError, match="more than limit=120"):
        nearly_generated(turns, turns, math.radians(12), limit=120)


def test_averaging_reduces_the_error():
    g = torch.Generator().manual_seed(3)
    truth = PointGroup.from_name("O_h", frame(3))
    axes = torch.randn(48, 3, generator=g, dtype=torch.float64)
    measured = rotation_about(axes, math.radians(2.0)) @ truth.elements
    found = PointGroup.nearest(measured)
    assert float(turn_between(found.elements, truth.elements).diagonal().max()) < math.radians(1.0)


def test_what_is_no_group_is_refused():
    turn = rotation_about(torch.tensor([0.0, 0.0, 1.0]), 1.0)
    with pytest.raises(ValueError, match=r"more than limit=50.*PointGroup\.nearest"):
        PointGroup(turn[None], limit=50)
    with pytest.raises(ValueError, match="not nearly a group: a product is"):
        PointGroup.nearest(torch.stack([torch.eye(3).double(), turn]))
    with pytest.raises(ValueError, match="holds orthogonal matrices; singular values"):
        PointGroup(2 * torch.eye(3)[None])
    with pytest.raises(ValueError, match=r"matrices \[k, 3, 3\], got \[3, 3\]"):
        PointGroup(torch.eye(3))


@pytest.mark.parametrize("name", ["C_0", "C_1h", "S_2", "S_3", "D_1", "T_v", "SO(3)", "", "Q"])
def test_names_that_mean_nothing_are_refused(name):
    with pytest.raises(ValueError, match=r"unknown point group .*; allowed: C_n, C_nv"):
        canonical_name(name)


def test_names_with_and_without_the_underscore():
    for name in ORDERS:
        assert canonical_name(name) == name == canonical_name(name.replace("_", ""))


def test_subgroups_and_membership():
    cube = PointGroup.from_name("O_h")
    for name in ("T_d", "T_h", "O", "D_4h", "C_4v"):
        assert PointGroup.from_name(name) <= cube
    assert not PointGroup.from_name("C_3") <= cube, "its axis is z, not a diagonal"
    assert cube != PointGroup.from_name("O_h", frame(0))
    assert cube.turned(frame(0)) == PointGroup.from_name("O_h", frame(0))
    mirror = torch.diag(torch.tensor([1.0, 1.0, -1.0]))
    index = int(turn_between(mirror[None], cube.elements)[0].argmin())
    assert cube.subgroup([index]).name == "C_s"


def test_sampling_is_uniform_and_repeatable():
    group = PointGroup.from_name("C_3v")
    drawn = group.sample(6000, torch.Generator().manual_seed(0))
    counts = torch.bincount(turn_between(drawn, group.elements).argmin(1), minlength=6)
    # χ² with 5 degrees of freedom exceeds 25.7 once in 10⁴.
    assert float((counts - 1000).square().sum() / 1000) < 25.7
    assert torch.equal(drawn, group.sample(6000, torch.Generator().manual_seed(0)))


@settings(max_examples=40, deadline=None)
@given(fold=st.integers(2, 12), power=st.integers(1, 11), seed=st.integers(0, 99))
def test_symbols_of_powers(fold, power, seed):
    power = power % fold
    axis = frame(seed)[0]
    turn = rotation_about(axis, 2 * math.pi * power / fold)
    nearest = min(power, fold - power)
    step = math.gcd(nearest, fold)
    expected = "E" if power == 0 else f"C_{fold // step}"
    assert operation_symbol(turn).split("^")[0] == expected
    mirror = torch.eye(3) - 2 * torch.outer(axis, axis)
    symbol = operation_symbol(mirror @ turn).split("^")[0]
    assert symbol == {"E": "σ", "C_2": "i"}.get(expected, expected.replace("C", "S"))


def test_words():
    z = torch.tensor([0.0, 0.0, 1.0])
    flip = torch.diag(torch.tensor([1.0, 1.0, -1.0])).double()
    assert describe_operation(rotation_about(-z, math.pi / 2)) == (
        "rotation by 90° about (0.000, 0.000, -1.000)"
    )
    assert describe_operation(flip @ rotation_about(z, math.pi / 2)) == (
        "rotoreflection by 90° about (0.000, 0.000, 1.000)"
    )


def test_the_grid_leaves_no_gaps():
    grid = orthogonal_grid(4000)
    eye = torch.eye(3, dtype=torch.float64)
    assert float((grid @ grid.mT - eye).abs().max()) < 1e-12
    somewhere = random_rotations(500, 3, torch.Generator().manual_seed(0))
    somewhere[::2] *= -1
    nearest = turn_between(somewhere, grid).min(1).values
    assert math.degrees(float(nearest.max())) < 17.0
    with pytest.raises(ValueError, match="count must be at least 1"):
        orthogonal_grid(0)
