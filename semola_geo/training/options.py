"""Options of a training module: checked, and as plain values for the fingerprint of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from torch import nn

from semola_geo.transforms import ReplayableTransform

if TYPE_CHECKING:
    from semola_geo.training.module import SymmetryRegularizedModule

__all__ = [
    "check_module_options",
    "describe_parameters",
    "module_configuration",
    "plain_attributes",
]


def check_module_options(module: SymmetryRegularizedModule) -> None:
    """Check what can be checked before there are data.

    Raises:
        ValueError: Naming the option, what was given and what is allowed.
    """
    _check_target(module.target, module.fields, module.transform)
    for name in ("lr", "basis_lr", "max_steps", "gradient_clip"):
        value = getattr(module, name)
        if value is not None and not value > 0:
            raise ValueError(f"{name} must be positive, got {value}")
    for name in ("weight_decay", "seed"):
        value = getattr(module, name)
        if not value >= 0:
            raise ValueError(f"{name} must be >= 0, got {value}")
    if not 0 <= module.warmup < 1:
        raise ValueError(f"warmup is a share of the steps in [0, 1), got {module.warmup}")


def _check_target(
    target: str, fields: Mapping[str, str], transform: ReplayableTransform[Any] | None
) -> None:
    if target not in fields:
        raise ValueError(f"target {target!r} is not declared in fields: {', '.join(fields)}")
    if transform is None:
        return
    if target not in transform.fields:
        raise ValueError(
            f"the transform does not move the target {target!r}, only "
            f"{', '.join(transform.fields)}: its labels would be wrong after augmentation"
        )
    moved = str(transform.fields[target])
    if moved != fields[target]:
        raise ValueError(
            f"target {target!r} is {fields[target]!r} in fields, but {moved!r} in the transform"
        )


def module_configuration(module: SymmetryRegularizedModule) -> dict[str, Any]:
    """Return the options that decide the result of training, as plain values."""
    return {
        "target": module.target,
        "fields": dict(module.fields),
        "categorical": module.categorical,
        "loss": "cross-entropy" if module.categorical else "squared error",
        **module.objective.configuration(),
        "lr": module.lr,
        "basis_lr": module.basis_lr,
        "weight_decay": module.weight_decay,
        "max_steps": module.max_steps,
        "warmup": module.warmup,
        "gradient_clip": module.gradient_clip,
        "seed": module.seed,
        "model": describe_parameters(module.model),
        "model_options": plain_attributes(module.model),
        "transform": None if module.transform is None else repr(module.transform),
        "transform_options": {} if module.transform is None else plain_attributes(module.transform),
    }


def describe_parameters(model: nn.Module) -> str:
    """Describe a model by its class and the shapes of its parameters.

    >>> describe_parameters(nn.Linear(2, 1))
    'Linear(weight: 1x2, bias: 1)'
    """
    shapes = [
        f"{name}: {'x'.join(map(str, parameter.shape)) or 'scalar'}"
        for name, parameter in model.named_parameters()
    ]
    return f"{type(model).__name__}({', '.join(shapes)})"


def plain_attributes(module: nn.Module) -> dict[str, bool | int | float | str]:
    """Return the options that a module and its parts keep as public attributes.

    >>> plain_attributes(nn.Sequential(nn.Dropout(0.1)))
    {'0.p': 0.1, '0.inplace': False}
    """
    return {
        f"{path}.{name}".lstrip("."): value
        for path, part in module.named_modules()
        for name, value in vars(part).items()
        if name != "training" and name[0] != "_" and isinstance(value, bool | int | float | str)
    }
