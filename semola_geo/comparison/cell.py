"""One cell of a comparison: one method, one seed, in a process of its own.

    python -m semola_geo.comparison.cell FOLDER

reads ``FOLDER/config.json`` and leaves ``FOLDER/result.json``.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from omegaconf import DictConfig, OmegaConf
from tqdm import tqdm

from semola_geo import __version__
from semola_geo.comparison.evaluate import build_mover, describe_algebra, measure
from semola_geo.comparison.method import build_module, build_transform
from semola_geo.comparison.metrics import peak_memory
from semola_geo.comparison.plan import make_plan
from semola_geo.comparison.progress import Progress, ProgressFile
from semola_geo.comparison.score import score_for
from semola_geo.comparison.store import write_json
from semola_geo.comparison.task import Task
from semola_geo.comparison.training import train

__all__ = ["run_cell"]


def run_cell(config: DictConfig, folder: Path, progress: Progress) -> dict[str, Any]:
    """Train and evaluate one method with one seed.

    Args:
        config: Composed configuration with ``method``, ``seed`` and ``evaluation``; with
            ``calibrate`` only the plan is made.
        folder: Where plan, checkpoints, logs and the discovery report go. A run that was killed
            goes on from what it finds there.
        progress: Told what is going on.

    Returns:
        Plain values: errors (accuracies in per cent where the target indicates classes),
        equivariance, algebra, times, throughput, sizes and versions.
        ``discovery_seconds`` and ``training_seconds`` are wall-clock times, ``cpu_seconds`` covers
        both, a budget in seconds only training.
    """
    progress.update("loading data", 0.0)
    task = Task.from_config(config)
    if task.summary:
        tqdm.write(f"{task.summary}\n")  # Beside the bar, if there is one.
    # Built once to no purpose: a mistake in an option should show before minutes of discovery.
    build_module(config, task, None, max_steps=None)
    build_mover(task, config.evaluation)
    plan = make_plan(config, task, folder, progress)
    identity = {
        "method": str(config.method.name),
        "seed": int(config.seed),
        "target": task.target,
        "unit": task.unit,
        "steps": plan.steps,
        "discovery_seconds": plan.discovery_seconds if config.method.start == "discovery" else None,
        **plan.found,
    }
    if config.get("calibrate"):
        return identity
    transform = build_transform(config, task, plan.finding)
    module = build_module(config, task, transform, max_steps=plan.steps)
    outcome = train(module, config, task, folder, progress)
    progress.update("evaluating", 0.0)
    result = {
        **identity,
        "training_seconds": outcome.seconds,
        "cpu_seconds": outcome.cpu_seconds + plan.discovery_cpu_seconds,
        **score_for(task.categorical).validation(outcome.metrics),
        **measure(module, task, config.evaluation),
        **describe_algebra(module, config.reference),
        "peak_memory_mb": peak_memory(),
        "environment": _environment(),
    }
    progress.update("done", 1.0)
    return result


def _environment() -> dict[str, Any]:
    names = ("torch", "torch-geometric", "e3nn", "lightning")
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "semola_geo": __version__,
        **{name: version(name) for name in names},
    }


def main(arguments: list[str]) -> None:
    """Run the cell whose folder is given, in this process."""
    folder = Path(arguments[0])
    config = OmegaConf.create(json.loads((folder / "config.json").read_text()))
    torch.set_num_threads(1)
    progress = ProgressFile(folder / "progress.json")
    write_json(folder / "result.json", run_cell(config, folder, progress))


if __name__ == "__main__":
    main(sys.argv[1:])
