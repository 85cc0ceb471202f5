from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch_geometric.data import Data

from semola_geo.discovery.clusters import cluster_numbers, split_graphs


def graphs_of(numbers: list[int]) -> list[Data]:
    return [Data(x=torch.tensor([i]), image=torch.tensor([n])) for i, n in enumerate(numbers)]


@given(
    numbers=st.lists(st.integers(-3, 6), min_size=2, max_size=30).filter(lambda n: len({*n}) > 1),
    share=st.floats(0.05, 0.95),
    seed=st.one_of(st.none(), st.integers(0, 100)),
)
def test_no_cluster_is_cut_and_no_graph_is_lost(numbers, share, seed) -> None:
    graphs = graphs_of(numbers)
    count = max(1, int(share * len(graphs)))
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    one, two = split_graphs(graphs, count, generator, "image")
    first, second = ([int(g.image) for g in part] for part in (one, two))
    assert not {*first} & {*second}
    assert sorted(int(g.x) for g in [*one, *two]) == list(range(len(graphs)))
    # No smaller number of whole clusters would do: without the last one, the part is too small.
    assert len(first) >= count
    assert len(first) - first.count(first[-1]) < count


def test_without_clusters_graphs_are_independent() -> None:
    graphs = graphs_of([0] * 10)
    one, two = split_graphs(graphs, 4, torch.Generator().manual_seed(3))
    order = torch.randperm(10, generator=torch.Generator().manual_seed(3)).tolist()
    assert [int(g.x) for g in [*one, *two]] == order
    assert len(one) == 4
    assert [int(g.x) for g in split_graphs(graphs, 4, None)[0]] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("graph", "given"),
    [
        (Data(x=torch.zeros(1)), "graph 1 has none"),
        (Data(image=torch.tensor([0.5])), r"graph 1 has torch.float32 of shape \[1\]"),
        (Data(image=torch.tensor([1, 2])), r"graph 1 has torch.int64 of shape \[2\]"),
    ],
)
def test_what_names_no_cluster_is_refused(graph, given) -> None:
    with pytest.raises(ValueError, match=f"cluster='image' must name a single integer.*{given}"):
        cluster_numbers([Data(image=torch.tensor(0)), graph], "image")


def test_a_single_cluster_cannot_be_split() -> None:
    with pytest.raises(ValueError, match="all 3 graphs have the same 'image'"):
        split_graphs(graphs_of([5, 5, 5]), 1, None, "image")
