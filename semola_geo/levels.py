"""Levels of fields: which graph the rows of a node-, edge- or graph-level tensor belong to."""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric.data import Batch, Data

__all__ = ["num_graphs", "num_nodes", "row_graphs"]


def num_graphs(data: Data) -> int:
    """Return the number of graphs of a ``Data`` (1) or ``Batch``.

    >>> num_graphs(Data(pos=torch.zeros(2, 3)))
    1
    """
    if isinstance(data, Batch):
        return int(data.num_graphs)
    batch = data.get("batch")
    return 1 if batch is None or batch.numel() == 0 else int(batch.max()) + 1


def num_nodes(data: Data) -> int | None:
    """Return the number of nodes, or None where PyG would only guess it (and warn).

    >>> num_nodes(Data(pos=torch.zeros(2, 3))), num_nodes(Data(dipole=torch.zeros(1, 3)))
    (2, None)
    """
    known = all(store.can_infer_num_nodes for store in data.node_stores)
    return int(data.num_nodes) if known else None


def row_graphs(data: Data, name: str) -> Tensor:
    """Return the graph that every row of a field belongs to, ``[rows]`` (long).

    The slices that PyG stored at collation decide where there are any. Otherwise node-, edge- and
    graph-level fields are told apart by their number of rows, and where as many edges as nodes
    (or graphs) make that ambiguous, a name with ``edge`` in it means edges, as for PyG.

    Args:
        data: A ``Data`` or ``Batch``.
        name: A field of it.

    Raises:
        ValueError: If the number of rows is that of no level.

    >>> row_graphs(Data(pos=torch.zeros(2, 3)), "pos")
    tensor([0, 0])
    """
    values: Tensor = data[name]
    graphs = num_graphs(data)
    rows = values.shape[0] if values.dim() else -1
    slices = getattr(data, "_slice_dict", {}).get(name)
    if slices is not None and len(slices) == graphs + 1 and int(slices[-1]) == rows:
        counts = slices.diff().to(values.device)
        return _arange(graphs, values).repeat_interleave(counts, output_size=rows)
    nodes, edges, batch = num_nodes(data), data.num_edges, data.get("batch")
    if graphs == 1 and (rows in (nodes, edges, 1) or (nodes is None and rows >= 0)):
        return torch.zeros(rows, dtype=torch.long, device=values.device)
    edge_level = rows == edges and ("edge" in name or rows not in (nodes, graphs))
    if edge_level and batch is not None and data.edge_index is not None:
        owners: Tensor = batch[data.edge_index[0]]
        return owners.to(values.device)
    if batch is not None and rows == nodes:
        return torch.as_tensor(batch, device=values.device)
    if rows == graphs:
        return _arange(graphs, values)
    raise ValueError(
        f"field {name!r} of shape {tuple(values.shape)} has {max(rows, 0)} rows, but the data has "
        f"{nodes} nodes, {edges} edges and {graphs} graph(s); graph-level fields need a leading "
        "dimension of 1 per graph (a dipole is [1, 3], not [3])"
    )


def _arange(size: int, like: Tensor) -> Tensor:
    return torch.arange(size, device=like.device)
