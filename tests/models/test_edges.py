"""Complete graphs and graph pointers."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_geometric.data import Batch, Data

from semola_geo.models.edges import complete_edges, edges_of, graph_index, graph_pointer


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(0, 6), max_size=6))
def test_complete_edges_are_all_pairs_of_different_nodes_of_a_graph(sizes: list[int]) -> None:
    ptr = torch.tensor([0, *sizes]).cumsum(0)
    graph = graph_index(ptr).tolist()
    nodes = range(len(graph))
    expected = [(j, i) for i in nodes for j in nodes if i != j and graph[i] == graph[j]]
    assert [tuple(pair) for pair in complete_edges(ptr).T.tolist()] == expected


def test_pointer_from_batch_vector_alone() -> None:
    data = Data(pos=torch.zeros(3, 2), batch=torch.tensor([0, 0, 1]))
    assert graph_pointer(data).tolist() == [0, 2, 3]


def test_pointer_keeps_empty_graphs() -> None:
    graphs = [Data(pos=torch.zeros(n, 2)) for n in (1, 0, 2)]
    assert graph_pointer(Batch.from_data_list(graphs)).tolist() == [0, 1, 1, 3]


def test_given_edges_win() -> None:
    edges = torch.tensor([[0], [2]])
    data = Data(pos=torch.zeros(3, 2), edge_index=edges)
    assert edges_of(data, graph_pointer(data)).equal(edges)
