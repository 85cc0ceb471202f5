"""Which node belongs to which graph, and the complete graph inside each."""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric.data import Data

from semola_geo.models.inputs import read_field

__all__ = ["complete_edges", "edges_of", "graph_index", "graph_pointer", "mean_of_graphs"]


def graph_pointer(data: Data, position: str = "pos") -> Tensor:
    """First node of each graph, and the end: `[B + 1]`, long.

    A graph without nodes keeps its place, so that graph-level outputs stay aligned with graphs.

    Raises:
        ValueError: If the data lack the field `position`, or have no nodes at all.

    >>> from torch_geometric.data import Batch
    >>> graphs = [Data(pos=torch.zeros(n, 3)) for n in (2, 3)]
    >>> graph_pointer(Batch.from_data_list(graphs)).tolist()
    [0, 2, 5]
    """
    x = read_field(data, position)
    if len(x) == 0:
        raise ValueError(
            f"field {position!r} has no rows: there is no node to predict anything from; leave "
            "empty batches out"
        )
    ptr = getattr(data, "ptr", None)
    if isinstance(ptr, Tensor):
        return ptr
    batch = getattr(data, "batch", None)
    if isinstance(batch, Tensor):
        sizes = torch.bincount(batch)
    else:
        sizes = torch.tensor([len(x)], device=x.device)
    return torch.cat([sizes.new_zeros(1), sizes.cumsum(0)])


def graph_index(ptr: Tensor) -> Tensor:
    """Graph of each node: `[N]`, long.

    >>> graph_index(torch.tensor([0, 2, 2, 5])).tolist()
    [0, 0, 2, 2, 2]
    """
    sizes = ptr.diff()
    return torch.repeat_interleave(torch.arange(len(sizes), device=ptr.device), sizes)


def complete_edges(ptr: Tensor) -> Tensor:
    """Every ordered pair of different nodes of the same graph: `[2, E]`, long, sorted by target.

    Args:
        ptr: `[B + 1]`, as from `graph_pointer`.

    Returns:
        `edge_index` in PyG's order: row 0 holds sources, row 1 targets. Graphs of fewer than
        two nodes contribute nothing.

    >>> complete_edges(torch.tensor([0, 2, 3])).tolist()
    [[1, 0], [0, 1]]
    """
    graph = graph_index(ptr)
    first = ptr[graph]
    degree = ptr.diff()[graph] - 1
    node = torch.arange(len(graph), device=ptr.device)
    target = torch.repeat_interleave(node, degree)
    start = degree.cumsum(0) - degree
    rank = torch.arange(len(target), device=ptr.device) - start[target]
    # Skipping the node itself: neighbours at or beyond its own slot move up by one.
    source = first[target] + rank + (rank >= (node - first)[target])
    return torch.stack([source, target])


def edges_of(data: Data, ptr: Tensor) -> Tensor:
    """`data.edge_index` where there is one, else the complete graph inside each graph.

    >>> edges_of(Data(pos=torch.zeros(2, 3)), torch.tensor([0, 2])).tolist()
    [[1, 0], [0, 1]]
    """
    edge_index = getattr(data, "edge_index", None)
    return edge_index if isinstance(edge_index, Tensor) else complete_edges(ptr)


def mean_of_graphs(values: Tensor, ptr: Tensor, graph: Tensor) -> Tensor:
    """Mean over the nodes of each graph: `[N, ...]` to `[B, ...]`; zero for an empty graph.

    >>> mean_of_graphs(torch.tensor([1.0, 3.0]), torch.tensor([0, 2, 2]), torch.tensor([0, 0]))
    tensor([2., 0.])
    """
    sums = values.new_zeros(len(ptr) - 1, *values.shape[1:]).index_add(0, graph, values)
    sizes = ptr.diff().clamp(min=1).to(values.dtype)
    return sums / sizes.view(-1, *(1,) * (values.dim() - 1))
