from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_geometric.data import Batch, Data, HeteroData

from semola_geo.training.collated import CollatedGraphs, UncollatableError


class PairData(Data):
    """Two node sets: a custom increment and a stacked field."""

    def __inc__(self, key, value, *args, **kwargs):
        return self.x_t.size(0) if key == "anchor" else super().__inc__(key, value, *args, **kwargs)

    def __cat_dim__(self, key, value, *args, **kwargs):
        return None if key == "stacked" else super().__cat_dim__(key, value, *args, **kwargs)


def random_graph(nodes: int, seed: int, cls: type[Data] = Data) -> Data:
    g = torch.Generator().manual_seed(seed)
    edges = 2 * nodes + 1
    data = cls(
        pos=torch.randn(nodes, 3, generator=g),
        z=torch.randint(1, 9, (nodes,), generator=g),
        edge_index=torch.randint(nodes, (2, edges), generator=g),
        edge_attr=torch.randn(edges, 2, generator=g, dtype=torch.float64),
        dipole=torch.randn(1, 3, generator=g),
        energy=torch.randn(1, generator=g),
        short_index=torch.randint(nodes, (4,), generator=g, dtype=torch.int32),
        charge=float(seed),
        smiles=f"molecule {seed}",
    )
    if cls is PairData:
        data.x_t = torch.randn(nodes + 1, 2, generator=g)
        data.anchor = torch.tensor([0, nodes])
        data.stacked = torch.randn(2, 2, generator=g)
    return data


def assert_same(actual: Data, expected: Data) -> None:
    assert set(actual.keys()) == set(expected.keys())
    for key in expected.keys():  # noqa: SIM118
        if isinstance(expected[key], torch.Tensor):
            assert actual[key].dtype == expected[key].dtype, key
            assert torch.equal(actual[key], expected[key]), key
        else:
            assert actual[key] == expected[key], key


@pytest.mark.parametrize("cls", [Data, PairData])
@settings(deadline=None, max_examples=25)
@given(
    sizes=st.lists(st.integers(1, 5), min_size=1, max_size=6),
    picks=st.lists(st.integers(0, 5), min_size=1, max_size=6),
)
def test_equals_pyg_collate(cls, sizes, picks):
    graphs = [random_graph(n, seed, cls) for seed, n in enumerate(sizes)]
    index = torch.tensor([p % len(graphs) for p in picks])
    expected = Batch.from_data_list([graphs[i] for i in index])
    actual = CollatedGraphs(graphs).batch(index)
    assert type(actual).__name__ == type(expected).__name__
    assert_same(actual, expected)
    assert actual.num_graphs == expected.num_graphs == len(index)
    for key, slices in expected._slice_dict.items():
        assert torch.equal(actual._slice_dict[key], slices), key
    for position, graph in enumerate(actual.to_data_list()):
        assert_same(graph, graphs[index[position]])
    assert_same(actual[0], graphs[index[0]])


def test_explicit_num_nodes_of_graphs_without_node_fields():
    graphs = [Data(edge_index=torch.tensor([[0], [1]]), num_nodes=n) for n in (2, 4)]
    expected = Batch.from_data_list(graphs[::-1])
    actual = CollatedGraphs(graphs).batch(torch.tensor([1, 0]))
    assert torch.equal(actual.edge_index, expected.edge_index)
    assert torch.equal(actual.batch, expected.batch)
    assert actual.num_nodes == 6
    assert actual[1].num_nodes == 2


def test_batch_moves_between_devices_and_dtypes():
    batch = CollatedGraphs([random_graph(2, 0), random_graph(3, 1)]).batch(torch.tensor([1, 0]))
    moved = batch.to("meta")
    assert moved.pos.device.type == "meta"
    assert moved.num_graphs == 2


def test_refuses_what_it_cannot_cut():
    with pytest.raises(UncollatableError):
        CollatedGraphs([HeteroData()])
    with pytest.raises(UncollatableError):
        CollatedGraphs([Data(pos=torch.zeros(1, 3), adj=torch.eye(2).to_sparse())])
    with pytest.raises(UncollatableError):
        CollatedGraphs([Data(pos=torch.zeros(1, 3), extra={"a": torch.zeros(1)})])


def test_names_the_field_that_differs():
    with pytest.raises(ValueError, match=r"graph 1 has \['pos'\]"):
        CollatedGraphs([Data(pos=torch.zeros(1, 3), z=torch.ones(1)), Data(pos=torch.zeros(1, 3))])
    with pytest.raises(ValueError, match="'pos' cannot be joined"):
        CollatedGraphs([Data(pos=torch.zeros(1, 3)), Data(pos=torch.zeros(1, 2))])
