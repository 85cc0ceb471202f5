"""``semola-train``: train and evaluate one model with one method."""

from __future__ import annotations

import csv
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from hydra.utils import to_absolute_path
from omegaconf import DictConfig

from semola_geo.cli.application import run_application
from semola_geo.comparison.cell import run_cell
from semola_geo.comparison.progress import ProgressBar
from semola_geo.comparison.store import write_json
from semola_geo.comparison.table import align

__all__ = ["main", "train"]


def train(config: DictConfig) -> None:
    """Train, evaluate, print a table and write ``report.json`` and ``metrics.csv``.

    Args:
        config: Composed configuration; see ``configs/train.yaml``.

    Raises:
        FileNotFoundError: If ``resume`` names no folder.
    """
    folder = Path(HydraConfig.get().runtime.output_dir)
    if config.resume is not None:
        folder = Path(to_absolute_path(config.resume))
        if not folder.is_dir():
            raise FileNotFoundError(f"resume={config.resume}: there is no such folder")
    bar = ProgressBar(f"{config.method.name} seed {config.seed}")
    result = run_cell(config, folder, bar)
    bar.close(f"{config.method.name}: {result['steps']} steps")
    write_json(folder / "report.json", result)
    scalars = {
        name: value for name, value in result.items() if isinstance(value, str | int | float)
    }
    with (folder / "metrics.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(scalars))
        writer.writeheader()
        writer.writerow(scalars)
    rows = [["quantity", "value"]]
    rows += [[name.replace("_", " "), _text(value)] for name, value in scalars.items()]
    print(align(rows))
    print(f"\nWritten to {folder}")


def _text(value: str | int | float) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else str(value)


def main() -> None:
    """Entry point of the console script."""
    run_application("train", train)


if __name__ == "__main__":
    main()
