"""Experiments whose data are at hand, with hardly any training."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from semola_geo.cli import discover
from semola_geo.cli.application import config_directory
from semola_geo.comparison.cell import run_cell
from semola_geo.comparison.experiment import cell_configs
from semola_geo.comparison.progress import ProgressFile
from semola_geo.comparison.table import comparison_rows

TINY = ["discovery=tiny", "discovery.spectrum_graphs=20", "hydra.run.dir=out"]


@pytest.mark.parametrize(
    ("experiment", "options", "ambient"),
    [
        ("two_body", ["data.count=80"], "GL(2)"),
        ("charged_bodies", ["data.count=60", "data.bodies=3"], "Aff(3)"),
        ("charged_bodies_field", ["data.count=60", "data.bodies=3"], "E(3)"),
        ("scattering", ["data.count=80"], "GL(4)"),
        ("product_bodies_energy", ["data.size=80"], "E(3) x S(5)"),
        ("product_bodies_force", ["data.size=80"], "E(3) x S(5)"),
        ("time_reversal_magnetic", ["data.count=60"], "E(3) x time"),
        ("qm9_xtb_forces", ["data.limit=60"], "Aff(3)"),
        ("qm9_xtb_polarizability", ["data.limit=60"], "Aff(3)"),
        ("qm9_xtb_dipole_field", ["data.limit=60", "data.field=0.04"], "SE(3)"),
        ("digits", [], "GL(2)"),
        ("digits_restricted", [], "GL(2)"),
    ],
)
def test_an_experiment_runs_and_is_compared_with_its_reference(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    experiment: str,
    options: list[str],
    ambient: str,
) -> None:
    if experiment.startswith("digits"):
        pytest.importorskip("sklearn.datasets")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["semola", f"experiment={experiment}", *options, *TINY])
    discover.main()
    content = json.loads((tmp_path / "out" / "report.json").read_text())
    assert content["ambient"] == ambient
    compared = content["reference"]
    assert len(compared["angles"]) == min(compared["reference_dim"], content["dimension"])
    assert f"Compared with {compared['reference']}" in capsys.readouterr().out


def test_an_unknown_reference_is_told_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = ["experiment=two_body", "data.count=80", "reference=so(3)", *TINY]
    monkeypatch.setattr(sys, "argv", ["semola", *arguments])
    with pytest.raises(SystemExit):
        discover.main()
    assert "reference='so(3)' cannot be compared" in capsys.readouterr().err
    assert not (tmp_path / "out" / "report.json").exists()


def compared(folder: Path, *overrides: str) -> list[dict[str, Any]]:
    """Run the cells of a comparison in this process."""
    tiny = ["budget=tiny", "trainer=fast_dev_run", *TINY[:2], "seeds=[0]"]
    with initialize_config_dir(str(config_directory()), version_base="1.3"):
        config = compose("compare", [*tiny, *overrides])
    cells = []
    for cell in cell_configs(config):
        place = folder / cell["method"]["name"]
        progress = ProgressFile(place / "progress.json")
        cells.append(run_cell(OmegaConf.create(cell), place, progress))
    return cells


def accuracies_of(cells: list[dict[str, Any]], methods: list[str]) -> None:
    """Check the table, and that the equivariant model is as good in any pose."""
    header, *rows = comparison_rows(cells)
    assert header[1:3] == ["test accuracy [%]", "rotated accuracy [%]"]
    assert [row[0] for row in rows] == methods
    for cell in cells:
        assert 0 <= cell["test_accuracy"] <= 100 and 0 <= cell["rotated_accuracy"] <= 100
        assert 0 <= cell["validation_accuracy"] <= 100
    # Hardly trained networks hardly depend on the pose, but by more than rounding.
    exact, *others = [cell["equivariance_error"] for cell in reversed(cells)]
    assert exact < 1e-3 and all(other > 5 * exact for other in others)
    assert cells[-1]["rotated_accuracy"] == pytest.approx(cells[-1]["test_accuracy"], abs=0.5)


@pytest.mark.parametrize("experiment", ["digits_shift", "digits_restricted_shift"])
def test_digits_are_compared_by_accuracy(tmp_path: Path, experiment: str) -> None:
    pytest.importorskip("sklearn.datasets")
    cells = compared(tmp_path, f"experiment={experiment}")
    accuracies_of(cells, ["none", "semola", "haar", "e3nn"])
    # Nothing is found by so little training, and then there is nothing to learn.
    assert comparison_rows(cells)[2][4].startswith("trivial, dim 0")
    assert "extents" not in cells[1]


def test_shapes_are_compared_by_accuracy(tmp_path: Path, model_net_root: Path) -> None:
    options = [f"data.root={model_net_root}", "data.points=64", "methods=[none,haar,e3nn]"]
    cells = compared(tmp_path, "experiment=model_net", *options, "trainer.loader.batch_size=6")
    accuracies_of(cells, ["none", "haar", "e3nn"])
