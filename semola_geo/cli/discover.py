"""``semola-discover``: which symmetries do the data have, and how sure is that?"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from hydra.utils import instantiate, to_absolute_path
from omegaconf import DictConfig, OmegaConf

from semola_geo.algebra import LieAlgebra
from semola_geo.cli.application import run_application
from semola_geo.comparison.exchange_reference import compare_exchanges
from semola_geo.comparison.method import plain_options
from semola_geo.comparison.plan import discover as run_discovery
from semola_geo.comparison.reference import angles_to
from semola_geo.comparison.task import Task
from semola_geo.discovery import SymmetryReport
from semola_geo.ground_truth.suite import cell_store, run_suite, suite_cells
from semola_geo.ground_truth.table import text, write_suite
from semola_geo.groups import split_ambient

__all__ = ["discover", "main"]


def discover(config: DictConfig) -> None:
    """Discover, print the report and save it.

    Args:
        config: Composed configuration; see ``configs/discover.yaml``.
    """
    folder = Path(HydraConfig.get().runtime.output_dir)
    if config.suite is not None:
        _run_suite(config, folder)
        return
    task = Task.from_config(config)
    if task.summary:
        print(f"{task.summary}\n", flush=True)
    report = _discover(config, task)
    report.save(folder)
    print(report)
    print("\nWritten:")
    for path in sorted(folder.iterdir()):
        if not path.name.startswith("."):
            print(f"  {path}")


def _run_suite(config: DictConfig, folder: Path) -> None:
    """Discover on all tasks of a suite, print the table and write the files."""
    suite = config.suite
    cells = suite_cells(
        suite.sizes, suite.noises, suite.seeds, suite.tasks, plain_options(config.discovery)
    )
    store = cell_store(to_absolute_path(suite.cells))
    results = run_suite(cells, store, int(suite.parallel))
    settings = OmegaConf.to_container(suite, resolve=True)
    assert isinstance(settings, dict)
    settings["discovery"] = plain_options(config.discovery)
    written = write_suite(results, folder, {str(key): value for key, value in settings.items()})
    print(f"\n{text(results)}\n\nWritten:")
    for path in written:
        print(f"  {path}")
    failed = sum("error" in cell for cell in results)
    if failed:
        print(f"semola-discover: error: {failed} cells failed; see above", file=sys.stderr)
        raise SystemExit(1)


def _discover(config: DictConfig, task: Task) -> SymmetryReport:
    """Discover, and compare with what is known, where it is given."""
    known = None if config.exchanges is None else instantiate(config.exchanges, _convert_="all")
    report = _discover_motions(config, task)
    if known is None or report.permutations is None:
        return report
    compared = compare_exchanges(report.permutations, known, report.exchange)
    return replace(report, exchange=report.exchange | {"known": compared})


def _discover_motions(config: DictConfig, task: Task) -> SymmetryReport:
    """Discover, and measure angles to the reference algebra if there is one."""
    if config.reference is None:
        return run_discovery(config, task)
    # A reference that does not exist, or acts on another space, is told before the work begins.
    group = split_ambient(config.ambient).continuous
    if group is None:
        raise ValueError(
            f"reference={config.reference!r} is an algebra, but ambient={config.ambient!r} moves "
            "no coordinates; say reference=null"
        )
    angles_to(LieAlgebra(group.basis, affine=group.affine), config.reference, 1.0)
    report = run_discovery(config, task)
    compared = angles_to(report.algebra, config.reference, report.length_scale)
    return replace(report, details=report.details | {"reference": compared})


def main() -> None:
    """Entry point of the console script."""
    run_application("discover", discover)


if __name__ == "__main__":
    main()
