"""What has to be known before training starts: the algebra to train with, and for how long."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from omegaconf import DictConfig

from semola_geo.algebra import LieAlgebra
from semola_geo.comparison.method import build_module, build_transform, plain_options
from semola_geo.comparison.network import network_factory
from semola_geo.comparison.progress import Progress
from semola_geo.comparison.store import write_json
from semola_geo.comparison.task import Task
from semola_geo.comparison.training import steps_within
from semola_geo.discovery import SymmetryReport, discover_symmetry
from semola_geo.groups import PointGroup

__all__ = ["Plan", "discover", "make_plan"]


@dataclass(frozen=True)
class Plan:
    """Outcome of everything before training; saved, so that a killed run goes on with the same.

    Attributes:
        steps: Optimiser steps.
        found: Name and dimension that discovery reported, empty without discovery.
        generators: Generators ``[k, n, n]`` that discovery found, in the data's units.
        discovery_seconds: Wall-clock time of discovery.
        discovery_cpu_seconds: Processor time of discovery.
        reflections: Whether discovery found reflections to be symmetries, too; ``None``: it did
            not look for them.
        point_group: Elements ``[n, 3, 3]`` of the finite group that discovery found; ``None``: it
            did not look for one.
    """

    steps: int
    found: dict[str, Any]
    generators: list[Any] | None
    discovery_seconds: float
    discovery_cpu_seconds: float
    reflections: bool | None = None
    point_group: list[Any] | None = None

    @property
    def algebra(self) -> LieAlgebra | None:
        """The algebra that discovery found."""
        if not self.generators:
            return None
        return LieAlgebra(torch.tensor(self.generators, dtype=torch.float64))

    @property
    def finite_group(self) -> PointGroup | None:
        """The finite group that discovery found, if it holds more than the identity."""
        if self.point_group is None or len(self.point_group) == 1:
            return None
        return PointGroup(torch.tensor(self.point_group, dtype=torch.float64))


def discover(
    config: DictConfig, task: Task, *, on_stage: Callable[[str, float], None] | None = None
) -> SymmetryReport:
    """Run discovery on the training graphs of a task, as the configuration says.

    Args:
        config: Composed configuration; ``config.discovery`` holds options of
            :func:`semola_geo.discover_symmetry`.
        task: The task.
        on_stage: Told about each stage, in place of progress bars.
    """
    model = network_factory(config.model, task)
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
        progress=on_stage is None,
        on_stage=on_stage,
        **plain_options(config.discovery),
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
        return Plan(**json.loads(path.read_text()))
    found: dict[str, Any] = {}
    generators, reflections, elements = None, None, None
    began, cpu = time.perf_counter(), time.process_time()
    if config.method.start == "discovery":
        report = discover(config, task, on_stage=progress.update)
        report.save(folder / "discovery")
        found = {"algebra_name": report.name, "algebra_dim": report.dimension}
        generators = report.algebra.generators.tolist()
        if report.components:
            reflections = report.reflections
            found["group"] = report.group
        if report.point_group is not None:
            elements = report.point_group.elements.tolist()
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    plan = Plan(0, found, generators, seconds, cpu, reflections, elements)
    steps = config.budget.steps.get(config.method.name)
    if steps is None:
        progress.update("measuring", 0.0)
        transform = build_transform(config, task, plan.algebra, plan.reflections, plan.finite_group)
        module = build_module(config, task, transform, None)
        steps = steps_within(float(config.budget.seconds), module, config, task)
    plan = replace(plan, steps=int(steps))
    write_json(path, asdict(plan))
    return plan
