"""The graph builders as PyG transforms."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Batch, Data
from torch_geometric.transforms import BaseTransform

from semola_geo.graphs.knn import check_neighbours, knn_graph
from semola_geo.graphs.radius import check_radius, radius_graph
from semola_geo.levels import num_graphs

__all__ = ["KNNGraph", "RadiusGraph"]


class _NeighbourGraph(BaseTransform):  # type: ignore[misc]
    """Set ``edge_index`` from a field of coordinates.

    A shallow copy comes back, and what belonged to other edges is gone from it: ``edge_attr``,
    ``edge_weight`` and every tensor with one row per old edge. Where there are as many old edges as
    nodes or graphs, only names with ``edge`` in them mean edges, as for PyG.
    """

    def __init__(self, loop: bool, field: str) -> None:
        self.loop, self.field = loop, field

    @abstractmethod
    def _edges(self, pos: Tensor, batch: Tensor | None) -> Tensor:
        """Build the edges."""

    def forward(self, data: Data) -> Data:
        """Return the data with new edges; the argument of ``__call__`` is left as it was.

        Raises:
            TypeError: If it is no ``Data`` or ``Batch``.
            ValueError: If the coordinates are missing or invalid.
        """
        if not isinstance(data, Data):
            raise TypeError(f"expected a torch_geometric Data or Batch, got {type(data).__name__}")
        if self.field not in data or data[self.field] is None:
            names = ", ".join(sorted(map(str, data.to_dict()))) or "nothing"
            raise ValueError(
                f"field {self.field!r} is missing from the data, which has {names}; name the "
                "coordinates with field='...'"
            )
        edges = self._edges(data[self.field], data.get("batch"))
        for name in _edge_fields(data, len(data[self.field])):
            del data[name]
        data.edge_index = edges
        # Batches that were made by hand know nothing of the graphs that they came from.
        if isinstance(data, Batch) and hasattr(data, "_slice_dict"):
            _remember_slices(data)
        return data

    def __repr__(self) -> str:
        loop = ", loop=True" if self.loop else ""
        return f"{type(self).__name__}({self._describe()}{loop})"

    @abstractmethod
    def _describe(self) -> str:
        """Return the main option as text."""


class RadiusGraph(_NeighbourGraph):
    """Connect every node with all nodes of its graph within a radius; see :func:`radius_graph`.

    Args:
        radius: In the unit of the coordinates, positive.
        loop: Also connect every node with itself.
        field: Name of the coordinates.

    Raises:
        TypeError: If the radius is no number.
        ValueError: If the radius is not positive and finite.

    >>> RadiusGraph(1.5)(Data(pos=torch.tensor([[0.0], [1.0], [3.0]]))).edge_index.tolist()
    [[1, 0], [0, 1]]
    """

    def __init__(self, radius: float, loop: bool = False, field: str = "pos") -> None:
        super().__init__(loop, field)
        self.radius = check_radius(radius)

    def _edges(self, pos: Tensor, batch: Tensor | None) -> Tensor:
        return radius_graph(pos, self.radius, batch, loop=self.loop)

    def _describe(self) -> str:
        return f"radius={self.radius}"


class KNNGraph(_NeighbourGraph):
    """Connect every node with its k nearest nodes of the same graph; see :func:`knn_graph`.

    Args:
        k: Neighbours of each node.
        loop: Also connect every node with itself, on top of its k neighbours.
        field: Name of the coordinates.

    Raises:
        TypeError: If k is no integer.
        ValueError: If k is not positive.

    >>> KNNGraph(1)(Data(pos=torch.tensor([[0.0], [1.0], [3.0]]))).edge_index.tolist()
    [[1, 0, 1], [0, 1, 2]]
    """

    def __init__(self, k: int, loop: bool = False, field: str = "pos") -> None:
        super().__init__(loop, field)
        self.k = check_neighbours(k)

    def _edges(self, pos: Tensor, batch: Tensor | None) -> Tensor:
        return knn_graph(pos, self.k, batch, loop=self.loop)

    def _describe(self) -> str:
        return f"k={self.k}"


def _edge_fields(data: Data, nodes: int) -> list[str]:
    """Return the names of what belongs to the edges that the data have."""
    edges = data.get("edge_index")
    count = edges.shape[-1] if isinstance(edges, Tensor) and edges.dim() else -1
    ambiguous = count in (nodes, num_graphs(data))
    return [
        name
        for name, values in data.to_dict().items()
        if name in ("edge_attr", "edge_weight")
        or (
            isinstance(values, Tensor)
            and values.shape[:1] == (count,)
            and ("edge" in name or not ambiguous)
            and name != "edge_index"
        )
    ]


def _remember_slices(batch: Any) -> None:
    """Note which edges belong to which graph, for ``to_data_list`` and for batches of batches."""
    # A batch of batches has no pointers: it falls apart into batches.
    pointers = batch.get("ptr")
    nodes = batch._slice_dict["batch"] if pointers is None else pointers.cpu()
    owners = torch.bucketize(batch.edge_index[1].cpu(), nodes, right=True) - 1
    edges = torch.bincount(owners, minlength=len(nodes) - 1)
    ends = torch.cat([edges.new_zeros(1), edges.cumsum(0)])
    # New dictionaries: the batch that was given shares the old ones.
    slices, increments = dict(batch._slice_dict), dict(batch._inc_dict)
    slices["edge_index"], increments["edge_index"] = ends, nodes[:-1]
    batch._slice_dict, batch._inc_dict = slices, increments
