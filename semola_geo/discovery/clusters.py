"""Graphs that belong together: frames of a trajectory, conformers, poses of one image."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch_geometric.data import Data

from semola_geo.training.labels import labelled_graphs

__all__ = ["cluster_numbers", "sample_sums", "split_graphs"]


def split_graphs(
    graphs: Sequence[Data],
    count: int,
    generator: torch.Generator | None,
    cluster: str | None = None,
) -> tuple[list[Data], list[Data]]:
    """Cut graphs in two, and no cluster.

    Args:
        graphs: The graphs.
        count: Number of graphs of the first part; with clusters that of the fewest whole ones that
            hold as many.
        generator: Source of a random order; ``None``: as they come.
        cluster: Name of the integer attribute that graphs of one cluster share; ``None``: every
            graph is its own.

    Raises:
        ValueError: If a graph has no such attribute, or all graphs are one cluster.

    >>> graphs = [Data(image=torch.tensor([i // 3])) for i in range(12)]
    >>> one, two = split_graphs(graphs, 4, torch.Generator().manual_seed(0), "image")
    >>> len(one), {int(g.image) for g in one} & {int(g.image) for g in two}
    (6, set())
    """
    if cluster is None:
        order = _order(len(graphs), generator)
        return [graphs[i] for i in order[:count]], [graphs[i] for i in order[count:]]
    gathered: dict[int, list[Data]] = {}
    for graph, number in zip(graphs, cluster_numbers(graphs, cluster).tolist(), strict=True):
        gathered.setdefault(number, []).append(graph)
    members = list(gathered.values())
    if len(members) == 1:
        raise ValueError(
            f"all {len(graphs)} graphs have the same {cluster!r} and cannot be split; say "
            "cluster=None to split within it"
        )
    parts: tuple[list[Data], list[Data]] = ([], [])
    for number in _order(len(members), generator):
        parts[len(parts[0]) >= count].extend(members[number])
    return parts


def cluster_numbers(graphs: Sequence[Data], cluster: str) -> Tensor:
    """Number the clusters of graphs from 0 on, ``[graphs]`` (long).

    Args:
        graphs: The graphs.
        cluster: Name of the integer attribute that graphs of one cluster share.

    Raises:
        ValueError: If a graph has no such attribute, or no single integer there.

    >>> cluster_numbers([Data(image=torch.tensor(i)) for i in (7, 5, 7)], "image").tolist()
    [1, 0, 1]
    """
    values = []
    for index, graph in enumerate(graphs):
        value = torch.as_tensor(graph[cluster]) if cluster in graph else None
        if value is None or value.numel() != 1 or value.is_floating_point():
            given = "none" if value is None else f"{value.dtype} of shape {list(value.shape)}"
            raise ValueError(
                f"cluster={cluster!r} must name a single integer of every graph; graph {index} "
                f"has {given}"
            )
        values.append(int(value))
    numbers: Tensor = torch.unique(torch.tensor(values), return_inverse=True)[1]
    return numbers


def sample_sums(values: Tensor, graphs: Sequence[Data], cluster: str | None) -> Tensor:
    """Sum values of the graphs that are labelled over independent samples, ``[k, samples]``.

    Args:
        values: ``[k, graphs]``.
        graphs: The graphs.
        cluster: Name of the attribute that graphs of one sample share; ``None``: every graph is a
            sample.

    >>> graphs = [Data(image=torch.tensor(i)) for i in (7, 5, 7)]
    >>> graphs.append(Data(image=torch.tensor(3), labelled=torch.tensor([False])))
    >>> sample_sums(torch.tensor([[1.0, 2.0, 4.0, 8.0]]), graphs, "image").tolist()
    [[2.0, 5.0]]
    """
    masks = [labelled_graphs(graph) for graph in graphs]
    kept = torch.tensor([mask is None or bool(mask) for mask in masks], dtype=torch.bool)
    values = values[:, kept]
    if cluster is None:
        return values
    sample = torch.unique(cluster_numbers(graphs, cluster)[kept], return_inverse=True)[1]
    count = int(sample.max()) + 1 if len(sample) else 0
    return values.new_zeros(len(values), count).index_add_(1, sample, values)


def _order(count: int, generator: torch.Generator | None) -> list[int]:
    if generator is None:
        return list(range(count))
    order: list[int] = torch.randperm(count, generator=generator).tolist()
    return order
