from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from semola_geo.algebra import LieAlgebra

# name, dimension of the space, dimension of a semisimple part, its Killing signature
CASES = [
    ("se(3)", 3, (0, 3, 0)),
    ("sim(3)", 3, (0, 3, 0)),
    ("poincare(1,3)", 4, (3, 3, 0)),
    ("gl(2)", 2, (2, 1, 0)),
    ("sl(3)", 3, (5, 3, 0)),
    ("so(3)", 3, (0, 3, 0)),
    ("aff(2)", 2, (2, 1, 0)),
]


@pytest.mark.parametrize(("name", "dimension", "signature"), CASES)
@pytest.mark.parametrize("seed", [0, 1])
def test_levi_complement_of_a_hidden_algebra(
    change: Callable[..., Tensor],
    other_basis: Callable[[LieAlgebra, int], LieAlgebra],
    name: str,
    dimension: int,
    signature: tuple[int, int, int],
    seed: int,
) -> None:
    algebra = LieAlgebra.from_name(name)
    hidden = other_basis(algebra.conjugate(change(seed, dimension, algebra.affine)), seed)
    part, radical = hidden.semisimple_part(), hidden.radical()
    assert part.closure_defect() < 1e-9
    assert part.killing_signature() == signature
    assert hidden.contains(part)
    together = torch.cat([part.generators, radical.generators])
    whole = LieAlgebra(together, affine=hidden.affine)  # refuses dependent generators
    assert whole.is_same_span(hidden)


def test_a_complement_that_needs_two_corrections(
    normal: Callable[..., Tensor], other_basis: Callable[[LieAlgebra, int], LieAlgebra]
) -> None:
    # sl(2) and the Heisenberg algebra of (q, p, 1), as matrices on R^4: a radical of length two
    rows = torch.zeros(6, 4, 4, dtype=torch.float64)
    rows[:3, 1:3, 1:3] = LieAlgebra.from_name("sl(2)").generators
    rows[3, 0, 1], rows[3, 2, 3] = 1.0, -1.0
    rows[4, 0, 2], rows[4, 1, 3] = 1.0, 1.0
    rows[5, 0, 3] = 1.0
    change = torch.eye(4, dtype=torch.float64) + 0.3 * normal(3, 4, 4)
    hidden = other_basis(LieAlgebra(rows, affine=False).conjugate(change), 4)
    assert hidden.closure_defect() < 1e-12
    assert hidden.radical().derived_series() == [3, 1, 0]
    part = hidden.semisimple_part()
    assert part.closure_defect() < 1e-9
    assert part.killing_signature() == (2, 1, 0)
    # what the corrections are for
    straight = hidden.radical().orthonormal_basis()
    rest = hidden.orthonormal_basis()
    rest = LieAlgebra.span((rest - rest @ straight.T @ straight).reshape(-1, 4, 4), False)
    assert rest.dim == 3
    assert rest.closure_defect() > 1e-3


@pytest.mark.parametrize("name", ["se(2)", "t(3)", "so(2)", "so(2) + t(1)"])
def test_solvable_algebras_have_no_semisimple_part(name: str) -> None:
    assert LieAlgebra.from_name(name).semisimple_part().dim == 0


def test_known_lower_central_series() -> None:
    heisenberg = torch.zeros(3, 3, 3, dtype=torch.float64)
    heisenberg[0, 0, 1] = heisenberg[1, 1, 2] = heisenberg[2, 0, 2] = 1.0
    assert LieAlgebra(heisenberg, affine=False).lower_central_series() == [3, 1, 0]
    series = {"se(2)": [3, 2], "se(3)": [6], "t(3)": [3, 0], "gl(2)": [4, 3], "trivial": [0]}
    for name, expected in series.items():
        assert LieAlgebra.from_name(name).lower_central_series() == expected, name
