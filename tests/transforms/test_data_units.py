"""Unit of length and centre of a data set."""

import pytest
import torch
from torch_geometric.data import Batch, Data

from semola_geo.transforms import data_units


def test_scale_and_center_whatever_the_batching():
    generator = torch.Generator().manual_seed(0)
    graphs = [Data(pos=3.0 * torch.randn(n, 3, generator=generator) + 7.0) for n in (2, 500, 90)]
    points = torch.cat([graph.pos for graph in graphs]).double()
    scale, center = data_units(graphs)
    torch.testing.assert_close(center, points.mean(0))
    assert scale == pytest.approx(float((points - center).square().sum(1).mean().div(3).sqrt()))
    again, middle = data_units([Batch.from_data_list(graphs)])
    assert again == pytest.approx(scale)
    torch.testing.assert_close(middle, center)


def test_frames_are_points_too():
    pos = torch.randn(4, 5, 2, generator=torch.Generator().manual_seed(0))
    assert data_units([Data(q=pos)], "q")[0] == pytest.approx(
        data_units([Data(q=pos.reshape(20, 2))], "q")[0]
    )


def test_data_without_a_length_are_refused():
    with pytest.raises(ValueError, match="data set is empty"):
        data_units([])
    with pytest.raises(ValueError, match="all points of field 'pos' coincide"):
        data_units([Data(pos=torch.ones(3, 3))])


@pytest.mark.parametrize(
    ("pos", "words"),
    [
        (torch.tensor([[0.0, torch.nan, torch.inf]]), "'pos' has 2 NaN or infinite"),
        (torch.zeros(3), r"'pos' must hold points \[rows, d\], got \(3,\)"),
        (None, "'pos' must hold points .*got NoneType"),
        ([[0.0, 1.0]], "'pos' must hold points .*got list"),
    ],
)
def test_what_holds_no_points_is_refused(pos, words):
    with pytest.raises(ValueError, match=words):
        data_units([Data(pos=torch.rand(3, 3)), Data(pos=pos)])
