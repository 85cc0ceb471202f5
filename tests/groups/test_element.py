"""Group axioms and errors of ``GroupElement``."""

import copy
import pickle

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from semola_geo.groups import GroupElement, matrix_exponential

SETTINGS = settings(deadline=None, max_examples=15)


@st.composite
def element_triples(draw):
    d, affine = draw(st.integers(2, 4)), draw(st.booleans())
    size = draw(st.integers(1, 3))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**31 - 1)))

    def element(is_affine):
        n = d + is_affine
        lie = 0.5 * torch.randn(size, n, n, generator=generator, dtype=torch.float64)
        if is_affine:
            lie[:, -1] = 0.0
        return GroupElement(matrix_exponential(lie), is_affine)

    return element(affine), element(affine), element(draw(st.booleans()))


def close(g, h):
    torch.testing.assert_close(g.linear, h.linear)
    torch.testing.assert_close(g.translation, h.translation)


@SETTINGS
@given(triple=element_triples())
def test_group_axioms(triple):
    g, h, k = triple
    identity = GroupElement.identity(len(g), g.dimension).to(torch.float64)
    close((g @ h) @ k, g @ (h @ k))
    close(g @ identity, g)
    close(identity @ g, g)
    close(g @ ~g, identity)
    close(~g @ g, identity)
    close(~(g @ h), ~h @ ~g)


@SETTINGS
@given(triple=element_triples())
def test_composition_applies_the_right_factor_first(triple):
    g, _, h = triple
    x = torch.ones(len(g), g.dimension, dtype=torch.float64)

    def move(element, points):
        return torch.einsum("bij,bj->bi", element.linear, points) + element.translation

    torch.testing.assert_close(move(g @ h, x), move(g, move(h, x)))


def test_selection_and_conversion():
    g = GroupElement(torch.arange(27.0).reshape(3, 3, 3).requires_grad_(), affine=True)
    assert len(g) == 3 and g.dimension == 2
    assert g.linear.shape == (3, 2, 2) and g.translation.shape == (3, 2)
    assert [len(g[i]) for i in (0, -1, slice(1, 3), torch.tensor([2, 0, 0]))] == [1, 1, 2, 3]
    assert torch.equal(g[-1].matrix[0], g.matrix[2]) and g[0].affine
    assert len(list(g)) == 3
    with pytest.raises(IndexError):
        g[3]
    assert g.matrix.requires_grad and not g.detach().matrix.requires_grad
    assert g.to(torch.float64).matrix.dtype == torch.float64
    assert g.to("cpu", dtype=torch.float64).matrix.dtype == torch.float64
    assert repr(g) == "GroupElement(3 × affine, d = 2)"
    for other in (pickle.loads(pickle.dumps(g.detach())), copy.copy(g)):
        assert torch.equal(other.matrix, g.matrix) and other.affine


def test_dtypes_are_promoted():
    g = GroupElement.identity(2, 3)
    assert (g @ g.to(torch.float64)).matrix.dtype == torch.float64
    assert (g @ g).matrix.dtype == torch.float32


def test_gradient_flows_through_composition_and_inverse():
    matrix = torch.eye(3, dtype=torch.float64).repeat(2, 1, 1).requires_grad_()
    assert torch.autograd.gradcheck(
        lambda m: (~GroupElement(m) @ GroupElement(m.mT)).matrix, matrix + 0.1
    )


@pytest.mark.parametrize(
    ("matrix", "error", "text"),
    [
        (torch.eye(3), ValueError, r"matrices \[B, n, n\], got shape \(3, 3\)"),
        (torch.zeros(2, 3, 4), ValueError, r"got shape \(2, 3, 4\)"),
        (torch.eye(3).long()[None], TypeError, "floating-point"),
        ([[1.0]], TypeError, "floating-point"),
    ],
)
def test_matrices_that_are_refused(matrix, error, text):
    with pytest.raises(error, match=text):
        GroupElement(matrix)


def test_sizes_that_do_not_match():
    g = GroupElement.identity(2, 3)
    with pytest.raises(ValueError, match=r"2 element\(s\) in d = 3 with 1 element\(s\) in d = 3"):
        g @ g[0]
    with pytest.raises(ValueError, match=r"d = 3 with 2 element\(s\) in d = 2"):
        g @ GroupElement.identity(2, 2)
    with pytest.raises(TypeError):
        g @ torch.eye(3)
