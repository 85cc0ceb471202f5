"""Measure a trained module on test data: errors, equivariance, speed and the algebra it learned."""

from __future__ import annotations

from typing import Any

from omegaconf import DictConfig

from semola_geo.comparison.metrics import (
    mean_absolute_error,
    num_parameters,
    rotation_errors,
    throughput,
)
from semola_geo.comparison.reference import angles_to
from semola_geo.comparison.task import Task
from semola_geo.fields import Fields
from semola_geo.training import GraphLoader, SymmetryRegularizedModule
from semola_geo.transforms import LearnableSymmetryTransform

__all__ = ["describe_algebra", "measure"]


def measure(module: SymmetryRegularizedModule, task: Task, options: DictConfig) -> dict[str, Any]:
    """Return errors, throughput and size of a trained module.

    Args:
        module: The trained module; put into evaluation mode.
        task: Its task.
        options: ``batch_size``, ``rotations``, ``group`` and ``seed`` of the evaluation, and the
            ``extent`` of a group that is not compact.
    """
    module.eval()
    batches = list(GraphLoader(task.test, int(options.batch_size), shuffle=False))
    fields = Fields(task.fields, int(batches[0].pos.shape[-1]))
    units = module.normalizer
    scale = 1.0 if units is None else float(units.scale.square().mean().sqrt())
    rotated, violation = rotation_errors(
        module,
        batches,
        task.target,
        fields,
        scale=scale,
        rotations=int(options.rotations),
        group=str(options.group),
        extent=options.get("extent"),
        seed=int(options.seed),
    )
    return {
        "test_error": mean_absolute_error(module, batches, task.target),
        "rotated_error": rotated,
        "equivariance_error": violation,
        "throughput": throughput(module, batches[0]),
        "throughput_batch": int(batches[0].num_graphs),
        "parameters": num_parameters(module.model),
    }


def describe_algebra(module: SymmetryRegularizedModule, reference: str | None) -> dict[str, Any]:
    """Return the learned algebra as plain values, with its angles to a reference in degrees.

    Args:
        module: The trained module.
        reference: Name of an algebra, or ``None``.

    Raises:
        ValueError: If there is no algebra of that name.
    """
    transform = module.transform
    if not isinstance(transform, LearnableSymmetryTransform):
        return {}
    algebra, scale = transform.algebra, transform.length_scale
    out: dict[str, Any] = {
        "generators": algebra.generators.tolist(),
        "extents": transform.extents.detach().tolist(),
        "length_scale": scale,
    }
    if reference is not None:
        out |= angles_to(algebra, reference, scale)
    return out
