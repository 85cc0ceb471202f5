"""The learning task that a configuration describes: data, splits, fields and target."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hydra.errors import InstantiationException
from hydra.utils import get_object, instantiate
from omegaconf import DictConfig, OmegaConf
from torch_geometric.data import Data

from semola_geo.datasets.split import random_split
from semola_geo.fields import Fields, space_dimension
from semola_geo.models.default import position_field
from semola_geo.representations import parse_representation

__all__ = ["Task", "create"]


@dataclass(frozen=True)
class Task:
    """Graphs in three splits and what is to be learned from them.

    Attributes:
        train: Training graphs.
        val: Validation graphs.
        test: Test graphs.
        fields: Name → representation of every floating-point field.
        target: Name of the field to predict.
        level: ``"graph"`` or ``"node"``, whatever the target has one row per.
        output_shape: Shape of the target behind its leading axis.
        unit: Unit of the target, empty if unknown.
        labels: Fields that no model may read, the target among them.
        summary: What the data set takes each field for, where it had to find out; else empty.
        categorical: Whether the target is 1 at one class and 0 at all others, as a data set says
            that names it in ``CATEGORICAL``.
    """

    train: Sequence[Data]
    val: Sequence[Data]
    test: Sequence[Data]
    fields: dict[str, str]
    target: str
    level: str
    output_shape: tuple[int, ...]
    unit: str
    labels: tuple[str, ...]
    summary: str = ""
    categorical: bool = False

    @property
    def dimension(self) -> int:
        """Dimension of space."""
        return space_dimension(self.fields, self.train[0])

    @property
    def node_inputs(self) -> dict[str, tuple[str, tuple[int, ...]]]:
        """Representation and trailing shape of the node fields that a model may read.

        Coordinates are among them, labels are not.
        """
        sample = self.train[0]
        return {
            name: (representation, tuple(int(size) for size in sample[name].shape[1:]))
            for name, representation in self.fields.items()
            if name not in self.labels and name in sample and _per_node(self.train, name)
        }

    @property
    def position(self) -> str | None:
        """Name of the field that networks take for coordinates; ``None`` without node inputs."""
        inputs = list(self.node_inputs)
        return position_field(inputs, self.fields) if inputs else None

    @classmethod
    def from_config(cls, config: DictConfig) -> Task:
        """Load the data that ``config.data`` names.

        A data set class with an argument ``split`` is asked for its own splits; any other data set
        is cut by a random permutation with seed ``config.data.seed`` (0 if there is none).

        Args:
            config: Composed configuration with ``data``, ``target`` and ``fields``.

        Raises:
            ValueError: For an unknown option or target, undeclared fields, or a target that is
                said to be categorical and cannot be.
            FileNotFoundError: If a data file is missing.
        """
        splits, source = _load(config.data)
        declared = config.get("fields")
        if declared is None:
            fields = getattr(source, "fields", None)
            if not isinstance(fields, Mapping):
                raise ValueError(
                    f"{type(source).__name__} declares no fields; name the representation of each, "
                    "such as '+fields={pos: point, dipole: vector}'"
                )
            declared = fields
        declared = {str(name): str(representation) for name, representation in declared.items()}
        target, first = str(config.target), splits["train"][0]
        if target not in declared or target not in first:
            choices = ", ".join(name for name in declared if name in first and name != "pos")
            raise ValueError(
                f"unknown target {target!r}; the data declare {choices or 'no target at all'}"
            )
        Fields(declared, int(first.pos.shape[-1]) if "pos" in first else 3)
        rows, nodes = int(first[target].shape[0]), int(first.num_nodes)
        units = getattr(source, "UNITS", {})
        return cls(
            **splits,
            fields=declared,
            target=target,
            # One row in a graph of one atom is ambiguous: the largest graph decides.
            level="node" if rows == nodes and _per_node(splits["train"], target) else "graph",
            output_shape=tuple(int(size) for size in first[target].shape[1:]),
            unit=str(units.get(target, "")) if isinstance(units, Mapping) else "",
            labels=tuple(dict.fromkeys((target, *getattr(source, "targets", ())))),
            summary=_summary(source),
            categorical=_is_categorical(source, target, declared[target], first),
        )


def create(config: Any, **arguments: Any) -> Any:
    """Instantiate a ``_target_`` and tell a user's mistake as what it is.

    Args:
        config: A node with ``_target_`` and options.
        **arguments: Further arguments.

    Raises:
        ValueError: If there is no such class, or for an option it does not know.
        TypeError: As the class itself.
        FileNotFoundError: As the class itself.
        ImportError: If the class needs a library that is not installed.

    >>> create(OmegaConf.create({"_target_": "torch.nn.Linear"}), in_features=2, out_features=1)
    Linear(in_features=2, out_features=1, bias=True)
    """
    options = OmegaConf.to_container(config, resolve=True)
    assert isinstance(options, dict)
    target = str(options["_target_"])
    allowed = _parameters(target)
    unknown = [str(name) for name in options if name != "_target_" and str(name) not in allowed]
    if unknown and "**" not in allowed:
        raise ValueError(
            f"{target} has no option {', '.join(map(repr, unknown))}; it has {', '.join(allowed)}"
        )
    try:
        return instantiate(options, **arguments, _convert_="all")
    except InstantiationException as error:
        cause = error.__cause__
        if isinstance(cause, ValueError | TypeError | FileNotFoundError | ImportError):
            raise cause from None
        raise


def _parameters(target: str) -> list[str]:
    try:
        constructor = get_object(target)
    except Exception as error:
        raise ValueError(f"cannot import {target!r}: {error}") from None
    parameters = inspect.signature(constructor).parameters.values()
    wild = ["**"] if any(p.kind is p.VAR_KEYWORD for p in parameters) else []
    return wild + [p.name for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]


def _load(config: DictConfig) -> tuple[dict[str, Sequence[Data]], Any]:
    missing = sorted(OmegaConf.missing_keys(config))
    if missing:
        given = " ".join(f"{name}=..." for name in missing)
        raise ValueError(f"the data need {', '.join(missing)}: say {given}")
    parameters = _parameters(str(config._target_))
    if "split" in parameters and "split" not in config:
        splits = {name: create(config, split=name) for name in ("train", "val", "test")}
        return splits, splits["train"]
    options = OmegaConf.to_container(config, resolve=True)
    assert isinstance(options, dict)
    seed = options.get("seed") or 0
    if "seed" not in parameters:  # Then it is the seed of the split alone.
        options.pop("seed", None)
    dataset = create(OmegaConf.create(options))
    return {**random_split(dataset, int(seed))}, dataset


def _is_categorical(source: Any, target: str, representation: str, sample: Data) -> bool:
    if target not in getattr(source, "CATEGORICAL", ()):
        return False
    shape = tuple(sample[target].shape)
    if not parse_representation(representation).is_invariant or len(shape) != 2 or shape[1] < 2:
        raise ValueError(
            f"{type(source).__name__} says that target {target!r} is categorical, but it is a "
            f"{representation!r} of shape {shape}; declare it 'scalar', with a row per graph or "
            "node of at least two classes, 1 for the right one and 0 for all others"
        )
    return True


def _summary(source: Any) -> str:
    summary = getattr(source, "summary", None)
    return str(summary()) if callable(summary) else ""


def _per_node(graphs: Sequence[Data], target: str) -> bool:
    return all(graphs[i][target].shape[0] == graphs[i].num_nodes for i in range(len(graphs))[:64])
