from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from semola_geo.algebra import LieAlgebra


@pytest.mark.parametrize(
    ("name", "dimension", "count", "signature"),
    [
        ("so(3)", 3, 1, (3, 0, 0)),
        ("se(3)", 3, 1, (3, 0, 0)),
        ("so(2)", 3, 2, (3, 0, 0)),
        ("so(1,3)", 4, 1, (1, 3, 0)),
        ("so(1,1)", 3, 2, (1, 2, 0)),
        ("so(2,2)", 4, 1, (2, 2, 0)),
        ("t(3)", 3, 6, (3, 0, 0)),
        ("gl(3)", 3, 0, None),
        ("sl(2)", 3, 1, (1, 0, 2)),
    ],
)
def test_number_and_signature(
    name: str, dimension: int, count: int, signature: tuple[int, int, int] | None
) -> None:
    forms = LieAlgebra.from_name(name, dimension=dimension).invariant_forms()
    assert len(forms) == count
    assert forms.signature == signature


@settings(deadline=None, max_examples=20)
@given(
    seed=st.integers(0, 10_000),
    name=st.sampled_from(["so(3)", "so(2)", "se(3)", "so(1,2)", "so(2) + t(1)"]),
)
def test_forms_are_invariant_and_definite_where_possible(
    change: Callable[..., Tensor], seed: int, name: str
) -> None:
    standard = LieAlgebra.from_name(name, dimension=3)
    algebra = standard.conjugate(change(seed, 3, affine=False))
    forms = algebra.invariant_forms()
    linear = algebra.linear_parts[:, None]
    moved = linear.mT @ forms.basis + forms.basis @ linear
    assert moved.abs().max() < 1e-9
    assert len(forms) == len(standard.invariant_forms())
    assert forms.preferred is not None
    assert forms.signature == ((1, 2, 0) if name == "so(1,2)" else (3, 0, 0))
    preserved = algebra.linear_parts.mT @ forms.preferred + forms.preferred @ algebra.linear_parts
    assert preserved.abs().max() < 1e-9


def test_stretched_rotations_reveal_their_metric() -> None:
    stretch = torch.diag(torch.tensor([1.0, 1.0, 3.0], dtype=torch.float64))
    form = LieAlgebra.from_name("so(3)").conjugate(stretch).invariant_forms().preferred
    assert form is not None
    expected = torch.diag(torch.tensor([1.0, 1.0, 1 / 9], dtype=torch.float64))
    torch.testing.assert_close(form, expected)
