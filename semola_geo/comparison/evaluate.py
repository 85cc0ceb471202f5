"""Measure a trained module on test data: errors, equivariance, speed and the algebra it learned."""

from __future__ import annotations

from typing import Any

from hydra.utils import instantiate
from omegaconf import DictConfig

from semola_geo.comparison.known_group import in_dimension
from semola_geo.comparison.metrics import mean_score, moved_score, num_parameters, throughput
from semola_geo.comparison.reference import angles_to
from semola_geo.comparison.score import score_for
from semola_geo.comparison.task import Task
from semola_geo.training import GraphLoader, SymmetryRegularizedModule
from semola_geo.transforms import (
    LearnableSymmetryTransform,
    ProductTransform,
    RandomPermutationTransform,
    RandomSymmetryTransform,
    ReplayableTransform,
)

__all__ = ["build_mover", "describe_algebra", "measure"]


def measure(module: SymmetryRegularizedModule, task: Task, options: DictConfig) -> dict[str, Any]:
    """Return errors (of classes: accuracy), throughput and size of a trained module.

    Args:
        module: The trained module; put into evaluation mode.
        task: Its task.
        options: ``batch_size``, ``rotations``, ``group`` and ``seed`` of the evaluation, and the
            ``extent`` of a group that is not compact; ``exchanges``, a known group of
            permutations of node slots, takes the place of ``group``.

    Raises:
        ValueError: If the group does not suit the data.
    """
    module.eval()
    score = score_for(task.categorical)
    batches = list(GraphLoader(task.test, int(options.batch_size), shuffle=False))
    units = module.normalizer
    moved, violation = moved_score(
        module,
        batches,
        task.target,
        build_mover(task, options),
        score,
        scale=1.0 if units is None else float(units.scale.square().mean().sqrt()),
        samples=int(options.rotations),
        seed=int(options.seed),
    )
    return {
        "score": score.name,
        score.test: mean_score(module, batches, task.target, score),
        score.moved: moved,
        "moved": "rotated" if options.get("exchanges") is None else "exchanged",
        "equivariance_error": violation,
        "throughput": throughput(module, batches[0]),
        "throughput_batch": int(batches[0].num_graphs),
        "parameters": num_parameters(module.model),
    }


def build_mover(task: Task, options: DictConfig) -> ReplayableTransform[Any]:
    """Return what moves the test data.

    Args:
        task: The task.
        options: As for :func:`measure`.

    Raises:
        ValueError: If the group does not suit the data.
    """
    exchanges = options.get("exchanges")
    if exchanges is None:
        group = in_dimension(str(options.group), task.dimension)
        return RandomSymmetryTransform(
            task.fields, group, extent=options.get("extent"), strict=False
        )
    group = instantiate(exchanges, _convert_="all")
    return RandomPermutationTransform(task.fields, group, strict=False, dimension=task.dimension)


def describe_algebra(module: SymmetryRegularizedModule, reference: str | None) -> dict[str, Any]:
    """Return the learned algebra as plain values, with its angles to a reference in degrees.

    Args:
        module: The trained module.
        reference: Name of an algebra, or ``None``.

    Raises:
        ValueError: If there is no algebra of that name.
    """
    transform = module.transform
    if isinstance(transform, ProductTransform):
        transform = transform.continuous
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
