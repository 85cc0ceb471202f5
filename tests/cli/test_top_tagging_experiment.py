"""The experiment on jets, with a small file for each published split and hardly any training."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig, OmegaConf

from semola_geo.cli.application import config_directory
from semola_geo.comparison.cell import run_cell
from semola_geo.comparison.experiment import cell_configs
from semola_geo.comparison.progress import ProgressFile
from semola_geo.comparison.table import comparison_rows
from semola_geo.comparison.task import Task

SIZES = {"train": 40, "test": 12, "val": 8}
TINY = ["discovery=tiny", "discovery.spectrum_graphs=20"]


@pytest.fixture
def options(tmp_path: Path, published: ModuleType) -> list[str]:
    """The experiment with three files of HDF5."""
    files = {name: tmp_path / f"{name}.h5" for name in SIZES}
    for code, (name, count) in enumerate(SIZES.items()):
        published.jets(count, code).to_hdf(files[name], key="table", format="table")
    given = ",".join(f"{name}: '{path}'" for name, path in files.items())
    return ["experiment=top_tagging", f"data.path={{{given}}}", *TINY]


def composed(*overrides: str) -> DictConfig:
    with initialize_config_dir(str(config_directory()), version_base="1.3"):
        return compose("compare", overrides=list(overrides))


def sizes(task: Task) -> dict[str, int]:
    return {name: len(getattr(task, name)) for name in SIZES}


def test_a_task_has_the_published_splits(
    options: list[str], tmp_path: Path, published: ModuleType
) -> None:
    task = Task.from_config(composed(*options))
    assert sizes(task) == SIZES
    assert (task.level, task.dimension, task.output_shape) == ("graph", 4, ())
    assert task.fields == {"pos": "vector", "is_signal_new": "scalar"}
    # All in one file: the column tells them apart, and without it the seed does.
    whole = pd.concat([published.jets(count, code) for code, count in enumerate(SIZES.values())])
    whole.to_parquet(tmp_path / "whole.parquet")
    alone = ["experiment=top_tagging", f"data.path={tmp_path / 'whole.parquet'}"]
    assert sizes(Task.from_config(composed(*alone))) == SIZES
    whole.drop(columns="ttv").to_parquet(tmp_path / "whole.parquet")
    assert sizes(Task.from_config(composed(*alone))) == {"train": 45, "val": 6, "test": 9}


def test_a_change_of_any_file_makes_finished_cells_stale(
    options: list[str], tmp_path: Path, published: ModuleType
) -> None:
    before, again = cell_configs(composed(*options)), cell_configs(composed(*options))
    published.jets(9, 2).to_hdf(tmp_path / "val.h5", key="table", format="table", mode="w")
    assert before == again != cell_configs(composed(*options))
    (tmp_path / "val.h5").unlink()
    assert "data_file" not in cell_configs(composed(*options))[0]


def test_methods_are_compared_and_one_is_invariant(options: list[str], tmp_path: Path) -> None:
    tiny = ["budget=tiny", "trainer=fast_dev_run", "seeds=[0]"]
    cells = []
    for cell in cell_configs(composed(*options, *tiny)):
        folder = tmp_path / cell["method"]["name"]
        progress = ProgressFile(folder / "progress.json")
        cells.append(run_cell(OmegaConf.create(cell), folder, progress))
    assert [row[0] for row in comparison_rows(cells)[1:]] == ["none", "semola", "lorentz"]
    assert all(0 < cell["test_error"] < 2 for cell in cells)
    plain, _, exact = (cell["equivariance_error"] for cell in cells)
    assert exact < 1e-3 and plain > 5 * exact
