"""What has to be known before training starts: the algebra to train with, and for how long."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from semola_geo.comparison.finding import Finding
from semola_geo.comparison.found import found_labels
from semola_geo.comparison.method import build_module, build_transform, plain_options
from semola_geo.comparison.network import network_factory
from semola_geo.comparison.progress import Progress
from semola_geo.comparison.store import write_json
from semola_geo.comparison.task import Task
from semola_geo.comparison.training import steps_within
from semola_geo.discovery import SymmetryReport, Thresholds, discover_symmetry

__all__ = ["Plan", "discover", "make_plan"]


@dataclass(frozen=True)
class Plan:
    """Outcome of everything before training; saved, so that a killed run goes on with the same.

    Attributes:
        steps: Optimiser steps.
        found: Name and dimension that discovery reported, empty without discovery.
        finding: What discovery found to train with; ``None`` without discovery.
        discovery_seconds: Wall-clock time of discovery.
        discovery_cpu_seconds: Processor time of discovery.
    """

    steps: int
    found: dict[str, Any]
    finding: Finding | None
    discovery_seconds: float
    discovery_cpu_seconds: float

    @classmethod
    def load(cls, path: Path) -> Plan:
        """Read a plan that was kept."""
        kept = json.loads(path.read_text())
        finding = kept.pop("finding")
        return cls(**kept, finding=None if finding is None else Finding(**finding))


def discover(
    config: DictConfig, task: Task, *, on_stage: Callable[[str, float], None] | None = None
) -> SymmetryReport:
    """Run discovery on the training graphs of a task, as the configuration says.

    Args:
        config: Composed configuration; ``config.discovery`` holds options of
            :func:`semola_geo.discover_symmetry`, and under ``thresholds`` those of
            :class:`semola_geo.discovery.Thresholds`.
        task: The task.
        on_stage: Told about each stage, in place of progress bars.
    """
    model = network_factory(config.model, task)
    options = {"progress": on_stage is None} | plain_options(config.discovery)
    thresholds = Thresholds(**options.pop("thresholds", {}))
    others = set(task.labels) - {task.target}
    return discover_symmetry(
        task.train,
        target=task.target,
        # The default network reads every declared field, so it must not hear of other labels.
        fields={
            name: representation
            for name, representation in task.fields.items()
            if model is not None or name not in others
        },
        ambient=config.ambient,
        model=model,
        seed=int(config.seed),
        thresholds=thresholds,
        on_stage=on_stage,
        **options,
    )


def make_plan(config: DictConfig, task: Task, folder: Path, progress: Progress) -> Plan:
    """Discover where the method asks for it, and turn the budget into a number of steps.

    Args:
        config: Composed configuration.
        task: Its task.
        folder: Where the plan and the discovery report are kept; a plan found there is used.
        progress: Told what is going on.

    Raises:
        ValueError: If the budget is not positive.
    """
    path = folder / "plan.json"
    if path.is_file():
        return Plan.load(path)
    found: dict[str, Any] = {}
    finding = None
    began, cpu = time.perf_counter(), time.process_time()
    if config.method.start == "discovery":
        report = discover(config, task, on_stage=progress.update)
        report.save(folder / "discovery")
        finding = Finding.of(report)
        found = found_labels(report.to_dict())
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    plan = Plan(0, found, finding, seconds, cpu)
    steps = config.budget.steps.get(config.method.name)
    if steps is None:
        progress.update("measuring", 0.0)
        module = build_module(config, task, build_transform(config, task, finding), None)
        steps = steps_within(float(config.budget.seconds), module, config, task)
    plan = replace(plan, steps=int(steps))
    write_json(path, asdict(plan))
    return plan
