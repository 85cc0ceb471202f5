"""Batched permutations act as their matrices do, and relabel edges consistently."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from semola_geo.groups import SlotPermutation
from semola_geo.groups.sinkhorn import best_assignment, sinkhorn, straight_through
from semola_geo.representations import parse_representation

SLOT, PLAIN = parse_representation("point@slot"), parse_representation("point")


def random(size, slots, seed=0):
    g = torch.Generator().manual_seed(seed)
    return SlotPermutation(torch.rand(size, slots, generator=g).argsort(1))


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 4), st.integers(1, 7), st.integers(0, 99))
def test_group_laws_and_action(size, slots, seed):
    g, h = random(size, slots, seed), random(size, slots, seed + 1)
    values = torch.randn(size * slots, 3, dtype=torch.float64)
    moved = g.act(h.act(values, SLOT), SLOT)
    assert torch.equal((g @ h).act(values, SLOT), moved)
    assert torch.equal((~g).act(g.act(values, SLOT), SLOT), values)
    assert torch.equal((g @ ~g).images, SlotPermutation.identity(size, slots).images)
    assert torch.equal((g @ h).as_matrix(), g.as_matrix() @ h.as_matrix())
    dense = SlotPermutation(g.images, g.as_matrix())
    assert torch.equal(dense.act(values, SLOT), g.act(values, SLOT))
    assert g.act(values, PLAIN) is values
    # The node that was row r is row relabel(r) now.
    rows = torch.arange(size * slots)
    assert torch.equal(g.act(values, SLOT)[g.relabel(rows)], values)
    mask = torch.arange(size) % 2 == 0
    held = dense.hold(mask)
    assert torch.equal(held.images[~mask], g.images[~mask])
    assert torch.equal(held.images[mask], SlotPermutation.identity(size, slots).images[mask])
    assert torch.equal(held.as_matrix(), g.hold(mask).as_matrix())


def test_shapes_dtypes_and_channels():
    g = random(3, 4)
    for values in (torch.arange(12), torch.randn(12), torch.randn(12, 2, 5, 3), torch.zeros(12, 0)):
        for element in (g, SlotPermutation(g.images, g.as_matrix())):
            moved = element.act(values, parse_representation("scalar@slot"))
            assert moved.dtype == values.dtype
            assert torch.equal(moved[g.relabel(torch.arange(12))], values)
    assert len(g[1]) == 1 and torch.equal(g[torch.tensor([2, 0])].images, g.images[[2, 0]])
    assert SlotPermutation(g.images, g.as_matrix()).to(torch.float64).matrix.dtype == torch.float64
    assert repr(g) == "SlotPermutation(3 × 4 slots)"


def test_mistakes_are_named():
    with pytest.raises(TypeError, match=r"dtype torch\.long"):
        SlotPermutation(torch.zeros(1, 2))
    with pytest.raises(ValueError, match=r"images of graph 1 are no permutation of 2 slots"):
        SlotPermutation(torch.tensor([[0, 1], [1, 1]]))
    with pytest.raises(ValueError, match=r"matrix must have shape \(1, 2, 2\)"):
        SlotPermutation(torch.tensor([[0, 1]]), torch.zeros(1, 2, 3))
    with pytest.raises(ValueError, match="sizes must match"):
        _ = random(2, 3) @ random(2, 4)
    with pytest.raises(ValueError, match=r"no 3 slots in each of 2 graph\(s\)"):
        random(2, 3).act(torch.zeros(5, 3), SLOT)


def test_sinkhorn_is_doubly_stochastic_and_has_its_limits():
    scores = torch.randn(4, 5, 5, dtype=torch.float64)
    soft = sinkhorn(scores, 200)
    ones = torch.ones(4, 5, dtype=torch.float64)
    torch.testing.assert_close(soft.sum(-1), ones)
    torch.testing.assert_close(soft.sum(-2), ones)
    images = best_assignment(scores)
    sharp = sinkhorn(scores / 1e-3, 2000)
    assert torch.equal(sharp.argmax(-1), images)
    total = scores.gather(-1, images[..., None]).sum((-1, -2))
    for _ in range(50):
        other = torch.rand(4, 5).argsort(1)
        assert (scores.gather(-1, other[..., None]).sum((-1, -2)) <= total + 1e-12).all()


def test_straight_through_is_exact_forward_and_differentiable():
    scores = torch.randn(3, 4, 4, requires_grad=True)
    images, matrix = straight_through(scores)
    assert torch.equal(matrix, SlotPermutation(images).as_matrix())
    (matrix * torch.randn(3, 4, 4)).sum().backward()
    assert (scores.grad.abs().flatten(1).sum(1) > 0).all()


def test_straight_through_finds_a_hidden_permutation():
    g = torch.Generator().manual_seed(0)
    wanted = torch.tensor([2, 0, 5, 1, 4, 3])
    scores = torch.randn(6, 6, generator=g, requires_grad=True)
    optimizer = torch.optim.Adam([scores], lr=0.1)
    for _ in range(100):
        x = torch.randn(6, 32, generator=g)
        target = torch.empty_like(x)
        target[wanted] = x
        optimizer.zero_grad()
        (straight_through(scores)[1] @ x - target).square().mean().backward()
        optimizer.step()
    assert torch.equal(best_assignment(scores), wanted)
