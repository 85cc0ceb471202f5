from typing import Any

import pytest
import torch
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig, OmegaConf
from torch import Tensor, nn
from torch_geometric.data import Batch, Data

from semola_geo.cli.application import config_directory
from semola_geo.comparison.network import PluggedModel, build_network
from semola_geo.comparison.task import Task


class ForeignModel(nn.Module):
    """A model in the style of PyG's molecule models: ``forward(z, pos, batch)`` to ``[B, out]``."""

    def __init__(self, width: int = 4, out: int = 3) -> None:
        super().__init__()
        self.embed = nn.Embedding(100, width)
        self.read = nn.Linear(width + 3, out)

    def forward(self, z: Tensor, pos: Tensor, batch: Tensor | None = None) -> Tensor:
        assert batch is not None
        nodes = self.read(torch.cat([self.embed(z), pos], dim=1))
        return torch.zeros(int(batch.max()) + 1, nodes.shape[1]).index_add(0, batch, nodes)


@pytest.fixture(scope="module")
def task() -> Task:
    with initialize_config_dir(str(config_directory()), version_base="1.3"):
        return Task.from_config(compose("train", overrides=["data.limit=12"]))


def test_any_model_is_plugged_in_by_its_target(task: Task) -> None:
    config = OmegaConf.create({"_target_": f"{__name__}.ForeignModel", "width": 8})
    model = build_network(config, task)
    assert isinstance(model, PluggedModel)
    batch = Batch.from_data_list(list(task.train)[:5])
    assert model(batch).shape == (5, 3)


def test_the_library_models_get_what_the_task_knows(task: Task) -> None:
    config = OmegaConf.create({"_target_": "semola_geo.models.MPNN", "hidden": 8})
    model = build_network(config, task)
    assert model(Batch.from_data_list(list(task.train)[:5])).shape == (5, 3)


def test_units_of_inputs_are_those_of_the_training_data(task: Task) -> None:
    config = OmegaConf.create({"_target_": "semola_geo.models.MPNN", "scales": "data"})
    model = build_network(config, task)
    seen = torch.cat([graph.pos for graph in task.train])  # Fewer graphs than are sampled at most
    assert torch.tensor(model.inputs.center) == pytest.approx(seen.mean(0), abs=1e-5)
    spread = float((seen - seen.mean(0)).square().mean().sqrt())
    assert model.inputs.scales["pos"] == pytest.approx(spread, rel=1e-4)


def test_an_unknown_class_or_option_is_named(task: Task) -> None:
    with pytest.raises(ValueError, match=r"cannot import .*'semola_geo.models.Nothing'"):
        build_network(OmegaConf.create({"_target_": "semola_geo.models.Nothing"}), task)
    config = OmegaConf.create({"_target_": "semola_geo.models.MPNN", "hiden": 8})
    with pytest.raises(ValueError, match=r"no option 'hiden'; it has .*hidden"):
        build_network(config, task)


def test_a_field_the_data_lack_is_named(task: Task) -> None:
    class Asks(nn.Module):
        def forward(self, charges: Tensor) -> Tensor:
            return charges

    with pytest.raises(ValueError, match=r"Asks.forward asks for 'charges'"):
        PluggedModel(Asks(), (3,))(task.train[0])


@pytest.mark.parametrize(
    ("forward", "whole"),
    [
        (lambda data: data.pos, True),
        (lambda batch, scale=1.0: scale * batch.pos, True),
        (lambda batch, pos: pos + 0 * batch[:, None], False),
        (lambda pos, *others, **further: pos, False),
    ],
)
def test_a_model_gets_the_data_or_their_fields(forward: Any, whole: bool) -> None:
    class Foreign(nn.Module):
        pass

    Foreign.forward = staticmethod(forward)  # type: ignore[method-assign]
    data = Batch.from_data_list([Data(pos=torch.ones(2, 3))])
    model = PluggedModel(Foreign(), (3,))
    assert model(data).shape == (2, 3)
    assert model._takes_data is whole


@pytest.mark.parametrize("model", ["mpnn", "pointnet", "fourier_set", "slot_mlp", "e3nn"])
def test_inputs_that_move_with_their_slot_are_read(model: str) -> None:
    """A network that is not shown velocities finds time reversal in any data."""
    fields = "{pos: point@slot, vel: vector@odd@slot, charge: scalar@slot, acceleration: vector}"
    data = ["data=charged_bodies", "data.count=20", "target=acceleration"]
    task, config = composed_task(f"model={model}", *data, f"fields={fields}")
    network = build_network(config, task)
    batch = Batch.from_data_list([task.train[i] for i in range(4)])
    before = network(batch).detach()
    for name in ("vel", "charge"):
        moved = batch.clone()
        moved[name] = moved[name] + 1.0
        assert not torch.allclose(network(moved), before, atol=1e-5), name


@pytest.mark.parametrize("model", ["mpnn", "slot_mlp", "auto"])
def test_coordinates_may_have_another_name(model: str) -> None:
    task, config = composed_task("data=sensor_ring", "target=chiral", f"model={model}")
    network = build_network(config, task)
    assert network(Batch.from_data_list([task.train[i] for i in range(4)])).shape[0] == 4


def test_a_strict_model_without_coordinates_is_refused() -> None:
    task, config = composed_task("data=sensor_ring", "target=chiral", "model=e3nn")
    with pytest.raises(ValueError, match=r"E3NNModel reads coordinates 'pos'"):
        build_network(config, task)


def test_a_network_on_slots_is_told_their_number() -> None:
    with initialize_config_dir(str(config_directory()), version_base="1.3"):
        config = compose("discover", overrides=["experiment=two_body", "data.count=20"])
    bodies = Task.from_config(config)
    model = build_network(config.model, bodies)
    assert model(Batch.from_data_list(list(bodies.train)[:5])).shape == (10, 2)


def composed_task(*overrides: str) -> tuple[Task, DictConfig]:
    with initialize_config_dir(str(config_directory()), version_base="1.3"):
        config = compose("train", overrides=list(overrides))
    return Task.from_config(config), config.model


@pytest.mark.parametrize(
    ("model", "overrides", "shape"),
    [
        ("dgcnn", ["data=digits", "target=digit"], (4, 10)),
        ("e3nn", ["data=digits", "target=digit", "+model.reflections=false"], (4, 10)),
        ("conservative_forces", ["data=md_xtb", "target=forces", "data.limit=8"], (36, 3)),
        ("lorentz", ["data=scattering", "target=amplitude", "data.count=40"], (4,)),
        ("schnet", ["data=md_xtb", "target=energy", "data.limit=8"], (4,)),
        ("visnet", ["data=qm9_xtb", "target=energy", "data.limit=8"], (4,)),
    ],
)
def test_configured_models_suit_their_data(
    model: str, overrides: list[str], shape: tuple[int, ...]
) -> None:
    if "data=digits" in overrides:
        pytest.importorskip("sklearn.datasets")
    task, config = composed_task(f"model={model}", *overrides)
    network = build_network(config, task)
    batch = Batch.from_data_list([task.train[i] for i in range(4)])
    with torch.inference_mode():
        assert network(batch).shape == shape


def test_options_of_a_nested_energy_are_checked() -> None:
    overrides = ["data=md_xtb", "target=forces", "data.limit=8", "+model.energy.hiden=8"]
    task, config = composed_task("model=conservative_forces", *overrides)
    with pytest.raises((TypeError, ValueError), match="hiden"):
        build_network(config, task)


def test_conservative_forces_of_any_network() -> None:
    overrides = ["data=md_xtb", "target=forces", "data.limit=8"]
    energy = "model.energy._target_=semola_geo.models.MPNN"
    task, config = composed_task("model=conservative_forces", energy, *overrides)
    network = build_network(config, task)
    assert network(task.train[0]).shape == (9, 3)
