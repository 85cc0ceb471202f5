"""One cell of the suite: one task, one size, one level of noise, one seed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from torch import nn

from semola_geo.discovery import discover_symmetry
from semola_geo.ground_truth.score import limits_of, score
from semola_geo.ground_truth.task import TARGET, GroundTruthTask
from semola_geo.ground_truth.tasks import TASKS
from semola_geo.models.default import default_models

__all__ = ["run_cell", "task_named"]


def task_named(name: str) -> GroundTruthTask:
    """Return a task.

    Raises:
        ValueError: If there is none of that name.
    """
    if name not in TASKS:
        raise ValueError(f"unknown task {name!r}; allowed: {', '.join(TASKS)}")
    return TASKS[name]


def run_cell(config: Mapping[str, Any]) -> dict[str, Any]:
    """Discover the symmetry of one data set, and compare it with the truth.

    Args:
        config: ``task``, ``size``, ``noise``, ``seed``, and ``discovery``: options of
            :func:`semola_geo.discover_symmetry`, ``thresholds`` as plain values, the same for all
            tasks.

    Returns:
        Plain values: those of :func:`semola_geo.ground_truth.score.score`, and ``seconds``.

    Raises:
        ValueError: For an unknown task, or a size or noise out of range.
        TypeError: For an unknown option.
    """
    task = task_named(str(config["task"]))
    seed = int(config["seed"])
    graphs = task.data(int(config["size"]), float(config["noise"]), seed)

    def network() -> nn.Module:
        # All tasks have few nodes, and most of them name their nodes: slots for all.
        return default_models(graphs, task.fields, TARGET)[0]

    options: dict[str, Any] = {"progress": False, **config["discovery"]}
    options.pop("thresholds", None)
    thresholds = limits_of(config)
    began = time.perf_counter()
    report = discover_symmetry(
        graphs,
        TARGET,
        task.fields,
        task.ambient,
        network,
        seed,
        thresholds=thresholds,
        **options,
    )
    return {**score(task, report, thresholds), "seconds": time.perf_counter() - began}
