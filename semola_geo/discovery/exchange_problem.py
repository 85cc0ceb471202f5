"""The problem of discovering permutations: slots, fields and dimension, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch_geometric.data import Batch, Data

from semola_geo.discovery.problem import Problem
from semola_geo.groups import AmbientGroup, SlotPermutation
from semola_geo.representations import parse_representation
from semola_geo.transforms import permute_slots

__all__ = ["exchange_ambient", "slot_fields"]


def exchange_ambient(
    dataset: Sequence[Data], fields: Mapping[str, str], num_slots: int
) -> AmbientGroup:
    """Return S(n) as an ambient group: discrete, so that its Lie algebra is zero.

    The dimension of space does not follow from the group; it is the length of the first field of
    points or vectors, and 3 where there is none.

    >>> graph = Data(pos=torch.zeros(4, 2))
    >>> exchange_ambient([graph], {"pos": "point@slot"}, 4).dimension
    2
    """
    dimension = 3
    for name, text in fields.items():
        kind = parse_representation(text).name
        values = dataset[0].get(name) if len(dataset) else None
        if kind in ("point", "vector", "covector") and isinstance(values, Tensor) and values.dim():
            dimension = int(values.shape[-1])
            break
    return AmbientGroup(
        name=f"S({num_slots})",
        dimension=dimension,
        affine=False,
        orthogonal=True,
        reflections=False,
        basis=torch.zeros(0, dimension, dimension, dtype=torch.float64),
    )


def slot_fields(problem: Problem, everything: Batch, num_slots: int) -> None:
    """Check that graphs have n slots, and that some input moves with its node.

    Raises:
        ValueError: If they have not, or no input is declared ``@slot``.
    """
    if not any(representation.slot for representation in problem.inputs.values()):
        raise ValueError(
            f"ambient S({num_slots}) permutes node slots, but no input moves with its node: "
            "declare those that do with '@slot', such as 'pos': 'point@slot'"
        )
    identity = SlotPermutation.identity(everything.num_graphs, num_slots)
    permute_slots(everything, problem.fields, identity)
