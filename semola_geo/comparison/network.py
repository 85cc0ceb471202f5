"""The network of a cell: the library's own, or anybody's by its ``_target_``."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from math import prod
from typing import Any

from omegaconf import DictConfig
from torch import Tensor, nn
from torch_geometric.data import Data

from semola_geo.comparison.task import Task, create
from semola_geo.fields import num_graphs
from semola_geo.models import default_model
from semola_geo.models.input_units import input_units, sample_graphs

__all__ = ["PluggedModel", "build_network", "network_factory"]

# What a model calls its argument when it wants all of the data.
_WHOLE = ("data", "batch", "graph", "inputs")


class PluggedModel(nn.Module):
    """A foreign PyG model, called with the fields its ``forward`` asks for by name.

    ``forward(z, pos, batch)`` gets ``data.z``, ``data.pos`` and ``data.batch``; a ``forward`` that
    requires one argument only, called ``data``, ``batch``, ``graph`` or ``inputs``, gets the data
    themselves. An output ``[B, 1]`` is reshaped to the target's shape.

    Args:
        model: The model.
        output_shape: Shape of the target behind its leading axis.

    Raises:
        ValueError: When called, if the data lack a field that the model asks for.

    >>> import torch
    >>> class Sum(nn.Module):
    ...     def forward(self, pos: Tensor, batch: Tensor) -> Tensor:
    ...         return torch.zeros(1, 3).index_add(0, batch, pos)
    >>> data = Data(pos=torch.ones(2, 3), batch=torch.zeros(2, dtype=torch.long))
    >>> PluggedModel(Sum(), (3,))(data)
    tensor([[2., 2., 2.]])
    """

    def __init__(self, model: nn.Module, output_shape: tuple[int, ...]) -> None:
        super().__init__()
        self.model = model
        self.output_shape = output_shape
        parameters = inspect.signature(model.forward).parameters.values()
        named = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
        required = [p.name for p in named if p.default is p.empty]
        self._takes_data = len(required) == 1 and required[0] in _WHOLE
        self._arguments = named

    def forward(self, data: Data) -> Tensor:
        """Call the model and shape its output, ``[rows, *output_shape]``."""
        output = self.model(data) if self._takes_data else self.model(**self._fields(data))
        if not isinstance(output, Tensor):
            output = output[0]
        shaped: Tensor = output.reshape(-1, *self.output_shape)
        return shaped

    def _fields(self, data: Data) -> dict[str, Any]:
        known: dict[str, Any] = {"batch_size": num_graphs(data)}
        fields = {}
        for parameter in self._arguments:
            value = data.get(parameter.name, known.get(parameter.name))
            if value is not None:
                fields[parameter.name] = value
            elif parameter.default is parameter.empty:
                raise ValueError(
                    f"{type(self.model).__name__}.forward asks for {parameter.name!r}, which the "
                    f"data do not have; they have {', '.join(map(str, data.keys()))}"
                )
        return fields


def build_network(config: DictConfig, task: Task) -> nn.Module:
    """Build a model for a task; what the task knows is handed to whoever asks for it by name.

    The library's models take ``representation``, ``level``, ``output_shape``, ``position``,
    ``dimension``, ``node_inputs`` and, for slots, ``num_nodes``; other models take what their
    constructor declares and the rest is left out. With ``scales: data`` the units and the centre of
    the inputs are those of the training data.

    Args:
        config: A node with ``_target_`` (``None``: the library's default) and options.
        task: The task.

    Raises:
        ValueError: If there is no such class, for an option it does not know, or if a model of the
            library reads coordinates ``pos`` and there are none.
    """
    sample, inputs = task.train[0], task.node_inputs
    if config.get("_target_") is None:
        return default_model(task.train, task.fields, task.target, inputs=list(inputs))
    known = {
        "representation": task.fields[task.target],
        "level": task.level,
        "output_shape": task.output_shape,
        "species": "z" in sample,
        "num_nodes": int(sample.num_nodes),
    }
    position = task.position
    if position is not None:
        shape = inputs.pop(position)[1]
        known |= {"position": position, "dimension": prod(shape), "node_inputs": inputs or None}
    parameters = inspect.signature(_constructor(str(config._target_))).parameters
    offered = {name: value for name, value in known.items() if name in parameters}
    own = {name: value for name, value in offered.items() if name not in config}
    ours = "representation" in parameters
    if ours and (position is None or (position != "pos" and "position" not in parameters)):
        raise ValueError(
            f"{config._target_} reads coordinates 'pos' of nodes, which the data do not declare; "
            "semola_geo.models.MPNN and SlotMLP read any declared field of nodes"
        )
    if position is not None and config.get("scales") == "data":
        center, scales = input_units(sample_graphs(task.train), [position, *inputs], position)
        own |= {"center": center, "scales": scales}
    model: nn.Module = create(config, **own)
    return model if ours else PluggedModel(model, task.output_shape)


def network_factory(config: DictConfig, task: Task) -> Callable[[], nn.Module] | None:
    """Return what builds fresh networks of a configuration; ``None`` for the library's default.

    Args:
        config: A node with ``_target_`` and options.
        task: The task.
    """
    if config.get("_target_") is None:
        return None
    return lambda: build_network(config, task)


def _constructor(target: str) -> Any:
    from hydra.utils import get_object

    try:
        return get_object(target)
    except Exception as error:
        raise ValueError(f"cannot import model {target!r}: {error}") from None
