"""MPNN: unconstrained, and able to learn a symmetry."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch_geometric.data import Batch, Data

from semola_geo.models import MPNN

Maker = Callable[..., list[Data]]


@pytest.mark.parametrize("norm", [False, True])
def test_ignores_the_origin_at_first_but_is_free_to_learn_it(ragged: Maker, norm: bool) -> None:
    torch.manual_seed(0)
    (graph,) = ragged((5,))
    model = MPNN(representation="scalar", level="graph", output_shape=(), norm=norm)
    flipped, shifted = graph.clone(), graph.clone()
    flipped.pos, shifted.pos = -graph.pos, graph.pos + 1
    assert abs(model(flipped) - model(graph)) > 1e-3
    assert torch.allclose(model(shifted), model(graph), atol=1e-5)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model(graph).square().sum().backward()
    optimizer.step()
    assert abs(model(shifted) - model(graph)) > 1e-3
    model.reset_parameters()
    assert torch.allclose(model(shifted), model(graph), atol=1e-5)


def test_center_and_scales_are_a_change_of_units(ragged: Maker) -> None:
    torch.manual_seed(0)
    (graph,) = ragged((5,), torch.float64)
    model = MPNN(representation="vector", level="graph", output_shape=(3,)).double()
    expected = model(graph)
    model.inputs.center, model.inputs.scales = (1.0, 2.0, 3.0), {"pos": 10.0}
    graph.pos = 10 * graph.pos + torch.tensor([1.0, 2.0, 3.0])
    assert torch.allclose(model(graph), expected, atol=1e-12)


def test_two_dimensions_and_graph_level_inputs() -> None:
    torch.manual_seed(0)
    graphs = [Data(pos=torch.randn(n, 2), field=torch.randn(1, 2)) for n in (3, 5)]
    model = MPNN(
        representation="vector",
        level="node",
        output_shape=(2,),
        dimension=2,
        species=False,
        node_inputs={"field": ("vector", (2,))},
    )
    before = model(Batch.from_data_list(graphs))
    graphs[1].field = -graphs[1].field
    after = model(Batch.from_data_list(graphs))
    assert after[:3].allclose(before[:3], atol=1e-6)
    assert not after[3:].allclose(before[3:], atol=1e-4)


def test_learns_a_sum_of_charges_times_positions() -> None:
    generator = torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    model = MPNN(representation="vector", level="graph", output_shape=(3,), hidden=24)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(150):
        graphs = []
        for size in (4, 5, 6) * 5:
            z = torch.randint(1, 3, (size,), generator=generator)
            pos = torch.randn(size, 3, generator=generator)
            y = ((2 * z - 3)[:, None] * pos).sum(0, keepdim=True) / size**0.5
            graphs.append(Data(z=z, pos=pos, y=y))
        batch = Batch.from_data_list(graphs)
        loss = (model(batch) - batch.y).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[0] > 0.5
    assert sum(losses[-10:]) / 10 < 0.1
