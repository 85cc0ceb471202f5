"""Who is near: the graphs that networks build for themselves."""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric.data import Data

from semola_geo.graphs import knn_graph, radius_graph
from semola_geo.models.edges import complete_edges, edges_of, graph_index

__all__ = ["nearest_nodes", "nodes_within"]

# Up to so many nodes all pairs are cheaper than a search.
_SMALL = 64


def nearest_nodes(x: Tensor, k: int, ptr: Tensor) -> Tensor:
    """Return every node itself and its k nearest nodes of the same graph, as a table.

    Args:
        x: Coordinates or features `[N, D]`; no gradient flows.
        k: Neighbours beside the node itself.
        ptr: `[B + 1]`, as from `graph_pointer`.

    Returns:
        `[N, k + 1]`, long: the node itself, then its neighbours. Where a graph has fewer nodes than
        that, the node itself fills the row.

    >>> nearest_nodes(torch.tensor([[0.0], [1.0], [3.0]]), 1, torch.tensor([0, 2, 3])).tolist()
    [[0, 1], [1, 0], [2, 2]]
    """
    graph, sizes = graph_index(ptr), ptr.diff()
    table = torch.arange(len(x), device=x.device).unsqueeze(1).repeat(1, k + 1)
    fewer = sizes <= k
    small = fewer[graph].nonzero().flatten()
    if len(small):
        ends = sizes[fewer].cumsum(0)
        source, target = complete_edges(torch.cat([ends.new_zeros(1), ends]))
        degree = torch.bincount(target, minlength=len(small))
        first = degree.cumsum(0) - degree
        place = torch.arange(len(target), device=x.device) - first[target]
        table[small[target], 1 + place] = small[source]
    large = (~fewer)[graph].nonzero().flatten()
    if len(large):
        nearest = knn_graph(x.detach()[large], k, graph[large])[0]
        table[large, 1:] = large[nearest.view(-1, k)]
    return table


def nodes_within(data: Data, x: Tensor, cutoff: float, ptr: Tensor) -> Tensor:
    """Return edges among which are all that are shorter than a cutoff: `[2, E]`.

    `data.edge_index` where there is one. Longer edges are left in where graphs are small, and are
    the caller's to drop.

    >>> nodes_within(Data(), torch.zeros(2, 3), 1.0, torch.tensor([0, 2])).tolist()
    [[1, 0], [0, 1]]
    """
    if isinstance(getattr(data, "edge_index", None), Tensor) or int(ptr.diff().max()) <= _SMALL:
        return edges_of(data, ptr)
    return radius_graph(x.detach(), cutoff, graph_index(ptr))
