"""What transforms by permutations of node slots share: how a graph is permuted."""

from __future__ import annotations

import copy
from abc import abstractmethod
from collections.abc import Mapping

import torch
from torch import Tensor
from torch_geometric.data import Data

from semola_geo.fields import Fields, num_graphs, row_graphs
from semola_geo.groups import PermutationSubgroup, SlotPermutation
from semola_geo.representations import Representation
from semola_geo.transforms.replay import ReplayableTransform

__all__ = ["SlotTransform", "permute_slots"]


def permute_slots(data: Data, fields: Fields, element: SlotPermutation) -> Data:
    """Return a shallow copy of the data with the nodes of each graph in other slots.

    The rows of all fields declared ``@slot`` move together. ``edge_index`` is relabelled in place,
    edge by edge, so that the rows of edge-level fields stay beside their edges. Everything else
    stays as it is.

    Args:
        data: Graphs of one size.
        fields: Declared fields.
        element: One permutation per graph.

    Raises:
        TypeError: If ``element`` is no :class:`SlotPermutation`.
        ValueError: If it is for another number of graphs or slots, a field ``@slot`` does not
            live on nodes, or a tensor other than ``edge_index`` holds numbers of nodes.
    """
    if not isinstance(element, SlotPermutation):
        raise TypeError(f"element must be a SlotPermutation, got {type(element).__name__}")
    size = num_graphs(data)
    if len(element) != size:
        raise ValueError(
            f"element holds {len(element)} permutation(s), but the data has {size} graph(s)"
        )
    moved = copy.copy(data)
    for name, representation in fields.items():
        if representation.slot:
            _check_slots(data, name, element)
            local = element.to(data[name].device)
            moved[name] = local.act(data[name], representation)
    for name, values in data.to_dict().items():
        if name == "edge_index":
            moved[name] = element.to(values.device).relabel(values)
        elif _names_nodes(str(name), values):
            raise ValueError(
                f"{name!r} holds numbers of nodes, and there is no rule for relabelling it under "
                "permutations of slots; only 'edge_index' can be relabelled, so remove it first"
            )
    return moved


def _check_slots(data: Data, name: str, element: SlotPermutation) -> None:
    rows, slots = data[name].shape[0], element.num_slots
    graphs = row_graphs(data, name)
    edges = data.num_edges if "edge_index" in data else 0
    if "edge" in name or (rows == edges and rows != data.num_nodes):
        raise ValueError(
            f"field {name!r} is declared '@slot' but has one row per edge: edge_index is "
            "relabelled instead, and rows stay beside their edges; declare it without '@slot'"
        )
    sizes = torch.bincount(graphs, minlength=len(element))
    wrong = (sizes != slots).nonzero().flatten().tolist()
    if wrong:
        raise ValueError(
            f"field {name!r} is declared '@slot': it needs {slots} rows in each graph, but graph "
            f"{wrong[0]} has {int(sizes[wrong[0]])}; permutations of slots need graphs of one size"
        )
    if bool((graphs.diff() < 0).any()):
        raise ValueError(f"field {name!r}: the rows of a graph must follow each other")


def _names_nodes(name: str, values: object) -> bool:
    """Whether PyG shifts the values by the number of nodes at collation, or cannot be asked."""
    if not isinstance(values, Tensor):
        # Sparse adjacencies of torch-sparse are no tensors.
        return name.startswith("adj")
    if values.layout != torch.strided:
        return True
    return not values.is_floating_point() and ("index" in name or name == "face")


class SlotTransform(ReplayableTransform[SlotPermutation]):
    """Sample one permutation of node slots per graph and move every field declared ``@slot``.

    Args:
        fields: Name → representation of every field; ``"point@slot"`` moves with its nodes.
        num_slots: Number n of nodes of every graph.
        strict: Refuse data with undeclared floating-point fields.
        dimension: Dimension d of space, by which shapes are checked.

    Raises:
        ValueError: For an unknown representation, or where no field is declared ``@slot``.
    """

    def __init__(
        self,
        fields: Mapping[str, str | Representation],
        num_slots: int,
        strict: bool = True,
        *,
        dimension: int = 3,
    ) -> None:
        super().__init__(Fields(fields, dimension), strict)
        self.num_slots = num_slots
        if not any(representation.slot for representation in self.fields.values()):
            raise ValueError(
                "no field moves with its node: declare those that do with '@slot', such as "
                "'pos': 'point@slot'"
            )

    @property
    @abstractmethod
    def group(self) -> PermutationSubgroup:
        """The subgroup that is sampled from."""

    @abstractmethod
    def _draw(self, size: int, generator: torch.Generator | None) -> SlotPermutation:
        """Draw permutations, with gradient where they are learned."""

    def sample(
        self,
        size: int,
        generator: torch.Generator | None = None,
        dtype: torch.dtype | None = None,
    ) -> SlotPermutation:
        """Draw one independent permutation per graph, with gradient where it is learned.

        Args:
            size: Number of graphs.
            generator: Source of randomness; torch's default generator when ``None``.
            dtype: Of relaxed matrices; that of the parameters when ``None``. Known permutations
                are integers, in which it plays no part.
        """
        element = self._draw(size, generator)
        return element if dtype is None else element.to(dtype)

    def _act(self, data: Data, element: SlotPermutation) -> Data:
        if isinstance(element, SlotPermutation) and element.num_slots != self.num_slots:
            raise ValueError(
                f"element permutes {element.num_slots} slots, but the transform has "
                f"{self.num_slots}"
            )
        return permute_slots(data, self.fields, element)
