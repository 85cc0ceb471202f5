from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from semola_geo.algebra import LieAlgebra
from semola_geo.representations import (
    Span,
    affine_matrices,
    carriers,
    parse_representation,
    recognise,
)


def parts(name):
    algebra = LieAlgebra.from_name(name)
    shift = torch.zeros(algebra.dim, algebra.dimension, dtype=torch.float64)
    if algebra.affine:
        shift = algebra.generators[:, :-1, -1]
    return algebra.linear_parts, shift


def plain_span(size):
    return Span(torch.eye(size, dtype=torch.float64), torch.zeros(size, dtype=torch.float64))


def action_of(texts, linear, shift):
    blocks = [affine_matrices(parse_representation(text), linear, shift) for text in texts]
    whole = torch.stack(
        [torch.block_diag(*row) for row in zip(*(b[:, :-1, :-1] for b in blocks), strict=True)]
    )
    homogeneous = torch.zeros(len(linear), len(whole[0]) + 1, len(whole[0]) + 1).double()
    homogeneous[:, :-1, :-1] = whole
    homogeneous[:, :-1, -1] = torch.cat([b[:, :-1, -1] for b in blocks], dim=1)
    return homogeneous


@pytest.mark.parametrize("text", ["vector", "covector", "pseudovector"])
def test_gl3_tells_all_vectors_apart(text):
    linear, shift = parts("gl(3)")
    found = recognise(action_of([text], linear, shift), linear, shift, plain_span(3))
    assert found.summands == (text,)
    # Without translations, points about the origin are vectors.
    same = {"vector": ("point",), "covector": (), "pseudovector": ("antisymmetric tensor",)}
    assert found.equivalents == same[text]
    assert found.representation == text


def test_points_and_vectors_differ_by_translations_only():
    linear, shift = parts("se(3)")
    for text in ("point", "vector"):
        found = recognise(action_of([text], linear, shift), linear, shift, plain_span(3))
        assert found.summands == (text,)
        assert not {"point", "vector"} & set(found.equivalents)


@given(
    texts=st.sampled_from([["scalar", "vector"], ["vector"], ["vector", "vector"], ["ij"]]),
    seed=st.integers(0, 10_000),
)
@settings(max_examples=8, deadline=None)
def test_a_change_of_basis_hides_nothing(texts, seed):
    linear, shift = parts("so(3)")
    actions = action_of(texts, linear, shift)
    size = actions.shape[-1]
    g = torch.Generator().manual_seed(seed)
    change = torch.eye(size).double()
    change[:-1, :-1] = torch.linalg.qr(torch.randn(size - 1, size - 1, generator=g).double()).Q
    scales = 0.5 + torch.rand(size - 1, generator=g).double()
    change[:-1, :-1] = change[:-1, :-1] * scales
    hidden = torch.linalg.solve(change, actions @ change)
    found = recognise(hidden, linear, shift, plain_span(size - 1))
    assert found is not None
    assert found.misfit < 1e-6
    names = sorted(found.summands)
    assert names == sorted(["tensor"] if texts == ["ij"] else texts)
    # The reported map carries the hidden action into the catalogue's.
    if found.change is not None:
        map_, stated = found.change[:, :-1], action_of(sorted(texts, reverse=True), linear, shift)
        torch.testing.assert_close(
            map_ @ hidden[:, :-1, :-1], stated[:, :-1, :-1] @ map_, atol=1e-6, rtol=0
        )


def test_the_weight_of_a_homogeneous_function_is_found():
    linear, shift = parts("gl(2)")
    actions = torch.zeros(4, 2, 2, dtype=torch.float64)
    actions[:, 0, 0] = 1.5 * linear.diagonal(dim1=1, dim2=2).mean(1)
    found = recognise(actions, linear, shift, plain_span(1))
    assert found.summands == ("scalar",)
    assert found.weight == pytest.approx(1.5)
    assert found.representation is None


def test_what_the_catalogue_lacks_is_unknown():
    linear, shift = parts("so(2)")
    actions = torch.zeros(1, 3, 3, dtype=torch.float64)
    actions[0, :2, :2] = 3.0 * linear[0]  # three times as fast: not a tensor of two indices
    assert recognise(actions, linear, shift, plain_span(2)) is None


def test_carriers_are_representations():
    linear, shift = parts("aff(2)")
    constants = LieAlgebra.from_name("aff(2)").structure_constants()
    for carrier in carriers(linear, shift):
        products = torch.einsum("iab,jbc->ijac", carrier.matrices, carrier.matrices)
        expected = torch.einsum("ijl,lab->ijab", constants, carrier.matrices)
        torch.testing.assert_close(products - products.transpose(0, 1), expected)
