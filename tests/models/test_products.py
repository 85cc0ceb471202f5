"""Products: polynomials of degree two, among others, and nothing preferred."""

from __future__ import annotations

import pytest
import torch

from semola_geo.models.products import Products


@pytest.mark.parametrize("signs", [(1.0, 1.0, 1.0), (1.0, -1.0, -1.0)])
def test_an_invariant_product_is_one_choice_of_weights(signs: tuple[float, ...]) -> None:
    """Euclidean and Minkowski products of two vectors need the same network."""
    layer = Products(6, 3).double()
    eye, zero = torch.eye(3, dtype=torch.float64), torch.zeros(3, 3, dtype=torch.float64)
    with torch.no_grad():
        layer.left.weight.copy_(torch.cat([torch.diag(torch.tensor(signs).double()), zero], dim=1))
        layer.right.weight.copy_(torch.cat([zero, eye], dim=1))
        layer.left.bias.zero_()
        layer.right.bias.zero_()
    one, two = torch.randn(2, 7, 3, dtype=torch.float64)
    out = layer(torch.cat([one, two], dim=1))
    expected = (torch.tensor(signs).double() * one * two).sum(1)
    torch.testing.assert_close(out[:, 6:].sum(1), expected)
    torch.testing.assert_close(out[:, :6], torch.cat([one, two], dim=1))


def test_second_derivatives_are_those_of_a_square() -> None:
    layer = Products(4, 5).double()
    hessian = torch.func.hessian(lambda x: layer(x)[4:].sum())(torch.randn(4).double())
    half = layer.left.weight.T @ layer.right.weight
    torch.testing.assert_close(hessian, half + half.T)
