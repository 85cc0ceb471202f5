"""``semola-compare``: methods × seeds under equal wall-clock budgets, in one table."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.utils import to_absolute_path
from omegaconf import DictConfig, OmegaConf

from semola_geo.cli.application import run_application
from semola_geo.comparison.experiment import budget_yaml, cell_configs, write_comparison
from semola_geo.comparison.run import run_cells
from semola_geo.comparison.store import CellStore
from semola_geo.comparison.table import text_table
from semola_geo.comparison.task import Task

__all__ = ["compare", "main"]


def compare(config: DictConfig) -> None:
    """Run the cells that are not finished, print the table and write the files.

    Args:
        config: Composed configuration; see ``configs/compare.yaml``.

    Raises:
        SystemExit: If a cell failed; the others are in the table, and only failed ones are run
            again by the same command.
    """
    folder = Path(HydraConfig.get().runtime.output_dir)
    if config.calibrate:
        _calibrate(config, folder)
        return
    began = time.perf_counter()
    configs = cell_configs(config)
    # A mistake in the data, or in what they are taken for, should show before hours of training.
    task = Task.from_config(config)
    if task.summary:
        print(f"{task.summary}\n", flush=True)
    store = CellStore(to_absolute_path(config.cells))
    cells = run_cells(configs, store, parallel=int(config.parallel))
    settings = OmegaConf.to_container(config, resolve=True)
    assert isinstance(settings, dict)
    written = write_comparison(cells, folder, {str(key): value for key, value in settings.items()})
    print(f"\n{_title(config, len(cells))}\n")
    print(text_table(cells, shutil.get_terminal_size((160, 24)).columns))
    moved = (
        "Rotated: the same graphs in uniformly random orientations."
        if config.evaluation.get("exchanges") is None
        else "Exchanged: the same graphs, whose nodes changed places."
    )
    if task.categorical:
        moved += "\nAccuracy: graphs whose largest output is that of their class, in per cent."
    print(
        f"\nTest: data as they come. {moved}"
        "\nOne thread a cell. The budget is wall-clock time of training; discovery comes on top."
    )
    print(f"\n{time.perf_counter() - began:.0f} s. Written:")
    for path in written:
        print(f"  {path}")
    _stop_if_failed(cells)


def _stop_if_failed(cells: Sequence[Mapping[str, Any]]) -> None:
    failed = [cell for cell in cells if "error" in cell]
    for cell in failed:
        print(
            f"semola-compare: error: {cell['method']} seed {cell['seed']} failed: {cell['error']}; "
            f"see {cell['folder']}/cell.log",
            file=sys.stderr,
        )
    if failed:
        raise SystemExit(1)


def _title(config: DictConfig, count: int) -> str:
    stored = all(config.budget.steps.get(name) is not None for name in config.methods)
    limit = f"{config.budget.seconds} s" + (", as stored steps" if stored else "")
    return f"{config.target} of {config.data._target_.split('.')[-1]}: {count} cells of {limit}"


def _calibrate(config: DictConfig, folder: Path) -> None:
    plain = OmegaConf.merge(config, {"seeds": list(config.seeds)[:1]})
    plain.budget.steps = {str(name): None for name in plain.budget.steps}
    assert isinstance(plain, DictConfig)
    configs = [cell | {"calibrate": True} for cell in cell_configs(plain)]
    cells = run_cells(configs, CellStore(folder / "calibration"), parallel=int(config.parallel))
    _stop_if_failed(cells)
    text = budget_yaml(config.budget.seconds, cells)
    path = folder / "budget.yaml"
    path.write_text(text)
    print(f"\n{text}\nWritten to {path}; copy it to configs/budget to make runs repeat exactly.")


def main() -> None:
    """Entry point of the console script."""
    run_application("compare", compare)


if __name__ == "__main__":
    main()
