from __future__ import annotations

import pytest
import torch

from semola_geo.algebra import LieAlgebra

DIMENSIONS = {
    "trivial": (0, 3, False),
    "so(2)": (1, 2, False),
    "so(3)": (3, 3, False),
    "so(4)": (6, 4, False),
    "so(5)": (10, 5, False),
    "se(2)": (3, 2, True),
    "se(3)": (6, 3, True),
    "e(3)": (6, 3, True),
    "t(3)": (3, 3, True),
    "gl(3)": (9, 3, False),
    "sl(3)": (8, 3, False),
    "sim(3)": (7, 3, True),
    "aff(3)": (12, 3, True),
    "so(1,3)": (6, 4, False),
    "poincare(1,3)": (10, 4, True),
    "scaling": (1, 3, False),
    "so(2) + t(1)": (2, 3, True),
    "so(2) + so(2)": (2, 4, False),
    "so(2) ⋉ t(3)": (4, 3, True),
    "so(2) |x t(3)": (4, 3, True),
    "SO(3) + scaling": (4, 3, False),
    "shear": (1, 2, False),
    "shear + t(1)": (2, 3, True),
    "se(2) + gl(1)": (4, 3, True),
}


@pytest.mark.parametrize("name", DIMENSIONS)
def test_sizes_and_closure(name: str) -> None:
    algebra = LieAlgebra.from_name(name)
    assert (algebra.dim, algebra.dimension, algebra.affine) == DIMENSIONS[name]
    assert algebra.generators.dtype == torch.float64
    assert algebra.closure_defect() < 1e-14


def test_rotations_have_canonical_signs() -> None:
    turns = LieAlgebra.from_name("so(3)").generators
    x, y, z = torch.eye(3, dtype=torch.float64)
    assert torch.equal(turns[2] @ x, y)
    assert torch.equal(turns[0] @ y, z)
    assert torch.equal(turns[1] @ z, x)


def test_lorentz_preserves_energy_first_metric() -> None:
    metric = torch.diag(torch.tensor([1.0, -1.0, -1.0, -1.0], dtype=torch.float64))
    generators = LieAlgebra.from_name("so(1,3)").generators
    assert torch.equal(generators.mT @ metric, -metric @ generators)
    rotations, boosts = generators[:3], generators[3:]
    assert not rotations[:, 0].any()
    assert torch.equal(boosts, boosts.mT)


def test_direct_sum_is_rotation_about_and_translation_along_z() -> None:
    turn, shift = LieAlgebra.from_name("so(2) + t(1)").generators
    assert turn.nonzero().tolist() == [[0, 1], [1, 0]]
    assert shift.nonzero().tolist() == [[2, 3]]


def test_dimension_leaves_further_coordinates_fixed() -> None:
    algebra = LieAlgebra.from_name("so(2)", dimension=3)
    assert not algebra.affine
    assert torch.equal(algebra.generators[0], LieAlgebra.from_name("so(3)").generators[2])
    assert LieAlgebra.from_name("trivial", dimension=2).generators.shape == (0, 2, 2)
    assert LieAlgebra.from_name("so(3)", affine=True).generators.shape == (3, 4, 4)


@pytest.mark.parametrize("name", ["so", "so(x)", "su(2)", "", "so(2) +", "so(2) ⋉ so(3)", "t(1,2)"])
def test_unknown_names_list_what_is_allowed(name: str) -> None:
    with pytest.raises(ValueError, match=r"unknown Lie algebra.*so\(d\)"):
        LieAlgebra.from_name(name)


def test_sizes_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="needs at least 3 coordinates"):
        LieAlgebra.from_name("so(3)", dimension=2)
    with pytest.raises(ValueError, match="contains translations"):
        LieAlgebra.from_name("se(3)", affine=False)
