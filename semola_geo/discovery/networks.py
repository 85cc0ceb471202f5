"""Fresh networks for teachers: the user's own, or the default one for the fields at hand."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import nn
from torch_geometric.data import Data

from semola_geo.models.default import default_models

__all__ = ["NetworkFactory", "candidate_factories"]

_FEW = 64  # Graphs that tell nodes from graphs of one node.

NetworkFactory = Callable[[int], nn.Module]
"""Seed → freshly initialised network in normalised target units."""


def candidate_factories(
    model: nn.Module | Callable[[], nn.Module] | None,
    dataset: Sequence[Data],
    fields: Mapping[str, str],
    target: str,
    ambient: str,
) -> list[NetworkFactory]:
    """Return factories of the networks to try, best guess first.

    Args:
        model: A network (copied and re-initialised), a function that makes one, or ``None`` for
            the default networks.
        dataset: Graphs to size the default networks by.
        fields: Declared fields.
        target: The target.
        ambient: Name of the ambient group.

    Raises:
        TypeError: If ``model`` is neither a module nor a function.
    """
    if model is None:
        _tell_unread(dataset[:_FEW], fields, target)
        count = len(default_models(dataset, fields, target, ambient=ambient, seed=0))

        def default(position: int) -> NetworkFactory:
            return lambda seed: default_models(dataset, fields, target, ambient=ambient, seed=seed)[
                position
            ]

        return [default(position) for position in range(count)]
    if isinstance(model, nn.Module):
        return [lambda seed: _reinitialised(model, seed)]
    if callable(model):
        return [lambda seed: _made(model, seed)]
    raise TypeError(
        "model must be a torch.nn.Module, a function that returns one, or None for the default "
        f"network, got {type(model).__name__}"
    )


def _tell_unread(graphs: Sequence[Data], fields: Mapping[str, str], target: str) -> None:
    """Warn of declared inputs that the default networks do not read.

    Some may be labels: read without being asked for, they would give the target away.
    """
    unread = [
        name
        for name in fields
        if name != target and any(graph[name].shape[0] != graph.num_nodes for graph in graphs)
    ]
    if unread:
        warnings.warn(
            f"field(s) {', '.join(map(repr, unread))} have no row per node, and are not read by "
            "the default network: give a model that reads them, or leave them out of fields",
            stacklevel=2,
        )


def _made(make: Callable[[], nn.Module], seed: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return make()


def _reinitialised(model: nn.Module, seed: int) -> nn.Module:
    fresh = copy.deepcopy(model)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        # Parts before the whole, which may start its parts in a way of its own.
        for module in reversed(list(fresh.modules())):
            reset = getattr(module, "reset_parameters", None)
            if callable(reset):
                reset()
            elif next(module.parameters(recurse=False), None) is not None:
                warnings.warn(
                    f"{type(module).__name__} has parameters but no reset_parameters(): all "
                    "teachers start from its present weights, so that their errors may agree; "
                    "give a function that makes the network instead",
                    stacklevel=2,
                )
    return fresh
