from dataclasses import asdict
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig, OmegaConf

from semola_geo.cli.application import config_directory
from semola_geo.cli.train import with_experiment
from semola_geo.comparison.experiment import cell_configs
from semola_geo.comparison.method import build_module
from semola_geo.comparison.task import Task
from semola_geo.discovery import DiscoverySettings, Thresholds

EXPERIMENTS = sorted(path.stem for path in (config_directory() / "experiment").glob("*.yaml"))
GROUPS = [
    (group.name, option.stem)
    for group in sorted(config_directory().iterdir())
    if group.is_dir() and group.name not in ("experiment", "method")
    for option in sorted(group.glob("*.yaml"))
]


def composed(application: str, *overrides: str) -> DictConfig:
    with initialize_config_dir(str(config_directory()), version_base="1.3"):
        return compose(application, overrides=list(overrides))


@pytest.mark.parametrize("application", ["discover", "train", "compare"])
@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_every_experiment_composes_and_resolves(application: str, experiment: str) -> None:
    config = composed(application, f"experiment={experiment}")
    assert OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
    assert config.data.targets == [config.target]


@pytest.mark.parametrize(("group", "option"), GROUPS)
def test_every_option_of_every_group_composes(group: str, option: str) -> None:
    assert group in composed("train", f"{group}={option}")


@pytest.mark.parametrize("path", sorted((config_directory() / "method").glob("*.yaml")))
def test_every_method_is_named_as_its_file(path: Path) -> None:
    assert composed("train", f"method={path.stem}").method.name == path.stem


def test_command_line_wins_over_experiment() -> None:
    config = composed("train", "experiment=qm9_xtb_energy", "target=dipole", "ambient='SE(3)'")
    assert (config.target, config.ambient) == ("dipole", "SE(3)")


def test_options_of_discovery_are_listed_with_their_defaults() -> None:
    listed = OmegaConf.to_container(composed("discover").discovery)
    assert listed.pop("thresholds") == asdict(Thresholds())
    assert listed == {k: v for k, v in asdict(DiscoverySettings()).items() if k != "progress"}


def test_a_comparison_has_one_cell_per_method_and_seed() -> None:
    cells = cell_configs(composed("compare", "methods=[none,e3nn]", "seeds=[0,1]"))
    assert [(cell["method"]["name"], cell["seed"]) for cell in cells] == [
        ("none", 0),
        ("none", 1),
        ("e3nn", 0),
        ("e3nn", 1),
    ]
    assert cells[0]["model"]["_target_"] != cells[2]["model"]["_target_"]


def test_steps_of_one_method_do_not_touch_the_cells_of_another() -> None:
    plain = cell_configs(composed("compare", "methods=[none,haar]", "budget.steps={none: 5}"))
    other = cell_configs(
        composed("compare", "methods=[none,haar]", "budget.steps={none: 5, haar: 7}")
    )
    assert plain[0] == other[0]
    assert plain[3] != other[3]


def test_training_options_of_one_method_reach_that_method_only() -> None:
    changed = "+trainer.methods.haar.warmup=0.25"
    plain = cell_configs(composed("compare", "methods=[none,haar]", "seeds=[0]"))
    other = cell_configs(composed("compare", "methods=[none,haar]", "seeds=[0]", changed))
    assert plain[0] == other[0]
    assert plain[1] != other[1]
    config = OmegaConf.create(other[1])
    task = Task.from_config(composed("train", "data.limit=20"))
    assert build_module(config, task, None, 10).warmup == 0.25


@pytest.mark.parametrize("experiment", ["digits_shift", "digits_restricted_shift", "model_net"])
def test_training_alone_uses_the_model_of_the_comparison(experiment: str) -> None:
    given = [f"experiment={experiment}"] + ["data.root=none"] * (experiment == "model_net")
    (cell,) = cell_configs(composed("compare", *given, "methods=[e3nn]", "seeds=[0]"))
    trained = with_experiment(composed("train", *given, "method=e3nn"))
    assert OmegaConf.to_container(trained.method.model, resolve=True) == cell["model"]
    assert trained.method.model.pool == "mean"
    own = ["method=e3nn", "+method.model.pool=sum"]
    assert with_experiment(composed("train", *given, *own), own).method.model.pool == "sum"


@pytest.mark.parametrize(
    "option",
    ["evaluation.extent=0.5", "budget.steps.lorentz=10", "evaluation.exchanges=null"],
)
def test_options_are_there_to_be_overridden(option: str) -> None:
    assert composed("compare", option)


@pytest.mark.parametrize("mistake", ["methods=[nothing]", "+trainer.methods.nothing.lr=1"])
def test_unknown_method_names_the_known_ones(mistake: str) -> None:
    with pytest.raises(ValueError, match=r"unknown method\(s\) nothing; .*semola"):
        cell_configs(composed("compare", mistake))


def test_unknown_target_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"nonsense.*dipole"):
        Task.from_config(composed("train", "target=nonsense"))


def test_unknown_data_option_is_named() -> None:
    with pytest.raises(ValueError, match=r"no option 'orientaton'.*orientation"):
        Task.from_config(composed("train", "+data.orientaton=random"))


def test_task_knows_level_shape_and_unit() -> None:
    task = Task.from_config(composed("train", "data.limit=20"))
    assert (task.level, task.output_shape, task.unit) == ("graph", (3,), "e·Å")
    assert [len(task.train), len(task.val), len(task.test)] == [20, 20, 20]
    forces = Task.from_config(composed("train", "data.limit=20", "target=forces"))
    assert (forces.level, forces.fields["forces"]) == ("node", "covector")


@pytest.mark.parametrize(
    ("data", "target", "level", "shape"),
    [
        ("two_body", "next_pos", "node", (2,)),
        ("charged_bodies", "next_vel", "node", (3,)),
        ("digits", "digit", "graph", (10,)),
    ],
)
def test_simulated_bodies_and_digits_are_tasks(
    data: str, target: str, level: str, shape: tuple[int, ...]
) -> None:
    count = [] if data == "digits" else ["data.count=20"]
    task = Task.from_config(composed("train", f"data={data}", f"target={target}", *count))
    assert (task.level, task.output_shape, task.labels) == (level, shape, (target,))
    assert len(task.train) > len(task.test) > len(task.val)


def test_molecules_of_forces_come_with_their_bonds_and_others_in_a_field() -> None:
    forces = Task.from_config(composed("discover", "experiment=qm9_xtb_forces", "data.limit=20"))
    source, end = forces.train[0].edge_index
    distance = (forces.train[0].pos[source] - forces.train[0].pos[end]).norm(dim=1)
    assert 0 < len(source) < forces.train[0].num_nodes * 5
    assert float(distance.max()) <= 1.9
    dipoles = [
        Task.from_config(composed("discover", "experiment=qm9_xtb_dipole_field", *options))
        for options in (["data.limit=20"], ["data.limit=20", "data.field=0.04"])
    ]
    weak, strong = (task.train[0].dipole[0, 2] for task in dipoles)
    assert strong > weak
