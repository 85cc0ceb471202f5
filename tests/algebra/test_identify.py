from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from semola_geo.algebra import LieAlgebra
from semola_geo.algebra.candidates import candidate_names

SPACES = [(1, False), (1, True), (2, False), (2, True), (3, False), (3, True), (4, False)]
EVERY_NAME = [(name, *space) for space in SPACES for name in candidate_names(*space)]
EVERY_NAME += [("poincare(1,3)", 4, True), ("se(4)", 4, True), ("so(5)", 5, False)]
EVERY_NAME += [("so(2) + so(1,1) ⋉ t(4)", 4, True), ("sl(2) + gl(2)", 4, True)]


@pytest.mark.parametrize(("name", "dimension", "affine"), EVERY_NAME)
def test_names_survive_any_change_of_basis_and_coordinates(
    change: Callable[..., Tensor],
    other_basis: Callable[[LieAlgebra, int], LieAlgebra],
    name: str,
    dimension: int,
    affine: bool,
) -> None:
    algebra = LieAlgebra.from_name(name, dimension=dimension, affine=affine)
    moved = algebra.conjugate(change(len(name) + dimension, dimension, affine))
    unknown = other_basis(moved, dimension)
    assert unknown.name == name
    found = unknown.identify()
    assert found is not None
    assert found.angle < 1e-6
    snapped = LieAlgebra(torch.from_numpy(found.snapped()), affine=affine)
    assert snapped.is_same_span(unknown, degrees=1e-6)


@settings(deadline=None, max_examples=25)
@given(
    seed=st.integers(0, 10_000),
    name=st.sampled_from(["so(3)", "se(3)", "so(2) + t(1)", "so(2) ⋉ t(3)", "sim(3)", "t(3)"]),
)
def test_names_survive_two_degrees_of_noise(
    tilted: Callable[[LieAlgebra, float, int], LieAlgebra], seed: int, name: str
) -> None:
    assert tilted(LieAlgebra.from_name(name), 2.0, seed).name == name


@pytest.mark.parametrize("name", ["so(2) + gl(1)", "so(2) + scaling", "gl(2) + gl(1)", "shear"])
def test_names_of_sums_survive_noise(
    tilted: Callable[[LieAlgebra, float, int], LieAlgebra], name: str
) -> None:
    assert tilted(LieAlgebra.from_name(name, dimension=3), 2.0, 1).name == name


@pytest.mark.parametrize(
    ("written", "dimension", "name"),
    [
        ("gl(1) + so(2)", 3, "so(2) + gl(1)"),
        ("so(1,1) + so(2)", 4, "so(2) + so(1,1)"),
        ("gl(1) + gl(1)", 2, "so(1,1) + scaling"),
        ("gl(2) + scaling", 3, "gl(2) + gl(1)"),
        ("gl(1) + se(2)", 3, "se(2) + gl(1)"),
    ],
)
def test_one_class_has_one_name_however_it_is_written(
    written: str, dimension: int, name: str
) -> None:
    assert LieAlgebra.from_name(written, dimension=dimension).name == name


def test_a_hidden_shear_is_placed_without_needless_stretching(
    change: Callable[..., Tensor],
) -> None:
    for seed in range(3):
        hidden = LieAlgebra.from_name("shear", dimension=3).conjugate(change(seed, 3, affine=False))
        found = LieAlgebra(hidden.generators).identify()
        assert found is not None
        assert found.name == "shear"
        assert torch.linalg.cond(torch.from_numpy(found.change)) < 1e4


def test_noise_on_hidden_coordinates(
    tilted: Callable[[LieAlgebra, float, int], LieAlgebra], change: Callable[..., Tensor]
) -> None:
    algebra = LieAlgebra.from_name("so(3)").conjugate(change(1, 3, affine=False))
    assert tilted(algebra, 2.0, 0).name == "so(3)"


@pytest.mark.parametrize("name", ["so(2)", "so(3)", "so(2) + t(1)", "se(2)", "gl(1)", "so(1,1)"])
def test_far_centres(name: str) -> None:
    algebra = LieAlgebra.from_name(name, dimension=3, affine=True)
    moved = algebra.rescale(1.0, torch.tensor([300.0, -200.0, 100.0]))
    assert LieAlgebra(moved.generators).name == name


def test_units_do_not_hide_a_name(
    tilted: Callable[[LieAlgebra, float, int], LieAlgebra],
) -> None:
    learned = tilted(LieAlgebra.from_name("se(3)"), 2.0, 0)
    in_data_units = learned.rescale(50.0, torch.tensor([40.0, 10.0, 0.0]))
    assert in_data_units.name == "se(3)"
    found = in_data_units.identify()
    assert found is not None
    snapped = LieAlgebra(torch.from_numpy(found.snapped()))
    assert snapped.principal_angles(LieAlgebra.from_name("se(3)"), 50.0)[-1] < 2.0


def _matrix(*rows: list[float]) -> Tensor:
    return torch.tensor([rows], dtype=torch.float64)


SCREW = _matrix([0, -1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 0, 0])
SHEAR = _matrix([0, 1, 0], [0, 0, 0], [0, 0, 0])
SPIRAL = _matrix([0.2, -1], [1, 0.2])
HEISENBERG = torch.cat([SHEAR, SHEAR.roll(1, 1).roll(1, 2), SHEAR.roll(1, 2)])
UPPER = torch.cat([_matrix([1, 0], [0, 0]), _matrix([0, 1], [0, 0]), _matrix([0, 0], [0, 1])])


@pytest.mark.parametrize(
    ("generators", "affine", "name"),
    [
        (SCREW, True, "unknown (dim 1, abelian)"),
        (SPIRAL, False, "unknown (dim 1, abelian)"),
        (HEISENBERG, False, "unknown (dim 3, solvable)"),
        (UPPER, False, "unknown (dim 3, solvable)"),
        (torch.diag_embed(torch.eye(3)), False, "unknown (dim 3, abelian)"),
    ],
)
def test_algebras_outside_the_catalogue_get_no_name(
    generators: Tensor, affine: bool, name: str
) -> None:
    assert LieAlgebra(generators, affine=affine).name == name


def test_two_copies_of_a_representation_get_no_name() -> None:
    twice = torch.stack([torch.block_diag(x, x) for x in LieAlgebra.from_name("sl(2)").generators])
    assert LieAlgebra(twice).name == "unknown (dim 3, semisimple)"
    twice = torch.stack([torch.block_diag(x, x) for x in LieAlgebra.from_name("aff(2)").generators])
    assert LieAlgebra(twice).name == "unknown (dim 6, neither solvable nor semisimple)"


def test_random_spans_get_no_name(normal: Callable[..., Tensor]) -> None:
    names = Counter(
        LieAlgebra(normal(seed, k, 3, 3)).name for seed in range(4) for k in range(2, 7)
    )
    assert names == {f"{k}-dimensional algebra (not closed)": 4 for k in range(2, 7)}


def test_a_noisy_translation_is_no_rotation_about_a_far_point(
    normal: Callable[..., Tensor],
) -> None:
    shift = LieAlgebra.from_name("t(1)", dimension=2).generators
    for seed in range(5):
        noisy = shift.clone()
        noisy[0, :2, :2] = 0.02 * normal(seed, 2, 2)
        assert LieAlgebra(noisy).name in {"t(1)", "unknown (dim 1, abelian)"}
    on_a_line = torch.tensor([[[0.02, 1.0], [0.0, 0.0]]])
    assert LieAlgebra(on_a_line).name == "unknown (dim 1, abelian)"


@pytest.mark.parametrize(("dimension", "affine"), SPACES)
def test_every_class_has_one_name(dimension: int, affine: bool) -> None:
    names = candidate_names(dimension, affine)
    assert len(set(names)) == len(names)
