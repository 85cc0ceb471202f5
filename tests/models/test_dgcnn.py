"""DGCNN: the edge convolution of the paper, on neighbours that follow the features."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch_geometric.data import Batch, Data

from semola_geo.models import DGCNN
from semola_geo.models.dgcnn import _EdgeConvolution
from semola_geo.models.neighbours import nearest_nodes


def build(**options: Any) -> DGCNN:
    torch.manual_seed(0)
    known: dict[str, Any] = {"representation": "scalar", "level": "graph", "output_shape": (10,)}
    return DGCNN(**{**known, "species": False, "hidden": 8, "k": 3, **options}).double()


@settings(max_examples=30, deadline=None)
@given(sizes=st.lists(st.integers(0, 9), min_size=1, max_size=5), k=st.integers(1, 5))
def test_neighbours_are_the_nearest_of_the_same_graph(sizes: list[int], k: int) -> None:
    generator = torch.Generator().manual_seed(sum(sizes))
    ptr = torch.tensor([0, *sizes]).cumsum(0)
    x = torch.randn(sum(sizes), 2, generator=generator, dtype=torch.float64)
    table = nearest_nodes(x, k, ptr)
    for first, last in zip(ptr[:-1].tolist(), ptr[1:].tolist(), strict=True):
        for node in range(first, last):
            distances = (x[first:last] - x[node]).norm(dim=1)
            expected = first + distances.argsort()[: k + 1]
            assert set(table[node].tolist()) == set(expected.tolist())


def test_edge_convolution_is_that_of_the_paper() -> None:
    torch.manual_seed(0)
    layer = _EdgeConvolution(5, 7).double()
    h = torch.randn(6, 5, dtype=torch.float64)
    table = nearest_nodes(h, 2, torch.tensor([0, 6]))
    rows = []
    for node in range(6):
        others = table[node].tolist()
        messages = [
            layer.activation(layer.edge(h[j] - h[node]) + layer.node(h[node])) for j in others
        ]
        rows.append(torch.stack(messages).amax(0))
    torch.testing.assert_close(layer(h, table), torch.stack(rows))


def test_later_layers_look_at_features() -> None:
    """Two far clusters, alike in their features: with a second layer they hear of each other."""
    x = torch.randn(4, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    pos = torch.cat([x, x + 100.0])
    charge = torch.arange(4.0, dtype=torch.float64).repeat(2)

    def answer(num_layers: int, moved: Tensor) -> Tensor:
        inputs = {"charge": ("scalar", ())}
        model = build(level="node", dimension=2, num_layers=num_layers, node_inputs=inputs)
        with torch.no_grad():
            model.inputs.linear.weight[:, :2] = 0.0  # features know nothing of places
            model.inputs.linear.weight[:, 2] = 1.0
            model.head[0].weight[:, model.embed[0].out_features :] = 0.0  # the pool is not read
        return model(Data(pos=pos, charge=moved)).detach()

    other = charge.clone()
    other[4:] += 0.25
    one, two = (answer(n, charge)[:4] - answer(n, other)[:4] for n in (1, 2))
    assert float(one.abs().max()) == 0.0
    assert float(two.abs().max()) > 1e-6


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("dimension", [2, 3])
def test_points_with_intensities(dimension: int, dtype: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(0)
    graphs = [
        Data(
            pos=torch.randn(n, dimension, generator=generator, dtype=dtype),
            intensity=torch.rand(n, generator=generator, dtype=dtype),
        )
        for n in (30, 2, 1, 12)
    ]
    inputs = {"intensity": ("scalar", ())}
    model = build(dimension=dimension, node_inputs=inputs, k=8).to(dtype)
    with torch.no_grad():
        together = model(Batch.from_data_list(graphs))
    assert together.shape == (4, 10) and together.dtype == dtype
    alone = torch.cat([model(graph) for graph in graphs])
    assert torch.allclose(together, alone, atol=1e-5)
    graphs[0].intensity = 1 - graphs[0].intensity
    assert not torch.allclose(model(graphs[0]), together[:1], atol=1e-4)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"k": 0}, "k must be at least 1"), ({"num_layers": 0}, "num_layers must be at least 1")],
)
def test_mistakes(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build(**options)
