"""Which network suits the fields at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch_geometric.data import Data

from semola_geo.models.input_units import input_units, sample_graphs
from semola_geo.models.inputs import read_field
from semola_geo.models.mpnn import MPNN
from semola_geo.models.slot_mlp import SlotMLP
from semola_geo.models.slot_sizes import LARGEST_SLOTTED
from semola_geo.representations import Representation, parse_representation

__all__ = ["default_model", "default_models", "position_field"]

Declaration = Mapping[str, str | Representation]


def default_model(
    data: Data | Sequence[Data],
    fields: Declaration,
    target: str,
    *,
    inputs: Sequence[str] | None = None,
    ambient: object = None,
    seed: int | None = None,
) -> nn.Module:
    """Build one network: `SlotMLP` where permutations of slots are in question, else `MPNN`.

    Arguments and errors are those of `default_models`.

    >>> graph = Data(pos=torch.randn(5, 3), energy=torch.zeros(1))
    >>> type(default_model(graph, {"pos": "point", "energy": "scalar"}, "energy")).__name__
    'MPNN'
    """
    return default_models(data, fields, target, inputs=inputs, ambient=ambient, seed=seed)[-1]


def default_models(
    data: Data | Sequence[Data],
    fields: Declaration,
    target: str,
    *,
    inputs: Sequence[str] | None = None,
    ambient: object = None,
    seed: int | None = None,
) -> list[nn.Module]:
    """Build the networks that suit the data; train all and keep the one that predicts best.

    `MPNN` always; before it `SlotMLP` where all graphs have the same number of nodes (at most
    32) and no species `z`. Where the ambient group permutes slots, `SlotMLP` alone: the others
    are symmetric under permutations whether or not the data are.

    Coordinates are the field `pos`; else the first input declared `"point"`, else the first
    vector, else the first input. Their mean and the spread of every input are taken from the
    data, so that networks see numbers of order one.

    Args:
        data: A data set, or one graph to go by (then `SlotMLP` is only built for slots).
        fields: Declared representations.
        target: The field to predict; never an input.
        inputs: Fields to read. By default all declared node-level fields but the target; name
            them where other labels are declared too (forces beside an energy). Edge-level fields
            are not read.
        ambient: Ambient group, as text or object; only permutations of slots matter here.
        seed: Seed of the initial weights; `None` draws from torch's global generator.

    Raises:
        ValueError: For an empty data set, a field that is not declared or missing, a target
            that is also an input or lives on edges, no input at all, or slots with graphs of
            several sizes.

    >>> graphs = [Data(x=torch.randn(2, 3), y=torch.randn(2, 3)) for _ in range(4)]
    >>> [type(m).__name__ for m in default_models(graphs, {"x": "point", "y": "point"}, "y")]
    ['SlotMLP', 'MPNN']
    """
    graphs = [data] if isinstance(data, Data) else data
    if len(graphs) == 0:
        raise ValueError("the data set is empty: there is nothing to build a network for")
    representations = {name: parse_representation(text) for name, text in fields.items()}
    if target not in representations:
        raise ValueError(
            f"target {target!r} is not declared; declared fields: {', '.join(representations)}"
        )
    sample = sample_graphs(graphs)
    common = _common_options(sample, representations, target, inputs)
    slotted = any(r.slot for r in representations.values()) or "S(" in str(
        getattr(ambient, "name", ambient)
    ).replace("SO(", "").replace("SE(", "")
    sizes = {int(read_field(graph, common["position"]).shape[0]) for graph in graphs}
    species = "z" in sample[0] and not sample[0].z.is_floating_point()
    if slotted and len(sizes) > 1:
        raise ValueError(
            f"permutations of slots need graphs of one size, but the data have {sorted(sizes)} "
            "nodes; select the graphs of one size"
        )
    models: list[nn.Module] = []
    with torch.random.fork_rng(devices=[], enabled=seed is not None):
        if seed is not None:
            torch.manual_seed(seed)
        fixed = len(sizes) == 1 and max(sizes) <= LARGEST_SLOTTED and not species
        if slotted or (fixed and not isinstance(data, Data)):
            models.append(SlotMLP(num_nodes=sizes.pop(), **common))
        if not slotted:
            models.append(MPNN(species=species, **common))
    return models


def _common_options(
    sample: list[Data],
    representations: dict[str, Representation],
    target: str,
    inputs: Sequence[str] | None,
) -> dict[str, Any]:
    names = _input_names(sample, representations, target, inputs)
    position = position_field(names, representations)
    center, scales = input_units(sample, names, position)
    values = read_field(sample[0], target)
    return {
        "representation": str(representations[target]),
        "level": _level(sample, target, position),
        "output_shape": tuple(values.shape[1:]),
        "dimension": len(center),
        "position": position,
        "center": center,
        "scales": scales,
        "node_inputs": {
            name: (str(representations[name]), tuple(read_field(sample[0], name).shape[1:]))
            for name in names
            if name != position
        },
    }


def _input_names(
    sample: list[Data],
    representations: dict[str, Representation],
    target: str,
    inputs: Sequence[str] | None,
) -> list[str]:
    if inputs is None:
        names = [n for n in representations if n != target and _on_nodes(sample, n)]
    else:
        names = list(inputs)
    if target in names:
        raise ValueError(f"the target {target!r} cannot be an input; leave it out of inputs")
    unknown = [name for name in names if name not in representations]
    if unknown:
        raise ValueError(
            f"input {unknown[0]!r} is not declared; declared fields: {', '.join(representations)}"
        )
    if not names:
        raise ValueError(
            f"no input is left to predict {target!r} from: declare a node-level field, such as "
            "'pos': 'point'"
        )
    return names


def position_field(names: Sequence[str], fields: Declaration) -> str:
    """Return the field that networks take for coordinates.

    Args:
        names: Fields that may be read, at least one.
        fields: Their representations.

    >>> position_field(["mass", "x"], {"mass": "scalar", "x": "vector"})
    'x'
    """
    if "pos" in names:
        return "pos"
    for kind in ("point", "vector", "covector"):
        for name in names:
            if parse_representation(fields[name]).name == kind:
                return name
    return names[0]


def _on_nodes(sample: list[Data], name: str) -> bool:
    return all(len(read_field(g, name)) == g.num_nodes for g in sample)


def _level(sample: list[Data], target: str, position: str) -> str:
    rows = [len(read_field(g, target)) for g in sample]
    nodes = [len(read_field(g, position)) for g in sample]
    # Graphs of one node fit both; the others decide, and alone they are graphs.
    if all(count == 1 for count in rows):
        return "graph"
    if rows == nodes:
        return "node"
    raise ValueError(
        f"target {target!r} has {rows[0]} rows in a graph of {nodes[0]} nodes; it needs one row "
        "per node, or a leading dimension of 1 per graph (a dipole is [1, 3], not [3])"
    )
