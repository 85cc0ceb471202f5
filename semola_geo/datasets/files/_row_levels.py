"""Levels of the fields of saved graphs, which only their numbers of rows tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor
from torch_geometric.data import Data

from semola_geo.datasets.files.record import Level

__all__ = ["GEOMETRY", "has_rows", "row_levels"]

GEOMETRY = ("pos", "z", "edge_index")
"""Fields whose level their name tells."""


def row_levels(graphs: Sequence[Data], declared: Mapping[str, Level]) -> dict[str, Level | None]:
    """Return the level that the numbers of rows of all graphs allow; ``None`` where none does.

    Graphs whose positions or edges are none have no say: their readers refuse them one by one.

    Args:
        graphs: All of a file.
        declared: Levels that the user declared.

    >>> import torch
    >>> graphs = [Data(pos=torch.zeros(n, 3), q=torch.zeros(n), y=torch.zeros(1)) for n in (2, 3)]
    >>> row_levels(graphs, {})
    {'y': 'graph', 'q': 'node'}
    """
    sized = [(graph, *sizes) for graph in graphs if (sizes := _sizes(graph))]
    names = dict.fromkeys(name for graph in graphs for name in graph.to_dict())
    levels: dict[str, Level | None] = {}
    for name in names:
        if name in GEOMETRY:
            continue
        fits = [sizes for sizes in sized if has_rows(sizes[0].get(name))]
        rows = [graph[name].shape[0] for graph, _, _ in fits]
        nodes = [count for _, count, _ in fits]
        edges = [count for _, _, count in fits]
        if name in declared:
            levels[name] = declared[name]
        elif all(count == 1 for count in rows):
            levels[name] = "graph"
        elif rows == edges and ("edge" in name or rows != nodes):
            levels[name] = "edge"
        else:
            levels[name] = "node" if rows == nodes else None
    return levels


def _sizes(graph: Data) -> tuple[int, int] | None:
    """Return the numbers of nodes and edges; ``None`` where positions or edges are none."""
    pos, edges = graph.get("pos"), graph.get("edge_index")
    if not has_rows(pos) or not (edges is None or (has_rows(edges) and edges.dim() == 2)):
        return None
    return pos.shape[0], 0 if edges is None else edges.shape[1]


def has_rows(content: Any) -> bool:
    """Whether something is a tensor with a leading axis.

    >>> has_rows(Tensor([1, 2])), has_rows(Tensor([1, 2])[0]), has_rows([1, 2])
    (True, False, False)
    """
    return isinstance(content, Tensor) and not content.is_nested and content.dim() > 0
