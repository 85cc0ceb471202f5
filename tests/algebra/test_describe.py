from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from semola_geo.algebra import LieAlgebra


def test_facts_about_stretched_rotations() -> None:
    stretch = torch.diag(torch.tensor([1.0, 1.0, 3.0], dtype=torch.float64))
    hidden = LieAlgebra(LieAlgebra.from_name("so(3)").conjugate(stretch).generators)
    facts = hidden.describe()
    assert (facts.name, facts.dim, facts.dimension) == ("so(3)", 3, 3)
    assert facts.killing_signature == (0, 3, 0)
    assert facts.derived_series == [3]
    assert facts.invariant_signature == (3, 0, 0)
    assert facts.translation_dimension == 0
    assert facts.deviation is not None
    assert facts.deviation < 1e-6
    assert facts.hidden_metric is not None
    expected = torch.diag(torch.tensor([1.0, 1.0, 1 / 9], dtype=torch.float64))
    torch.testing.assert_close(facts.hidden_metric, expected, atol=1e-8, rtol=0)
    assert facts.conjugation is not None
    rebuilt = LieAlgebra.from_name("so(3)").conjugate(facts.conjugation)
    assert rebuilt.is_same_span(hidden)
    json.dumps(facts.to_dict(), allow_nan=False)


@pytest.mark.parametrize("name", ["so(3)", "se(3)", "so(1,3)", "so(2) + t(1)", "t(3)", "so(1,1)"])
def test_ordinary_coordinates_hide_nothing(name: str) -> None:
    facts = LieAlgebra.from_name(name).describe()
    assert facts.name == name
    assert facts.hidden_metric is None
    assert facts.invariant_form is not None


def test_parts_of_a_hidden_motion_group(
    change: Callable[..., Tensor], other_basis: Callable[[LieAlgebra, int], LieAlgebra]
) -> None:
    hidden = LieAlgebra.from_name("sim(3)").conjugate(change(4, 3, affine=True))
    facts = other_basis(hidden, 2).describe()
    assert (facts.name, facts.semisimple_name) == ("sim(3)", "so(3)")
    assert facts.closed
    assert facts.semisimple_signature == (0, 3, 0)
    assert (facts.derived_series, facts.lower_central_series) == ([7, 6], [7, 6])
    assert [len(part) for part in (facts.semisimple_part, facts.radical, facts.center)] == [3, 4, 0]
    parts = LieAlgebra(torch.cat([facts.semisimple_part, facts.radical]), affine=True)
    assert parts.is_same_span(hidden)
    assert LieAlgebra(facts.generators, affine=True).is_same_span(hidden)
    for i, j in [(0, 1), (2, 3), (1, 6)]:
        bracket = facts.generators[i] @ facts.generators[j]
        bracket = bracket - facts.generators[j] @ facts.generators[i]
        expected = torch.einsum("l,lab->ab", facts.structure_constants[i, j], facts.generators)
        torch.testing.assert_close(bracket, expected, atol=1e-8, rtol=0)


def test_structure_constants_of_a_noisy_algebra_are_those_of_the_named_one(
    tilted: Callable[[LieAlgebra, float, int], LieAlgebra],
) -> None:
    facts = tilted(LieAlgebra.from_name("so(3)"), 2.0, 1).describe()
    expected = LieAlgebra.from_name("so(3)").structure_constants()
    torch.testing.assert_close(facts.structure_constants, expected, atol=1e-9, rtol=0)


def test_the_plane_that_a_rotation_about_an_axis_keeps() -> None:
    facts = LieAlgebra.from_name("se(2)", dimension=3).describe()
    assert facts.invariant_planes.tolist() == [[[1, 0, 0], [0, 1, 0]]]
    assert facts.semisimple_name == "trivial"


def test_nothing_semisimple_is_claimed_of_a_span_that_is_not_closed(
    normal: Callable[..., Tensor],
) -> None:
    facts = LieAlgebra(normal(0, 4, 3, 3)).describe()
    assert not facts.closed
    assert len(facts.semisimple_part) == 0


def test_noise_is_not_taken_for_a_hidden_metric(
    tilted: Callable[[LieAlgebra, float, int], LieAlgebra],
) -> None:
    facts = tilted(LieAlgebra.from_name("se(3)"), 2.0, 1).describe()
    assert (facts.name, facts.translation_dimension) == ("se(3)", 3)
    assert facts.killing_signature == (0, 3, 3)
    assert facts.hidden_metric is None
    assert 0.005 < facts.closure_defect < 0.05


def test_without_a_name() -> None:
    facts = LieAlgebra(torch.diag_embed(torch.eye(3))).describe()
    assert facts.name == "unknown (dim 3, abelian)"
    assert facts.deviation is None
    assert facts.conjugation is None
    assert facts.invariant_form is None
    assert LieAlgebra.from_name("trivial").describe().name == "trivial"


def test_repr() -> None:
    assert repr(LieAlgebra.from_name("se(3)")) == "LieAlgebra('se(3)', dim=6, affine on R^3)"


@pytest.mark.parametrize("name", ["so(3)", "se(3)", "so(2) + t(1)", "sim(3)", "so(1,3)"])
def test_canonical_basis_of_a_mixed_one(
    other_basis: Callable[[LieAlgebra, int], LieAlgebra], name: str
) -> None:
    standard = LieAlgebra.from_name(name)
    readable = other_basis(standard, 1).canonical()
    assert readable.is_same_span(standard)
    torch.testing.assert_close(readable.generators, standard.generators, atol=1e-9, rtol=0)


def test_canonical_basis_keeps_a_noisy_span(
    tilted: Callable[[LieAlgebra, float, int], LieAlgebra],
) -> None:
    noisy = tilted(LieAlgebra.from_name("se(3)"), 2.0, 1)
    readable = noisy.canonical()
    assert readable.is_same_span(noisy)
    assert readable.name == "se(3)"
    gap = readable.generators - LieAlgebra.from_name("se(3)").generators
    assert gap.abs().max() < 0.1


def test_canonical_basis_without_a_name(normal: Callable[..., Tensor]) -> None:
    mixed = torch.einsum("ij,jab->iab", normal(0, 3, 3), torch.diag_embed(torch.eye(3)).double())
    readable = LieAlgebra(mixed).canonical().generators
    torch.testing.assert_close(readable, torch.diag_embed(torch.eye(3)).double())


def test_axis_of_a_tilted_rotation() -> None:
    axis = torch.tensor([1.0, 2.0, 2.0], dtype=torch.float64) / 3
    turn = torch.einsum("i,iab->ab", axis, LieAlgebra.from_name("so(3)").generators)
    facts = LieAlgebra(2.5 * turn[None]).describe()
    assert facts.name == "so(2)"
    assert facts.hidden_metric is None
    torch.testing.assert_close((facts.fixed_axes @ axis).abs(), torch.ones(1, dtype=torch.float64))
    torch.testing.assert_close(
        LieAlgebra(2.5 * turn[None]).canonical().generators[0].abs(), turn.abs(), atol=1e-9, rtol=0
    )
