import json
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig

from semola_geo.cli.application import config_directory
from semola_geo.comparison.cell import run_cell
from semola_geo.comparison.progress import ProgressFile

TINY = ["budget=tiny", "trainer=fast_dev_run", "discovery=tiny", "data.limit=60"]


def composed(*overrides: str) -> DictConfig:
    with initialize_config_dir(str(config_directory()), version_base="1.3"):
        return compose("train", overrides=[*TINY, *overrides])


@pytest.mark.parametrize("target", ["dipole", "energy", "forces", "polarizability"])
@pytest.mark.parametrize("method", ["none", "haar", "semola_joint", "semola_paper", "e3nn"])
def test_every_method_trains_every_kind_of_target(tmp_path: Path, method: str, target: str) -> None:
    progress = ProgressFile(tmp_path / "progress.json")
    config = composed(f"method={method}", f"target={target}", "reference='se(3)'")
    result = run_cell(config, tmp_path, progress)
    json.dumps(result)
    assert result["steps"] == 4
    assert result["test_error"] > 0
    assert progress.read() == ("done", 1.0)
    assert ("largest_angle" in result) == method.startswith("semola")
    assert (result["equivariance_error"] < 1e-3) == (method == "e3nn")


def test_same_seed_same_numbers(tmp_path: Path) -> None:
    results = [
        run_cell(
            composed("method=semola_joint"),
            tmp_path / name,
            ProgressFile(tmp_path / f"{name}.json"),
        )
        for name in ("a", "b")
    ]
    assert results[0]["generators"] == results[1]["generators"]
    assert results[0]["test_error"] == results[1]["test_error"]


def test_a_budget_in_seconds_becomes_steps_that_are_kept(tmp_path: Path) -> None:
    config = composed("method=none", "budget.steps.none=null", "budget.seconds=3")
    result = run_cell(config, tmp_path, ProgressFile(tmp_path / "progress.json"))
    plan = json.loads((tmp_path / "plan.json").read_text())
    assert plan["steps"] == result["steps"] > 4
    assert result["training_seconds"] < 6


def test_calibration_trains_nothing(tmp_path: Path) -> None:
    config = composed("method=none", "budget.steps.none=null", "+calibrate=true")
    result = run_cell(config, tmp_path, ProgressFile(tmp_path / "progress.json"))
    assert result["steps"] > 4
    assert not (tmp_path / "checkpoints").exists()


def test_discovery_is_counted_and_its_report_is_kept(tmp_path: Path) -> None:
    result = run_cell(composed("method=semola"), tmp_path, ProgressFile(tmp_path / "p.json"))
    assert result["discovery_seconds"] > 0
    report = json.loads((tmp_path / "discovery" / "report.json").read_text())
    assert (report["name"], report["dimension"]) == (
        result["algebra_name"],
        result["algebra_dim"],
    )
    assert (tmp_path / "discovery" / "report.html").is_file()


def test_a_plan_that_is_there_is_not_made_again(tmp_path: Path) -> None:
    so3 = [[[0.0, 0, 0], [0, 0, -1], [0, 1, 0]], [[0, 0, 1], [0, 0, 0], [-1, 0, 0]]]
    so3.append([[0, -1, 0], [1, 0, 0], [0, 0, 0]])
    plan = {
        "steps": 4,
        "found": {"algebra_name": "so(3)", "algebra_dim": 3},
        "finding": {"generators": so3},
        "discovery_seconds": 12.5,
        "discovery_cpu_seconds": 12.0,
    }
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    config = composed("method=semola", "reference='so(3)'")
    result = run_cell(config, tmp_path, ProgressFile(tmp_path / "p.json"))
    assert result["discovery_seconds"] == 12.5
    assert len(result["extents"]) == 3
    assert result["largest_angle"] < 15
    assert not (tmp_path / "discovery").exists()


def test_exchanges_are_trained_with_and_tested_on(tmp_path: Path) -> None:
    with initialize_config_dir(str(config_directory()), version_base="1.3"):
        config = compose(
            "train",
            [
                "experiment=permutation_bodies_energy",
                "data.size=160",
                "method=known_exchanges",
                "budget.seconds=1",
                "budget.steps.known_exchanges=4",
                "trainer=fast_dev_run",
            ],
        )
    result = run_cell(config, tmp_path, ProgressFile(tmp_path / "progress.json"))
    assert result["moved"] == "exchanged"
    assert result["equivariance_error"] > 0


@pytest.mark.parametrize("target", ["forces", "polarizability", "dipole_field"])
def test_experiments_on_molecules_train_and_are_measured(tmp_path: Path, target: str) -> None:
    overrides = [f"experiment=qm9_xtb_{target}", "method=haar", *TINY]
    with initialize_config_dir(str(config_directory()), version_base="1.3"):
        config = compose("train", overrides)
    result = run_cell(config, tmp_path, ProgressFile(tmp_path / "progress.json"))
    assert result["steps"] == 4
    assert result["test_error"] > 0
