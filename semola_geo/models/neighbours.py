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
    """Connect every node with itself and its k nearest nodes; with all where there are fewer.

    Args:
        x: Coordinates or features `[N, D]`; no gradient flows.
        k: Neighbours beside the node itself.
        ptr: `[B + 1]`, as from `graph_pointer`.

    Returns:
        `edge_index` `[2, E]`, sources then targets.

    >>> nearest_nodes(torch.tensor([[0.0], [1.0], [3.0]]), 1, torch.tensor([0, 2, 3])).tolist()
    [[0, 1, 2, 1, 0], [0, 1, 2, 0, 1]]
    """
    graph, sizes = graph_index(ptr), ptr.diff()
    itself = torch.arange(len(x), device=x.device)
    edges = [torch.stack([itself, itself])]
    fewer = sizes <= k
    small = fewer[graph].nonzero().flatten()
    if len(small):
        ends = sizes[fewer].cumsum(0)
        edges.append(small[complete_edges(torch.cat([ends.new_zeros(1), ends]))])
    large = (~fewer)[graph].nonzero().flatten()
    if len(large):
        edges.append(large[knn_graph(x.detach()[large], k, graph[large])])
    return torch.cat(edges, dim=1)


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
