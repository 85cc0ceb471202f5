"""``semola-train``: train and evaluate one model with one method."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.utils import to_absolute_path
from omegaconf import DictConfig, OmegaConf

from semola_geo.cli.application import run_application
from semola_geo.comparison.cell import run_cell
from semola_geo.comparison.progress import ProgressBar
from semola_geo.comparison.store import write_json
from semola_geo.comparison.table import align

__all__ = ["main", "train", "with_experiment"]


def train(config: DictConfig) -> None:
    """Train, evaluate, print a table and write ``report.json`` and ``metrics.csv``.

    Args:
        config: Composed configuration; see ``configs/train.yaml``.

    Raises:
        FileNotFoundError: If ``resume`` names no folder.
    """
    config = with_experiment(config, HydraConfig.get().overrides.task)
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


def with_experiment(config: DictConfig, overrides: Sequence[str] = ()) -> DictConfig:
    """Give a method what the experiment says about it, as a comparison does.

    Args:
        config: Composed configuration; ``library.NAME`` holds an experiment's options of a method.
        overrides: Of the command line, which go before the experiment's.

    >>> config = OmegaConf.create({"method": {"name": "e3nn", "model": {"pool": "sum"}},
    ...                            "library": {"e3nn": {"model": {"pool": "mean"}}}})
    >>> with_experiment(config).method.model.pool
    'mean'
    >>> with_experiment(config, ["method.model.pool=sum"]).method.model.pool
    'sum'
    """
    own = OmegaConf.select(config, f"library.{config.method.name}")
    if own is None:
        return config
    config = config.copy()
    OmegaConf.set_struct(config, False)
    config.method = OmegaConf.merge(config.method, own)
    for override in OverridesParser.create().parse_overrides(list(overrides)):
        if override.key_or_group.startswith("method."):
            OmegaConf.update(config, override.key_or_group, override.value())
    OmegaConf.set_struct(config, True)
    return config


def _text(value: str | int | float) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else str(value)


def main() -> None:
    """Entry point of the console script."""
    run_application("train", train)


if __name__ == "__main__":
    main()
