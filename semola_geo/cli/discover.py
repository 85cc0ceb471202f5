"""``semola-discover``: which symmetries do the data have, and how sure is that?"""

from __future__ import annotations

from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from semola_geo.cli.application import run_application
from semola_geo.comparison.plan import discover as run_discovery
from semola_geo.comparison.task import Task

__all__ = ["discover", "main"]


def discover(config: DictConfig) -> None:
    """Discover, print the report and save it.

    Args:
        config: Composed configuration; see ``configs/discover.yaml``.
    """
    folder = Path(HydraConfig.get().runtime.output_dir)
    task = Task.from_config(config)
    if task.summary:
        print(f"{task.summary}\n", flush=True)
    report = run_discovery(config, task)
    report.save(folder)
    print(report)
    print("\nWritten:")
    for path in sorted(folder.iterdir()):
        if not path.name.startswith("."):
            print(f"  {path}")


def main() -> None:
    """Entry point of the console script."""
    run_application("discover", discover)


if __name__ == "__main__":
    main()
