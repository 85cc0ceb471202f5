from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from semola_geo.algebra import LieAlgebra

SEEDS = st.integers(0, 10_000)
PAIRS = st.sampled_from([("so(3)", "se(3)"), ("so(2) + t(1)", "sim(3)"), ("se(3)", "gl(3)")])
few = settings(deadline=None, max_examples=20)


def test_affine_is_inferred_from_the_last_row_and_column() -> None:
    assert LieAlgebra(LieAlgebra.from_name("se(3)").generators).affine
    assert not LieAlgebra(LieAlgebra.from_name("so(3)").generators).affine
    about_z = LieAlgebra(LieAlgebra.from_name("so(3)").generators[2:])
    assert not about_z.affine
    assert about_z.dimension == 3
    assert LieAlgebra(about_z.generators, affine=True).dimension == 2


def test_empty_algebra() -> None:
    empty = LieAlgebra(torch.zeros(0, 3, 3))
    assert (empty.dim, empty.dimension, len(empty), empty.affine) == (0, 3, 0, False)
    assert LieAlgebra(torch.zeros(0, 4, 4), affine=True).dimension == 3
    assert empty.principal_angles(LieAlgebra.from_name("so(3)")) == []
    assert empty.closure_defect() == 0.0
    assert empty.closure().dim == 0
    assert empty.nearest_subalgebra().dim == 0
    assert empty.structure_constants().shape == (0, 0, 0)
    assert empty.killing_form().shape == (0, 0)
    assert empty.killing_signature() == (0, 0, 0)
    assert empty.derived_series() == [0]
    assert empty.center().dim == empty.radical().dim == 0
    assert empty.fixed_axes().shape == (3, 3)
    assert empty.translations().shape == (0, 3)
    assert len(empty.invariant_forms()) == 6
    assert empty.name == "trivial"
    assert empty.canonical().dim == 0
    assert empty.orthonormal_basis().shape == (0, 9)
    assert LieAlgebra.from_name("so(3)").contains(empty)
    assert empty.rescale(2.0, torch.ones(3)).affine


def test_generators_are_a_detached_copy_in_float64() -> None:
    given_generators = LieAlgebra.from_name("so(3)").generators.float().requires_grad_()
    algebra = LieAlgebra(given_generators)
    assert algebra.generators.dtype == torch.float64
    assert not algebra.generators.requires_grad
    algebra.generators.zero_()
    assert algebra.generators.any()


@pytest.mark.parametrize(
    ("generators", "affine", "message"),
    [
        (torch.zeros(3, 3), None, r"expected shape \[k, n, n\]"),
        (torch.zeros(2, 3, 4), None, r"expected shape \[k, n, n\]"),
        (torch.full((1, 2, 2), float("nan")), None, "NaN or infinite"),
        (torch.ones(2, 2, 2), None, "only 1 of 2 are linearly independent"),
        (torch.zeros(1, 2, 2), None, "only 0 of 1 are linearly independent"),
        (torch.eye(3)[None], True, "zero last row"),
        (torch.zeros(0, 1, 1), True, "leaves no coordinate"),
    ],
)
def test_wrong_generators(generators: Tensor, affine: bool | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LieAlgebra(generators, affine=affine)


def test_generators_that_are_no_tensor() -> None:
    with pytest.raises(TypeError, match="expected a tensor"):
        LieAlgebra([[[0.0, 1.0], [0.0, 0.0]]])  # type: ignore[arg-type]


def test_span_of_dependent_matrices() -> None:
    turn = LieAlgebra.from_name("so(2)").generators
    assert LieAlgebra.span(torch.cat([turn, 2 * turn])).dim == 1
    assert LieAlgebra.span(torch.zeros(3, 2, 2)).dim == 0


@few
@given(seed=SEEDS, names=PAIRS)
def test_angles_do_not_depend_on_the_basis(
    other_basis: Callable[[LieAlgebra, int], LieAlgebra], seed: int, names: tuple[str, str]
) -> None:
    first, second = (LieAlgebra.from_name(name, affine=True) for name in names)
    angles = torch.tensor(first.principal_angles(second, length_scale=2.0))
    mixed = other_basis(first, seed).principal_angles(other_basis(second, seed + 1), 2.0)
    torch.testing.assert_close(torch.tensor(mixed), angles, atol=2e-6, rtol=0)
    assert max(first.principal_angles(other_basis(first, seed))) < 1e-12


@few
@given(seed=SEEDS, exponent=st.floats(-9.0, 1.6))
def test_angles_are_accurate_from_tiny_to_large(
    tilted: Callable[[LieAlgebra, float, int], LieAlgebra], seed: int, exponent: float
) -> None:
    degrees = 10.0**exponent
    algebra = LieAlgebra.from_name("se(3)")
    angles = algebra.principal_angles(tilted(algebra, degrees, seed))
    assert angles == sorted(angles)
    assert angles[-1] == pytest.approx(degrees, rel=1e-5, abs=1e-12)


def test_angles_near_a_right_angle() -> None:
    small = math.radians(1e-8)
    first = LieAlgebra(torch.tensor([[[1.0, 0.0], [0.0, 0.0]]]))
    second = torch.tensor([[[math.sin(small), 0.0], [0.0, math.cos(small)]]], dtype=torch.float64)
    assert 90.0 - first.principal_angles(LieAlgebra(second))[0] == pytest.approx(1e-8, rel=1e-5)


def test_angles_measure_translations_in_units_of_length_scale() -> None:
    turn = LieAlgebra.from_name("so(2)", affine=True)
    shifted = turn.rescale(1.0, torch.tensor([4.0, 0.0]))  # generator with |tau| = 4, |X| = sqrt 2
    assert turn.principal_angles(shifted)[0] == pytest.approx(math.degrees(math.atan(8**0.5)))
    assert turn.principal_angles(shifted, 4.0)[0] == pytest.approx(
        math.degrees(math.atan(0.5**0.5))
    )


def test_linear_and_affine_algebras_can_be_compared() -> None:
    so3, se3 = LieAlgebra.from_name("so(3)"), LieAlgebra.from_name("se(3)")
    assert so3.principal_angles(se3) == pytest.approx([0.0, 0.0, 0.0])
    assert se3.contains(so3)
    assert not so3.contains(se3)
    assert not so3.is_same_span(se3)
    # so(3) written as 4 x 4 matrices, but read as linear on R^4
    padded = LieAlgebra(LieAlgebra.from_name("so(3)", affine=True).generators)
    assert not padded.affine
    assert se3.contains(padded)
    with pytest.raises(ValueError, match=r"acts on R\^4"):
        se3.principal_angles(LieAlgebra.from_name("so(4)"))
    with pytest.raises(ValueError, match=r"acts on R\^2"):
        so3.principal_angles(LieAlgebra.from_name("so(2)"))
    with pytest.raises(ValueError, match="length_scale"):
        so3.principal_angles(se3, length_scale=0.0)


@few
@given(seed=SEEDS, scale=st.floats(0.1, 10.0))
def test_rescale_moves_velocities_with_the_points(
    normal: Callable[..., Tensor], seed: int, scale: float
) -> None:
    algebra, center = LieAlgebra.from_name("se(3)"), normal(seed, 3)
    normalised = normal(seed + 1, 3)
    data = scale * normalised + center
    moved = algebra.rescale(scale, center)
    before = algebra.generators[:, :3] @ torch.cat([normalised, torch.ones(1)])
    after = moved.generators[:, :3] @ torch.cat([data, torch.ones(1)])
    torch.testing.assert_close(after, scale * before)
    torch.testing.assert_close(moved.normalize(scale, center).generators, algebra.generators)


def test_rescale_of_linear_algebras() -> None:
    so3 = LieAlgebra.from_name("so(3)")
    assert not so3.rescale(2.0).affine
    about_point = so3.rescale(2.0, torch.tensor([1.0, 2.0, 3.0]))
    fixed = torch.tensor([1.0, 2.0, 3.0, 1.0], dtype=torch.float64)
    assert not (about_point.generators @ fixed).any()
    with pytest.raises(ValueError, match="center"):
        so3.rescale(1.0, torch.zeros(2))
    with pytest.raises(ValueError, match="length_scale"):
        so3.normalize(-1.0)


@pytest.mark.parametrize("matrix", [torch.ones(3, 3), torch.eye(2), torch.ones(4, 4)])
def test_conjugation_by_something_else(matrix: Tensor) -> None:
    with pytest.raises(ValueError, match="matrix: "):
        LieAlgebra.from_name("so(3)").conjugate(matrix)


@few
@given(seed=SEEDS)
def test_conjugation_keeps_structure_constants(change: Callable[..., Tensor], seed: int) -> None:
    algebra = LieAlgebra.from_name("sim(3)")
    moved = algebra.conjugate(change(seed, 3, affine=True))
    torch.testing.assert_close(moved.structure_constants(), algebra.structure_constants())


def test_axes_and_translations() -> None:
    helix = LieAlgebra.from_name("so(2) + t(1)")
    z = torch.tensor([[0.0, 0.0, 1.0]], dtype=torch.float64)
    torch.testing.assert_close(helix.fixed_axes().abs(), z)
    torch.testing.assert_close(helix.translations().abs(), z)
    assert LieAlgebra.from_name("so(3)").fixed_axes().shape == (0, 3)
    assert len(LieAlgebra.from_name("se(3)").translations()) == 3
