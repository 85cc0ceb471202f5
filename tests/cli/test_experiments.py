"""Every experiment that is shipped, with hardly any data and training."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from semola_geo.cli import discover
from semola_geo.cli.application import config_directory
from semola_geo.comparison.cell import run_cell
from semola_geo.comparison.experiment import cell_configs, write_comparison
from semola_geo.comparison.progress import ProgressFile

FOLDER = config_directory() / "experiment"
EXPERIMENTS = sorted(path.stem for path in FOLDER.glob("*.yaml"))
DEFAULT_METHODS = ["none", "semola", "haar", "e3nn"]
TINY = ["discovery=tiny", "discovery.spectrum_graphs=20"]
TINY_CELLS = ["budget=tiny", "trainer=fast_dev_run", *TINY, "seeds=[0]", "evaluation.rotations=1"]

# Option of data, as experiments choose it → options that leave as few graphs as discovery takes.
FEW = {
    "charged_bodies": ["data.count=60", "data.bodies=3"],
    "crystal_field": ["data.size=48"],
    "digits": ["data.poses=1"],
    "labelled_bodies": ["data.size=48"],
    "md17": ["data.root={published}/md17", "data.molecule=revised ethanol", "data.sizes=[48,8,8]"],
    "md_xtb": ["data.limit=48"],
    "mnist_superpixels": ["data.root={published}/superpixels"],
    "model_net": ["data.root={published}/model_net", "data.points=32"],
    "qm9": ["data.root={published}/qm9/qm9pack"],
    "qm9_xtb": ["data.limit=48"],
    "qm9_xtb_field": ["data.limit=48"],
    "scattering": ["data.count=60"],
    "sensor_ring": ["data.size=48"],
    "species_mixture": ["data.size=48"],
    "top_tagging": ["data.path={published}/jets.parquet"],
    "two_body": ["data.count=60"],
}


def said(experiment: str, key: str) -> Any:
    """What an experiment says, or else one that it is built on; read without Hydra."""
    content = yaml.safe_load((FOLDER / f"{experiment}.yaml").read_text())
    defaults = content.get("defaults", [])
    groups = {
        name: value
        for entry in defaults
        if isinstance(entry, dict)
        for name, value in entry.items()
    }
    if key in content | groups:
        return (content | groups)[key]
    parents = [entry for entry in defaults if isinstance(entry, str) and entry != "_self_"]
    found = (said(parent, key) for parent in parents)
    return next((value for value in found if value is not None), None)


SUITES = [name for name in EXPERIMENTS if said(name, "suite")]
SINGLE = [name for name in EXPERIMENTS if name not in SUITES]
# Where an experiment says with which methods, or for how long, it is meant to be compared.
COMPARED = [n for n in SINGLE if said(n, "methods") or said(n, "override /budget")]


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory, published: ModuleType) -> Path:
    """Data sets that are not shipped, each of a few dozen graphs, in their published formats."""
    folder = tmp_path_factory.mktemp("published")
    for name in ("md17", "superpixels", "model_net", "qm9"):
        (folder / name).mkdir()
    published.write_md17(folder / "md17", 70)
    published.write_superpixels(folder / "superpixels", 60, 8)
    published.write_model_net(folder / "model_net", 5)
    published.write_qm9(folder / "qm9", 5)
    published.write_jets(folder / "jets.parquet", 60)
    return folder


def few(experiment: str, files: Path) -> list[str]:
    """Options with which an experiment has few graphs."""
    data = said(experiment, "override /data")
    if data == "digits":
        pytest.importorskip("sklearn.datasets")
    return [option.format(published=files) for option in FEW[data]]


def start(monkeypatch: pytest.MonkeyPatch, folder: Path, *arguments: str) -> None:
    """Run semola-discover in this process."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["semola", *arguments, *TINY, "hydra.run.dir=out"])
    discover.main()


@pytest.mark.parametrize("experiment", SINGLE)
def test_an_experiment_discovers(
    tmp_path: Path,
    files: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    experiment: str,
) -> None:
    start(monkeypatch, tmp_path, f"experiment={experiment}", *few(experiment, files))
    content = json.loads((tmp_path / "out" / "report.json").read_text())
    for key in ("target", "ambient"):
        assert content[key] == said(experiment, key)
    # An experiment's own amount of work does not outlive a choice of another one.
    settings = content["settings"]
    assert [settings[k] for k in ("steps", "refine_steps", "splits", "refine")] == [5, 5, 2, True]
    # Nothing is found by so little training, whatever it is tested.
    assert content["dimension"] == 0
    assert "symmetry" not in {entry["verdict"] for entry in content["verdicts"]}
    printed = capsys.readouterr().out
    reference = said(experiment, "reference")
    if reference is not None:
        compared = content["reference"]
        assert (compared["reference"], compared["angles"]) == (reference, [])
        assert f"Compared with {reference}" in printed
    permutes = "S(" in content["ambient"].replace("SE(", "")
    assert (content["permutations"] is not None) == permutes
    if permutes:
        assert sum(content["permutations"]["tested"].values()) > 0
        assert ("known" in content["permutations"]) == (said(experiment, "exchanges") is not None)
    assert "<html" in (tmp_path / "out" / "report.html").read_text()


@pytest.mark.parametrize("experiment", SUITES)
def test_a_suite_runs_with_one_small_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, experiment: str
) -> None:
    one = ["suite.tasks=[gl2]", "suite.sizes=[60]", "suite.noises=[0.0]", "suite.seeds=[0]"]
    start(monkeypatch, tmp_path, f"experiment={experiment}", *one)
    content = json.loads((tmp_path / "out" / "ground_truth.json").read_text())
    options = content["settings"]["discovery"]
    output = (said(experiment, "discovery") or {}).get("output", "known")
    assert (options["steps"], options["output"]) == (5, output)
    (cell,) = content["cells"]
    assert (cell["task"], cell["true_name"]) == ("gl2", "gl(2)")
    assert cell["outcome"] == "undecided"


@pytest.mark.parametrize("experiment", COMPARED)
def test_an_experiment_compares(tmp_path: Path, files: Path, experiment: str) -> None:
    methods = said(experiment, "methods") or DEFAULT_METHODS
    with initialize_config_dir(str(config_directory()), version_base="1.3"):
        given = [f"experiment={experiment}", *few(experiment, files)]
        config = compose("compare", [*given, *TINY_CELLS])
    cells = []
    for cell in cell_configs(config):
        place = tmp_path / cell["method"]["name"]
        found = run_cell(OmegaConf.create(cell), place, ProgressFile(place / "progress.json"))
        cells.append(found | {"folder": str(place)})
    write_comparison(cells, tmp_path / "out", {})
    rows = (tmp_path / "out" / "table.md").read_text().splitlines()[2:]
    assert [row.split(" | ")[0] for row in rows] == [f"| {method}" for method in methods]
    evaluation = said(experiment, "evaluation") or {}
    moved = "exchanged" if "exchanges" in evaluation else "rotated"
    for cell in cells:
        assert (cell["target"], cell["steps"]) == (said(experiment, "target"), 4)
        assert cell.get("moved", "rotated") == moved
    if "semola" in methods:
        report = tmp_path / "out" / "discovery_semola_seed0" / "report.json"
        content = json.loads(report.read_text())
        assert (content["ambient"], content["dimension"]) == (said(experiment, "ambient"), 0)
        # There is nothing to learn, then.
        assert "extents" not in cells[methods.index("semola")]
    if said(experiment, "target") in ("category", "digit") and "e3nn" in methods:
        accuracies_of(cells)


def accuracies_of(cells: list[dict[str, Any]]) -> None:
    """Check that classes are told in per cent, by the equivariant model alike in any pose."""
    for cell in cells:
        assert 0 <= cell["test_accuracy"] <= 100 and 0 <= cell["rotated_accuracy"] <= 100
        assert 0 <= cell["validation_accuracy"] <= 100
    # Hardly trained networks hardly depend on the pose, but by more than rounding.
    exact, *others = [cell["equivariance_error"] for cell in reversed(cells)]
    assert exact < 1e-3 and all(other > 5 * exact for other in others)
    assert cells[-1]["rotated_accuracy"] == pytest.approx(cells[-1]["test_accuracy"], abs=0.5)


def test_an_unknown_reference_is_told_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        start(monkeypatch, tmp_path, "experiment=two_body", "data.count=80", "reference=so(3)")
    assert "reference='so(3)' cannot be compared" in capsys.readouterr().err
    assert not (tmp_path / "out" / "report.json").exists()
