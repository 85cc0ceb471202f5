"""Time reversal is its own inverse, commutes with motions, and touches odd fields only."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from semola_geo.groups import GroupElement, ProductElement, SlotPermutation, TimeReversal
from semola_geo.representations import parse_representation

FLAGS = st.lists(st.booleans(), min_size=3, max_size=3).map(torch.tensor)


@given(FLAGS, FLAGS)
def test_two_reversals_are_none(one, two):
    g, h = TimeReversal(one), TimeReversal(two)
    assert (g @ h).reverses.equal(one ^ two)
    assert not (g @ ~g).reverses.any()
    assert not g.hold(one).reverses.any()


@given(FLAGS, st.sampled_from(["scalar", "vector", "pseudovector", "ij=ji", "1x1o"]))
def test_only_odd_fields_change_and_each_graph_by_itself(flags, text):
    element, index = TimeReversal(flags), torch.tensor([0, 0, 1, 2])
    odd, even = parse_representation(f"{text}@odd"), parse_representation(text)
    values = torch.randn(4, *odd.shape(3))
    sign = torch.where(flags[index], -1.0, 1.0).reshape(-1, *(1,) * (values.dim() - 1))
    assert element.act(values, odd, index).equal(sign * values)
    assert element.act(values, even, index) is values


def test_it_commutes_with_rotations_and_exchanges():
    turn = GroupElement(torch.linalg.qr(torch.randn(2, 3, 3)).Q)
    swap = SlotPermutation(torch.tensor([[1, 0], [0, 1]]))
    theta = TimeReversal(torch.tensor([True, False]))
    element = ProductElement(turn, swap, theta)
    field = parse_representation("vector@slot@odd")
    values, index = torch.randn(4, 3), torch.tensor([0, 0, 1, 1])
    there = element.act(values, field, index)
    first = theta.act(values, field, index)
    torch.testing.assert_close(there, turn.act(swap.act(first, field), field, index))
    torch.testing.assert_close((~element).act(there, field, index), values)
    with pytest.raises(ValueError, match="both need the same parts"):
        _ = element @ ProductElement(turn, swap)


def test_mistakes_are_named():
    with pytest.raises(TypeError, match="tensor of booleans"):
        TimeReversal(torch.ones(2))
    with pytest.raises(ValueError, match=r"booleans \[B\], got shape \(2, 1\)"):
        TimeReversal(torch.ones(2, 1, dtype=torch.bool))
    with pytest.raises(ValueError, match="sizes must match"):
        _ = TimeReversal.identity(2) @ TimeReversal.identity(3)
    with pytest.raises(ValueError, match="needs a part"):
        ProductElement()
