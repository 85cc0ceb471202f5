"""A method of the comparison: its augmentation, and the module it trains."""

from __future__ import annotations

from typing import Any

import torch
from omegaconf import DictConfig, OmegaConf

from semola_geo.algebra import LieAlgebra
from semola_geo.comparison.finding import Finding
from semola_geo.comparison.known_group import in_dimension
from semola_geo.comparison.network import build_network
from semola_geo.comparison.task import Task, create
from semola_geo.groups import AmbientGroup, parse_ambient, split_ambient
from semola_geo.training import SymmetryRegularizedModule
from semola_geo.transforms import (
    LearnablePermutationTransform,
    LearnableSymmetryTransform,
    ProductTransform,
    RandomPermutationTransform,
    RandomSymmetryTransform,
    ReplayableTransform,
    SlotTransform,
    TimeReversalTransform,
    data_units,
)
from semola_geo.transforms.base import SymmetryTransform

__all__ = ["build_module", "build_transform", "plain_options"]


def build_transform(
    config: DictConfig, task: Task, finding: Finding | None
) -> ReplayableTransform[Any] | None:
    """Build the transform that ``config.method`` trains with.

    Args:
        config: Composed configuration; ``method.start`` says where the transform comes from.
        task: Its task.
        finding: What discovery found, for ``method.start=discovery``.

    Returns:
        The transform; ``None`` for plain training, also where discovery found nothing.

    Raises:
        ValueError: For an unknown ``method.start`` or option.
    """
    start, options = config.method.start, config.method.transform
    if start is None:
        return None if options is None else _known_group(options, task)
    if start not in ("discovery", "random"):
        raise ValueError(f"method.start must be null, 'discovery' or 'random', got {start!r}")
    group, slots, time = split_ambient(config.ambient)
    continuous = None if group is None else _continuous(config, task, group, finding)
    exchanges = None if slots is None else _exchanges(config, task, slots, finding)
    reversal = _reversal(config, task, finding) if time else None
    given = [part for part in (continuous, exchanges, reversal) if part is not None]
    if len(given) < 2:
        return given[0] if given else None
    return ProductTransform(continuous, exchanges, reversal)


def _reversal(
    config: DictConfig, task: Task, finding: Finding | None
) -> TimeReversalTransform | None:
    """Time reversal in half of the graphs, where it was found or is taken for granted."""
    if config.method.start == "discovery" and not (finding and finding.time_reversal):
        return None
    return TimeReversalTransform(task.fields, dimension=task.dimension)


def _continuous(
    config: DictConfig, task: Task, group: str | AmbientGroup, finding: Finding | None
) -> SymmetryTransform | None:
    """Motions of coordinates: along the algebra that was found, or one learned from scratch."""
    chosen = plain_options(config.method.transform)
    scale, center = data_units(task.train, task.position or "pos")
    chosen["length_scale"] = scale
    if parse_ambient(group).affine:
        chosen["center"] = center
    if config.method.start == "random":
        generator = torch.Generator().manual_seed(int(config.seed))
        return LearnableSymmetryTransform(task.fields, group, generator=generator, **chosen)
    if finding is None or finding.algebra is None:
        finite = None if finding is None else finding.finite_group
        return None if finite is None else RandomSymmetryTransform(task.fields, finite)
    chosen.setdefault("reflections", finding.reflections)
    return LearnableSymmetryTransform.from_algebra(
        finding.algebra, task.fields, ambient=group, **chosen
    )


def _exchanges(
    config: DictConfig, task: Task, slots: int, finding: Finding | None
) -> SlotTransform | None:
    """Exchanges of node slots: uniform on the group that was found, or learned from scratch."""
    dimension = task.dimension
    if config.method.start == "random":
        return LearnablePermutationTransform(
            task.fields,
            slots,
            dimension=dimension,
            generator=torch.Generator().manual_seed(int(config.seed)),
        )
    group = None if finding is None else finding.exchanges
    if group is None:
        return None
    return RandomPermutationTransform(task.fields, group, dimension=dimension)


def _known_group(options: DictConfig, task: Task) -> ReplayableTransform[Any]:
    own: dict[str, Any] = {}
    if isinstance(options.get("group"), str):
        own["group"] = in_dimension(options.group, task.dimension)
    transform = create(options, fields=task.fields, **own)
    if not isinstance(transform, ReplayableTransform):
        raise TypeError(
            f"method.transform must be a transform of semola_geo.transforms, got {type(transform)}"
        )
    return transform


def build_module(
    config: DictConfig,
    task: Task,
    transform: ReplayableTransform[Any] | None,
    max_steps: int | None,
) -> SymmetryRegularizedModule:
    """Build the Lightning module of a method.

    Args:
        config: Composed configuration.
        task: Its task.
        transform: Its augmentation.
        max_steps: Length of training, which the learning-rate schedule has to know; ``None``:
            not known yet.

    Raises:
        ValueError: For an unknown option or reference algebra.
    """
    method = config.method
    # Initial weights come from the global generator; the state of the caller is left alone.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(config.seed))
        network = build_network(config.model if method.model is None else method.model, task)
    options = (
        plain_options(config.trainer.module)
        | plain_options(method.get("module"))
        | plain_options(config.trainer.methods.get(method.name))
    )
    reference = config.reference
    return SymmetryRegularizedModule(
        network,
        transform,
        target=task.target,
        fields=task.fields,
        objective=create(method.objective),
        max_steps=max_steps,
        seed=int(config.seed),
        reference=None if reference is None else LieAlgebra.from_name(reference),
        categorical=task.categorical,
        **options,
    )


def plain_options(config: Any) -> dict[str, Any]:
    """Return a configuration node as keyword arguments; ``None`` gives none.

    >>> plain_options(OmegaConf.create({"lr": 0.01})), plain_options(None)
    ({'lr': 0.01}, {})
    """
    plain = OmegaConf.to_container(config, resolve=True) if OmegaConf.is_config(config) else config
    return {str(name): value for name, value in (plain or {}).items()}  # type: ignore[union-attr]
