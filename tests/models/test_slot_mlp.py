"""SlotMLP: node slots have names."""

from __future__ import annotations

import pytest
import torch
from torch_geometric.data import Batch, Data

from semola_geo.models import SlotMLP
from semola_geo.models.products import Products


@pytest.mark.parametrize(
    ("representation", "shape"), [("scalar", ()), ("vector", (3,)), ("ij=ji", (3, 3))]
)
@pytest.mark.parametrize("level", ["graph", "node"])
def test_batch_equals_single_graphs(
    representation: str, shape: tuple[int, ...], level: str
) -> None:
    graphs = [Data(pos=torch.randn(4, 3), v=torch.randn(4, 3)) for _ in range(3)]
    model = SlotMLP(
        representation=representation,
        level=level,
        output_shape=shape,
        num_nodes=4,
        node_inputs={"v": ("vector", (3,))},
    )
    together = model(Batch.from_data_list(graphs))
    assert together.shape == (3 if level == "graph" else 12, *shape)
    assert torch.allclose(together, torch.cat([model(g) for g in graphs]), atol=1e-6)


def test_slots_differ() -> None:
    torch.manual_seed(0)
    data = Data(pos=torch.randn(4, 3))
    model = SlotMLP(representation="scalar", level="graph", output_shape=(), num_nodes=4)
    assert abs(model(Data(pos=data.pos.flip(0))) - model(data)) > 1e-3


def test_scalars_in_slots_need_no_coordinates() -> None:
    model = SlotMLP(
        representation="scalar",
        level="graph",
        output_shape=(),
        num_nodes=8,
        dimension=1,
        position="reading",
    )
    assert model(Data(reading=torch.randn(8), num_nodes=8)).shape == (1,)


def test_wrong_size_names_the_graph() -> None:
    graphs = [Data(pos=torch.randn(n, 3)) for n in (4, 4, 3)]
    model = SlotMLP(representation="scalar", level="graph", output_shape=(), num_nodes=4)
    with pytest.raises(ValueError, match="graphs of 4 nodes, but graph 2 of the batch has 3"):
        model(Batch.from_data_list(graphs))


def test_no_nodes() -> None:
    with pytest.raises(ValueError, match="num_nodes must be at least 1"):
        SlotMLP(representation="scalar", level="graph", output_shape=(), num_nodes=0)


def test_without_products_it_is_a_perceptron() -> None:
    options = {"representation": "scalar", "level": "graph", "output_shape": (), "num_nodes": 2}
    plain, full = SlotMLP(**options, products=0), SlotMLP(**options)
    kinds = {type(part) for part in plain.network}
    assert kinds == {torch.nn.Linear, torch.nn.SiLU}
    assert Products in {type(part) for part in full.network}
    data = Data(pos=torch.randn(2, 3))
    assert plain(data).shape == full(data).shape == (1,)


def test_negative_number_of_products() -> None:
    with pytest.raises(ValueError, match="products must not be negative, got -1"):
        SlotMLP(representation="scalar", level="graph", output_shape=(), num_nodes=2, products=-1)
