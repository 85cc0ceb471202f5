"""Graph builders as transforms of data and batches."""

from __future__ import annotations

import pytest
import torch
from torch_geometric import transforms as T
from torch_geometric.data import Batch, Data
from torch_geometric.loader import DataLoader

from semola_geo.graphs import KNNGraph, RadiusGraph
from semola_geo.models import MPNN

TRANSFORMS = [RadiusGraph(1.2), RadiusGraph(1.2, loop=True), KNNGraph(2), KNNGraph(2, loop=True)]


def graphs() -> list[Data]:
    generator = torch.Generator().manual_seed(0)
    return [Data(pos=torch.randn(n, 3, generator=generator), y=torch.zeros(1)) for n in (5, 3, 9)]


def test_repr() -> None:
    assert [str(transform) for transform in TRANSFORMS] == [
        "RadiusGraph(radius=1.2)",
        "RadiusGraph(radius=1.2, loop=True)",
        "KNNGraph(k=2)",
        "KNNGraph(k=2, loop=True)",
    ]


@pytest.mark.parametrize("transform", TRANSFORMS, ids=str)
def test_a_batch_gets_the_edges_of_its_graphs_and_falls_apart_again(
    transform: RadiusGraph | KNNGraph,
) -> None:
    separate = [transform(graph) for graph in graphs()]
    batch = Batch.from_data_list(graphs())
    together = transform(batch)
    assert together.edge_index.equal(Batch.from_data_list(separate).edge_index)
    assert "edge_index" not in batch
    assert "edge_index" not in batch._slice_dict
    for one, other in zip(together.to_data_list(), separate, strict=True):
        assert one.edge_index.equal(other.edge_index)


def test_input_is_left_alone_and_old_edge_attributes_go() -> None:
    edges = torch.tensor([[0], [1]])
    data = Data(pos=torch.zeros(2, 3), edge_index=edges, edge_attr=torch.ones(1))
    changed = KNNGraph(1)(data)
    assert changed.num_edges == 2
    assert changed.edge_attr is None
    assert data.edge_index is edges
    assert data.edge_attr is not None


@pytest.mark.parametrize("batched", [False, True])
def test_fields_of_old_edges_go(batched: bool) -> None:
    """Three nodes and four edges: only numbers of rows tell what belongs to which."""
    edges = torch.tensor([[0, 1, 1, 2], [1, 0, 2, 1]])
    fields = {"edge_weight": torch.ones(4), "bond_len": torch.ones(4), "q": torch.ones(3)}
    graph = Data(pos=torch.rand(3, 3), edge_index=edges, y=torch.ones(1), **fields)
    data = Batch.from_data_list([graph] * 2) if batched else graph
    changed = KNNGraph(2)(data)
    assert set(changed.to_dict()) == set(data.to_dict()) - {"edge_weight", "bond_len"}
    assert "bond_len" in data
    if batched:
        assert set(changed[1].to_dict()) == {"pos", "edge_index", "y", "q"}


def test_as_many_old_edges_as_nodes() -> None:
    edges = torch.tensor([[0, 1, 2], [1, 2, 0]])
    data = Data(pos=torch.rand(3, 3), edge_index=edges, q=torch.ones(3), edge_length=torch.ones(3))
    assert set(KNNGraph(1)(data).to_dict()) == {"pos", "edge_index", "q"}


def test_batches_of_batches_and_batches_made_by_hand() -> None:
    batch = Batch.from_data_list(graphs())
    expected = RadiusGraph(1.2)(batch)
    by_hand = RadiusGraph(1.2)(Batch(pos=batch.pos, batch=batch.batch))
    assert by_hand.edge_index.equal(expected.edge_index)
    together = RadiusGraph(1.2)(Batch.from_data_list([batch, batch]))
    assert together.num_edges == 2 * expected.num_edges
    for one in together.to_data_list():
        assert one.edge_index.equal(expected.edge_index)


def test_in_a_pipeline_of_a_loader_and_a_network() -> None:
    pipeline = T.Compose([T.Center(), RadiusGraph(2.0)])
    batch = next(iter(DataLoader([pipeline(graph) for graph in graphs()], batch_size=3)))
    network = MPNN(representation="scalar", level="graph", output_shape=(), species=False)
    assert network(batch).shape == (3,)


def test_other_coordinates() -> None:
    data = Data(x=torch.randn(4, 2), field=torch.randn(4, 3))
    assert KNNGraph(1, field="field")(data).num_edges == 4
    with pytest.raises(ValueError, match=r"'pos' is missing.*field, x.*field="):
        KNNGraph(1)(data)
    with pytest.raises(TypeError, match="got list"):
        RadiusGraph(1.0)([data])
    with pytest.raises(ValueError, match="positive"):
        RadiusGraph(-1.0)
    with pytest.raises(ValueError, match="at least 1"):
        KNNGraph(0)
