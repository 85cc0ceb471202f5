"""The default choice of a network."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch_geometric.data import Batch, Data

from semola_geo.models import MPNN, SlotMLP, default_model, default_models


def molecules(count: int = 4) -> list[Data]:
    return [
        Data(
            pos=10 + 3 * torch.randn(n + 3, 3),
            z=torch.ones(n + 3, dtype=torch.long),
            forces=torch.randn(n + 3, 3),
            dipole=torch.randn(1, 3),
            polarizability=torch.randn(1, 3, 3),
        )
        for n in range(count)
    ]


FIELDS = {"pos": "point", "forces": "covector", "dipole": "vector", "polarizability": "ij=ji"}


@pytest.mark.parametrize(
    ("target", "shape"), [("dipole", (4, 3)), ("polarizability", (4, 3, 3)), ("forces", (18, 3))]
)
def test_molecules(target: str, shape: tuple[int, ...]) -> None:
    graphs = molecules()
    (model,) = default_models(graphs, FIELDS, target, inputs=["pos"])
    assert isinstance(model, MPNN)
    assert model.inputs.species is not None
    out = model(Batch.from_data_list(graphs))
    assert out.shape == shape
    assert out.square().mean().sqrt() < 3


def test_target_is_never_read() -> None:
    graphs = molecules()
    model = default_model(graphs, FIELDS, "forces")
    before = model(graphs[0])
    graphs[0].forces = torch.zeros(3, 3)
    assert torch.allclose(model(graphs[0]), before, atol=1e-6)
    assert set(model.inputs.names) == set()


def test_vectors_beside_coordinates_and_two_nodes() -> None:
    graphs = [
        Data(pos=torch.randn(2, 2), momentum=torch.randn(2, 2), future=torch.randn(2, 2))
        for _ in range(5)
    ]
    fields = {"future": "point", "momentum": "vector", "pos": "point"}
    slots, messages = default_models(graphs, fields, "future", seed=0)
    assert isinstance(slots, SlotMLP) and isinstance(messages, MPNN)
    for model in (slots, messages):
        assert model.inputs.position == "pos"
        assert model.inputs.names == ("momentum",)
        assert model(Batch.from_data_list(graphs)).shape == (10, 2)
    again = default_models(graphs, fields, "future", seed=0)[1]
    assert torch.allclose(again(graphs[0]), messages(graphs[0]), atol=1e-6)


def test_seed_leaves_the_global_generator_alone() -> None:
    graphs = molecules()
    state = torch.get_rng_state()
    default_model(graphs, FIELDS, "dipole", seed=0)
    assert torch.get_rng_state().equal(state)


@pytest.mark.parametrize(
    ("fields", "position"),
    [
        ({"v": "vector", "x": "point", "y": "scalar"}, "x"),
        ({"q": "scalar", "v": "vector", "y": "scalar"}, "v"),
        ({"q": "scalar", "y": "scalar"}, "q"),
    ],
)
def test_coordinates_under_another_name(fields: dict[str, str], position: str) -> None:
    graphs = [
        Data(q=torch.randn(4), v=torch.randn(4, 3), x=torch.randn(4, 3), y=torch.randn(1))
        for _ in range(3)
    ]
    for model in default_models(graphs, fields, "y"):
        assert model.inputs.position == position
        assert model(Batch.from_data_list(graphs)).shape == (3,)


@pytest.mark.parametrize("ambient", ["S(8)", "SO(2) x S(8)"])
def test_permutations_of_slots_take_the_slotted_network(ambient: str) -> None:
    graph = Data(x=torch.randn(8), y=torch.randn(1))
    model = default_model(graph, {"x": "scalar", "y": "scalar"}, "y", ambient=ambient)
    assert isinstance(model, SlotMLP)


@pytest.mark.parametrize("ambient", ["SO(3)", "Aff(3)", "SL(3)", None])
def test_other_groups_do_not(ambient: str | None) -> None:
    graph = Data(x=torch.randn(8, 3), y=torch.randn(1))
    model = default_model(graph, {"x": "point", "y": "scalar"}, "y", ambient=ambient)
    assert isinstance(model, MPNN)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": "energy"}, "'energy' is not declared"),
        ({"inputs": ["dipole"]}, "'dipole' cannot be an input"),
        ({"inputs": ["velocity"]}, "'velocity' is not declared"),
        ({"inputs": []}, "no input is left"),
        ({"ambient": "S(3)"}, "graphs of one size"),
        ({"data": []}, "the data set is empty"),
        ({"data": [Data(pos=torch.zeros(4, 3), dipole=torch.zeros(3, 1))]}, "3 rows in a graph"),
    ],
)
def test_mistakes_are_named(options: dict[str, Any], message: str) -> None:
    arguments = {
        "data": molecules(),
        "fields": {"pos": "point", "dipole": "vector"},
        "target": "dipole",
        **options,
    }
    with pytest.raises(ValueError, match=message):
        default_models(**arguments)
