r"""What is true along directions: how much the exact map violates them, and whether data move.

Both are measured the way discovery defines them, with the exact map in place of teachers and the
exact tangent space of the data in place of nearest neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch_geometric.data import Batch, Data

from semola_geo.discovery.change import squared_deviations
from semola_geo.discovery.forms import ViolationForms
from semola_geo.discovery.lie_derivative import Teacher, displacements
from semola_geo.discovery.measure import unknown_output_forms, violation_forms
from semola_geo.discovery.support import Support
from semola_geo.fields import Fields
from semola_geo.ground_truth.task import TARGET, GroundTruthTask, Inputs
from semola_geo.groups import parse_ambient

__all__ = [
    "Truth",
    "exact_batch",
    "exact_forms",
    "exact_labels",
    "exact_support",
    "truth_along",
]

_COUNT, _SEED = 1000, 10**6


@dataclass(frozen=True)
class Truth:
    """What is true along some directions.

    Attributes:
        violation: Relative violation λ of the exact map, ``[k]``; NaN for pure noise.
        leaving: Share of the displacement that leaves the data, ``[k]``; 1 where nothing moves.
        change: Change of the exact target in its deviations, ``[k]``; NaN for pure noise. See
            :class:`semola_geo.discovery.change.TargetChange`.
    """

    violation: Tensor
    leaving: Tensor
    change: Tensor


def truth_along(task: GroundTruthTask, generators: Tensor, declared: bool = True) -> Truth:
    """Return the truth along directions, on fresh data.

    Args:
        task: The task.
        generators: ``[k, n, n]``, in the data's units.
        declared: Whether the target transforms as the task says; otherwise as violates least.

    >>> from semola_geo.ground_truth import TASKS
    >>> task = TASKS["centred"]
    >>> truth_along(task, task.symmetry.generators).violation.abs().max() < 1e-12
    tensor(True)
    """
    batch = exact_batch(task)
    leaving = exact_support(task, batch, generators).share(torch.eye(len(generators)).double())
    if task.label is None:
        unknown = torch.full_like(leaving, torch.nan)
        return Truth(unknown, leaving, unknown)
    forms = exact_forms(task, batch, generators, declared)
    violation = forms.violation.diagonal()
    variance = squared_deviations([exact_labels(task, batch)]).sum() / batch.num_graphs
    change = (violation / (forms.graphs * variance)).clamp_min(0.0).sqrt()
    return Truth(violation / forms.scale.diagonal(), leaving, change)


def exact_batch(task: GroundTruthTask, count: int = _COUNT) -> Batch:
    """Return graphs with inputs only, in float64."""
    inputs = task.draw(count, torch.Generator().manual_seed(_SEED))
    return Batch.from_data_list(
        [Data(**{name: values[row] for name, values in inputs.items()}) for row in range(count)]
    )


def exact_labels(task: GroundTruthTask, batch: Batch) -> Tensor:
    """Return the exact target of each graph, ``[graphs, *trailing]``.

    Raises:
        ValueError: If labels are pure noise.
    """
    return _exact_teacher(task)(batch)


def exact_forms(
    task: GroundTruthTask, batch: Batch, generators: Tensor, declared: bool = True
) -> ViolationForms:
    """Return violation and scale of the exact map; for ``declared`` see :func:`truth_along`.

    Raises:
        ValueError: If labels are pure noise.
    """
    fields = Fields(task.fields, parse_ambient(task.ambient).dimension)
    inputs = Fields(task.inputs, fields.dimension)
    teacher = _exact_teacher(task)
    arguments = [(teacher, teacher)], [batch], fields, inputs, TARGET, generators
    if declared:
        return violation_forms(*arguments)[0]
    return unknown_output_forms(*arguments)[0][0]


def _exact_teacher(task: GroundTruthTask) -> Teacher:
    if task.label is None:
        raise ValueError(f"task {task.name!r} has pure-noise labels: there is no exact map")
    label = task.label

    def teacher(batch: Batch) -> Tensor:
        return label(_dense(task, batch))

    return teacher


def _dense(task: GroundTruthTask, batch: Batch) -> Inputs:
    return {
        name: batch[name].reshape(batch.num_graphs, -1, *batch[name].shape[1:])
        for name in task.inputs
    }


def exact_support(task: GroundTruthTask, batch: Batch, generators: Tensor) -> Support:
    """Return the share of displacements along the gradients of the constraints of a task.

    Fields are weighed as :func:`semola_geo.discovery.tangent_support` does.
    """
    fields = Fields(task.inputs, parse_ambient(task.ambient).dimension)
    moved = displacements(batch, fields, generators)
    graphs = batch.num_graphs
    dense = {name: values.clone().requires_grad_() for name, values in _dense(task, batch).items()}
    motions, spreads = [], {}
    for name, field in moved.items():
        flat = batch[name].reshape(graphs, -1)
        spreads[name] = (flat - flat.mean(0)).square().mean().sqrt()
        per_graph = field.reshape(graphs, -1, *field.shape[1:]).transpose(1, 2)
        motions.append(per_graph.reshape(graphs, len(generators), -1) / spreads[name])
    motion = torch.cat(motions, dim=2)
    total = torch.einsum("bjw,bkw->jk", motion, motion)
    if task.constraint is None:
        return Support(torch.zeros_like(total), total, "exact")
    normals = []
    for column in task.constraint(dense).unbind(1):
        grads = torch.autograd.grad(
            column.sum(), [dense[name] for name in moved], retain_graph=True, allow_unused=True
        )
        parts = [
            (torch.zeros_like(dense[name]) if grad is None else grad).reshape(graphs, -1)
            * spreads[name]
            for name, grad in zip(moved, grads, strict=True)
        ]
        normals.append(torch.cat(parts, dim=1))
    frame = torch.linalg.qr(torch.stack(normals, dim=2)).Q
    leaving = motion @ frame
    return Support(torch.einsum("bjw,bkw->jk", leaving, leaving), total, "exact")
