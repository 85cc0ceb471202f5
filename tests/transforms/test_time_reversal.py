"""Augmentation with time reversal, alone and in products."""

import pytest
import torch
from torch_geometric.data import Batch, Data

from semola_geo.transforms import ProductTransform, TimeReversalTransform, named_transform

FIELDS = {"pos": "point@slot", "vel": "vector@odd@slot", "acceleration": "vector@slot"}


def batch(count=200):
    g = torch.Generator().manual_seed(0)
    return Batch.from_data_list(
        [Data(**{name: torch.randn(3, 3, generator=g) for name in FIELDS}) for _ in range(count)]
    )


def test_odd_fields_change_sign_in_a_share_of_graphs_by_the_seed():
    data, transform = batch(), TimeReversalTransform(FIELDS, probability=0.3)
    source = torch.Generator().manual_seed(1)
    moved, element = transform(data, generator=source, return_element=True)
    again = transform(data, generator=torch.Generator().manual_seed(1))
    assert moved.vel.equal(again.vel) and moved.pos.equal(data.pos)
    assert moved.acceleration.equal(data.acceleration)
    sign = torch.where(element.reverses[data.batch], -1.0, 1.0)[:, None]
    assert moved.vel.equal(sign * data.vel)
    # Five standard deviations of the binomial distribution.
    assert abs(float(element.reverses.double().mean()) - 0.3) < 5 * (0.21 / 200) ** 0.5
    assert transform.inverse(moved, element).vel.equal(data.vel)


@pytest.mark.parametrize("group", ["E(3) x time", "S(3) x time", "E(3) x S(3) x time"])
def test_products_replay_and_invert(group):
    data = batch(5)
    product = named_transform(group, FIELDS, data)
    assert isinstance(product, ProductTransform) and product.name == group
    moved, element = product(data, return_element=True)
    assert product(data, element=element).vel.equal(moved.vel)
    torch.testing.assert_close(product.inverse(moved, element).vel, data.vel, atol=1e-5, rtol=0)


def test_mistakes_are_named():
    with pytest.raises(ValueError, match=r"changes no field: .*'vel': 'vector@odd'"):
        TimeReversalTransform({"pos": "point"})
    with pytest.raises(ValueError, match=r"probability must lie in \[0, 1\], got 2"):
        TimeReversalTransform(FIELDS, probability=2)
    with pytest.raises(ValueError, match="at least two parts"):
        ProductTransform(reversal=TimeReversalTransform(FIELDS))
