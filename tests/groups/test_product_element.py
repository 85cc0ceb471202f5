"""Pairs of a matrix and a permutation form a group that acts on fields of every kind."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from semola_geo.groups import GroupElement, ProductElement, SlotPermutation, parse_ambient
from semola_geo.groups.exponential import matrix_exponential
from semola_geo.representations import parse_representation

FIELDS = ["point@slot", "covector@slot", "scalar@slot", "vector", "ij=ji", "pseudoscalar"]


def random(size, slots, seed, ambient="Aff(2)"):
    g = torch.Generator().manual_seed(seed)
    group = parse_ambient(ambient)
    weights = 0.5 * torch.randn(size, len(group), generator=g, dtype=torch.float64)
    matrix = matrix_exponential(group.combine(weights))
    images = torch.rand(size, slots, generator=g).argsort(1)
    return ProductElement(GroupElement(matrix, group.affine), SlotPermutation(images))


def close(one, two):
    torch.testing.assert_close(one.continuous.matrix, two.continuous.matrix)
    assert torch.equal(one.permutation.images, two.permutation.images)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 4), st.integers(2, 6), st.integers(0, 99), st.sampled_from(FIELDS))
def test_group_laws_and_action(size, slots, seed, text):
    g, h, k = (random(size, slots, seed + 100 * i) for i in range(3))
    one = ProductElement.identity(size, 2, slots, affine=True).to(torch.float64)
    close((g @ h) @ k, g @ (h @ k))
    close(g @ ~g, one)
    close(g @ one, g)
    representation = parse_representation(text)
    rows = size * slots if representation.slot else size
    index = torch.arange(size).repeat_interleave(rows // size)
    values = torch.randn(rows, *representation.shape(2), dtype=torch.float64)

    def act(element, x):
        return element.act(x, representation, index)

    torch.testing.assert_close(act(g @ h, values), act(g, act(h, values)))
    torch.testing.assert_close(act(~g, act(g, values)), values)
    # The parts commute: all nodes of a graph are moved alike.
    turned = g.continuous.act(values, representation, index)
    torch.testing.assert_close(act(g, values), g.permutation.act(turned, representation))


def test_parts_go_together():
    g = random(4, 3, 0)
    assert len(g) == 4 and len(g[1]) == 1 and len(g[torch.tensor([2, 0])]) == 2
    held = g.hold(torch.tensor([True, False, True, False]))
    close(held[torch.tensor([1, 3])], g[torch.tensor([1, 3])])
    close(held[0], ProductElement.identity(1, 2, 3, affine=True).to(torch.float64))
    assert g.to(torch.float32).continuous.matrix.dtype == torch.float32
    assert repr(g) == "ProductElement(4 × affine, d = 2, 3 slots)"


def test_mistakes_are_named():
    g = random(2, 3, 0)
    with pytest.raises(ValueError, match="the same graphs, got continuous: 2, permutation: 1"):
        ProductElement(g.continuous, g.permutation[0])
    with pytest.raises(TypeError, match="permutation must be a SlotPermutation, got GroupElement"):
        ProductElement(g.continuous, g.continuous)
    with pytest.raises(ValueError, match="sizes must match"):
        _ = g @ random(2, 4, 0)
    with pytest.raises(TypeError):
        _ = g @ g.continuous
