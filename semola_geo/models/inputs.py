"""What unconstrained networks read from a graph: raw numbers of every node, and species."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

__all__ = ["NodeInputs", "RawInputs", "check_level", "check_width", "read_field", "read_species"]

# Name -> (representation, trailing shape), as in `{"velocity": ("vector", (3,))}`.
NodeInputs = Mapping[str, tuple[str, tuple[int, ...]]]


def check_level(level: str) -> str:
    """Return `level`.

    Raises:
        ValueError: If it is neither `"graph"` nor `"node"`.

    >>> check_level("node")
    'node'
    """
    if level not in ("graph", "node"):
        raise ValueError(f"level must be 'graph' or 'node', got {level!r}")
    return level


def read_field(data: Data, name: str) -> Tensor:
    """Return the tensor `name` of the data.

    Raises:
        ValueError: If the data lack it.

    >>> read_field(Data(pos=torch.zeros(2, 3)), "pos").shape
    torch.Size([2, 3])
    """
    value = getattr(data, name, None)
    if not isinstance(value, Tensor):
        raise ValueError(
            f"the network reads field {name!r}, which is missing from the data; add the field or "
            "build the network without it"
        )
    return value


def check_width(name: str, rows: Tensor, width: int) -> Tensor:
    """Return the rows `[N, width]` of a field.

    Raises:
        ValueError: If they have another width.

    >>> check_width("pos", torch.zeros(4, 3), 2)
    Traceback (most recent call last):
    ValueError: field 'pos' has 3 number(s) per node, but the network was built for 2; ...
    """
    if rows.shape[1] != width:
        raise ValueError(
            f"field {name!r} has {rows.shape[1]} number(s) per node, but the network was built for "
            f"{width}; build it for the shapes of the data"
        )
    return rows


def read_species(data: Data, max_species: int) -> Tensor:
    """Return `data.z`, `[N]`.

    Raises:
        ValueError: If the data lack it, or a species is out of range.

    >>> read_species(Data(z=torch.tensor([1, 120])), 100)
    Traceback (most recent call last):
    ValueError: field 'z' has species from 1 to 120, but the network knows 0 to 99; ...
    """
    z = read_field(data, "z").flatten()
    if len(z) and not 0 <= int(z.min()) <= int(z.max()) < max_species:
        raise ValueError(
            f"field 'z' has species from {int(z.min())} to {int(z.max())}, but the network knows 0 "
            f"to {max_species - 1}; raise max_species"
        )
    return z


class RawInputs(nn.Module):
    """All declared numbers of a node in one row, each field in its own unit.

    A graph-level field is repeated for every node of its graph.

    Args:
        dimension: Dimension of space.
        position: Name of the coordinates.
        node_inputs: Further fields, name to (representation, trailing shape).
        species: Whether the data carry an integer `z` per node.
        hidden: Width of the embedding; `None` where only `rows` is used.
        scales: Unit of each field: its values are divided by it (default 1).
        center: Constant that is subtracted from coordinates first, in their own unit.
        max_species: Species are `0 ... max_species - 1`.

    >>> inputs = RawInputs(dimension=2, hidden=8, species=False, scales={"pos": 10.0})
    >>> x, h = inputs(Data(pos=torch.ones(4, 2)), torch.zeros(4, dtype=torch.long))
    >>> x[0].tolist(), h.shape
    ([0.10000000149011612, 0.10000000149011612], torch.Size([4, 8]))
    """

    def __init__(
        self,
        *,
        dimension: int,
        hidden: int | None,
        position: str = "pos",
        node_inputs: NodeInputs | None = None,
        species: bool = True,
        scales: Mapping[str, float] | None = None,
        center: Sequence[float] | None = None,
        max_species: int = 100,
    ) -> None:
        super().__init__()
        self.position = position
        self.dimension = dimension
        self.widths = {name: prod(shape) for name, (_, shape) in (node_inputs or {}).items()}
        self.scales = {name: float(value) for name, value in (scales or {}).items()}
        self.center = None if center is None else tuple(map(float, center))
        self.width = dimension + sum(self.widths.values())
        self.linear = nn.Linear(self.width, hidden) if hidden else None
        self.species = nn.Embedding(max_species, hidden) if species and hidden else None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the fields that are read beside coordinates and species."""
        return tuple(self.widths)

    def rows(self, data: Data, graph: Tensor) -> tuple[Tensor, Tensor]:
        """Return scaled coordinates `[N, d]` and all raw numbers `[N, width]`.

        Raises:
            ValueError: If a field is missing or has another width.
        """
        x = self._coordinates(data)
        parts = [x]
        for name, width in self.widths.items():
            values = self._scaled(data, name).to(x.dtype)
            if len(values) != len(x):
                values = values[graph]
            parts.append(check_width(name, values.reshape(len(x), -1), width))
        return x, torch.cat(parts, dim=-1)

    def forward(self, data: Data, graph: Tensor) -> tuple[Tensor, Tensor]:
        """Return scaled coordinates `[N, d]` and the embedding of every node `[N, hidden]`.

        Raises:
            ValueError: If a field is missing or has another width.
        """
        if self.linear is None:
            raise RuntimeError("these inputs were built without an embedding: hidden=None")
        x, raw = self.rows(data, graph)
        h: Tensor = self.linear(raw)
        if self.species is not None:
            h = h + self.species(read_field(data, "z").flatten())
        return x, h

    def _coordinates(self, data: Data) -> Tensor:
        values = read_field(data, self.position)
        x = check_width(self.position, values.reshape(len(values), -1), self.dimension)
        if self.center is not None:
            x = x - x.new_tensor(self.center)
        return x / self.scales.get(self.position, 1.0)

    def _scaled(self, data: Data, name: str) -> Tensor:
        return read_field(data, name) / self.scales.get(name, 1.0)
