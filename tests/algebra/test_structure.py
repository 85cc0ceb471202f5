from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from semola_geo.algebra import LieAlgebra

SEEDS = st.integers(0, 10_000)
CLOSED = ["so(3)", "se(2)", "se(3)", "gl(2)", "sl(3)", "so(1,3)", "sim(3)", "so(2) + t(1)"]
few = settings(deadline=None, max_examples=20)


@few
@given(seed=SEEDS)
def test_bracket_is_antisymmetric_and_satisfies_jacobi(
    normal: Callable[..., Tensor], seed: int
) -> None:
    algebra = LieAlgebra.from_name("gl(3)")
    a, b, c = normal(seed, 3, 3, 3)

    def bracket(x: Tensor, y: Tensor) -> Tensor:
        return algebra.bracket(x, y)

    torch.testing.assert_close(bracket(a, b), -bracket(b, a))
    cyclic = bracket(a, bracket(b, c)) + bracket(b, bracket(c, a)) + bracket(c, bracket(a, b))
    assert cyclic.abs().max() < 1e-11


def test_bracket_by_index_or_matrix() -> None:
    so3 = LieAlgebra.from_name("so(3)")
    torch.testing.assert_close(so3.bracket(2, 0), so3.generators[1])
    torch.testing.assert_close(so3.bracket(so3.generators[1].float(), 2), so3.generators[0])
    with pytest.raises(ValueError, match="b: expected an index or a matrix"):
        so3.bracket(0, torch.eye(2))


@few
@given(name=st.sampled_from(CLOSED), seed=SEEDS)
def test_structure_constants(
    other_basis: Callable[[LieAlgebra, int], LieAlgebra], name: str, seed: int
) -> None:
    algebra = other_basis(LieAlgebra.from_name(name), seed)
    c, generators = algebra.structure_constants(), algebra.generators
    torch.testing.assert_close(c, -c.transpose(0, 1))
    for i in range(algebra.dim):
        for j in range(algebra.dim):
            expected = torch.einsum("l,lab->ab", c[i, j], generators)
            torch.testing.assert_close(algebra.bracket(i, j), expected, atol=1e-10, rtol=0)
    nested = torch.einsum("ijm,mkl->ijkl", c, c)
    jacobi = nested + nested.permute(2, 0, 1, 3) + nested.permute(1, 2, 0, 3)
    assert jacobi.abs().max() < 1e-9


@few
@given(name=st.sampled_from(CLOSED), seed=SEEDS)
def test_invariants_of_the_bracket_do_not_depend_on_basis_or_frame(
    other_basis: Callable[[LieAlgebra, int], LieAlgebra],
    change: Callable[..., Tensor],
    name: str,
    seed: int,
) -> None:
    algebra = LieAlgebra.from_name(name)
    moved = algebra.conjugate(change(seed, algebra.dimension, algebra.affine))
    moved = other_basis(moved, seed)
    assert moved.killing_signature() == algebra.killing_signature()
    assert moved.derived_series() == algebra.derived_series()
    assert moved.center().dim == algebra.center().dim
    assert moved.radical().dim == algebra.radical().dim
    assert moved.closure_defect() < 1e-12


def test_known_killing_forms_and_series() -> None:
    facts = {
        "so(3)": ((0, 3, 0), [3], 0, 0),
        "so(1,3)": ((3, 3, 0), [6], 0, 0),
        "sl(3)": ((5, 3, 0), [8], 0, 0),
        "gl(3)": ((5, 3, 1), [9, 8], 1, 1),
        "se(3)": ((0, 3, 3), [6], 0, 3),
        "se(2)": ((0, 1, 2), [3, 2, 0], 0, 3),
        "t(3)": ((0, 0, 3), [3, 0], 3, 3),
        "sim(3)": ((1, 3, 3), [7, 6], 0, 4),
        "so(2) ⋉ t(3)": ((0, 1, 3), [4, 2, 0], 1, 4),
    }
    for name, expected in facts.items():
        algebra = LieAlgebra.from_name(name)
        found = (
            algebra.killing_signature(),
            algebra.derived_series(),
            algebra.center().dim,
            algebra.radical().dim,
        )
        assert found == expected, name
    killing = LieAlgebra.from_name("so(3)").killing_form()
    torch.testing.assert_close(killing, -2 * torch.eye(3, dtype=torch.float64))


def test_radical_of_se3_are_the_translations() -> None:
    assert LieAlgebra.from_name("se(3)").radical().is_same_span(LieAlgebra.from_name("t(3)"))


@few
@given(seed=SEEDS)
def test_closure_defect_depends_on_the_span_only(
    other_basis: Callable[[LieAlgebra, int], LieAlgebra],
    tilted: Callable[[LieAlgebra, float, int], LieAlgebra],
    seed: int,
) -> None:
    noisy = tilted(LieAlgebra.from_name("se(3)"), 5.0, seed)
    defect = noisy.closure_defect()
    assert 0.02 < defect < 0.2
    assert other_basis(noisy, seed).closure_defect() == pytest.approx(defect, rel=1e-9)


def test_closure_defect_by_hand() -> None:
    # unit matrices L_x / sqrt 2, L_y / sqrt 2 have the bracket L_z / 2 of norm 1 / sqrt 2
    turns = LieAlgebra(LieAlgebra.from_name("so(3)").generators[:2])
    assert turns.closure_defect() == pytest.approx(0.5**0.5)


@pytest.mark.parametrize(
    ("name", "kept", "dim"), [("so(3)", [0, 1], 3), ("se(3)", [0, 1, 3], 6), ("sl(2)", [0, 1], 3)]
)
def test_closure_completes_generators(name: str, kept: list[int], dim: int) -> None:
    whole = LieAlgebra.from_name(name)
    start = LieAlgebra(whole.generators[kept], affine=whole.affine)
    closed = start.closure()
    assert closed.dim == dim
    assert closed.is_same_span(whole)
    assert torch.equal(closed.generators[: len(kept)], start.generators)


@few
@given(name=st.sampled_from(CLOSED), seed=SEEDS)
def test_closure_is_idempotent(normal: Callable[..., Tensor], name: str, seed: int) -> None:
    whole = LieAlgebra.from_name(name)
    pair = torch.einsum("ij,jab->iab", normal(seed, 2, whole.dim), whole.generators)
    closed = LieAlgebra(pair, affine=whole.affine).closure()
    assert whole.contains(closed)
    assert closed.closure_defect() < 1e-9
    assert torch.equal(closed.closure().generators, closed.generators)
