"""Lie derivatives of a trained model along every direction of the ambient algebra."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch_geometric.data import Batch

from semola_geo.fields import Fields, num_graphs, row_graphs
from semola_geo.representations import Representation

__all__ = [
    "MAX_EXACT_OUTPUTS",
    "LieDerivative",
    "OutputMotion",
    "Teacher",
    "displacements",
    "lie_derivative",
    "output_probes",
]

Teacher = Callable[[Batch], Tensor]
"""A trained model: a batch in, the target's batched values out, differentiable in the inputs."""

OutputMotion = Callable[[Tensor], Tensor]
"""Predictions ``[rows, q]`` → their motion along each generator, ``[rows, m, q]``."""

MAX_EXACT_OUTPUTS = 16
"""Components per graph up to which every one is differentiated."""


@dataclass(frozen=True)
class LieDerivative:
    r"""One teacher's derivatives on one batch, per graph and output probe; float64.

    Attributes:
        columns: :math:`C = DF[d\rho_{in}(E_j)x] - d\rho_{out}(E_j)F`, ``[probes, B, m]``.
        output_motion: :math:`d\rho_{out}(E_j)F`, ``[probes, B, m]``.
        gradients: Per input field, :math:`\partial F/\partial x`, ``[probes, rows, width]``.
        weight: How much each graph counts, ``[B]``; values hold the root of it as a factor.
    """

    columns: Tensor
    output_motion: Tensor
    gradients: dict[str, Tensor]
    weight: Tensor

    def weighted(self, weight: Tensor, rows: Mapping[str, Tensor]) -> LieDerivative:
        """Return the derivatives with other weights.

        Args:
            weight: Factors ``[B]`` on the weights.
            rows: Per input field, the graph of every row, ``[rows]``.
        """
        root = weight.sqrt()
        return LieDerivative(
            columns=self.columns * root[:, None],
            output_motion=self.output_motion * root[:, None],
            gradients={
                name: part * root[rows[name]][:, None] for name, part in self.gradients.items()
            },
            weight=self.weight * weight,
        )


def displacements(batch: Batch, fields: Fields, generators: Tensor) -> dict[str, Tensor]:
    r"""Return the displacement fields :math:`d\rho(E_j)x` of all fields that move.

    Args:
        batch: Graphs.
        fields: Fields to move; those that no generator moves are left out.
        generators: ``[m, n, n]`` in the data's units; n = d or d + 1.

    Returns:
        Name → ``[rows, m, width]`` (float64), the trailing axes flattened.
    """
    size = fields.dimension
    generators = generators.to(torch.float64)
    affine = generators.shape[-1] == size + 1
    moved = {}
    for name, representation in fields.items():
        if representation.is_invariant:
            continue
        values = batch[name].detach().to(torch.float64)
        rows, count = values.shape[0], len(generators)
        repeated = values.repeat_interleave(count, dim=0)
        index = torch.arange(count, device=values.device).repeat(rows)
        linear = generators[:, :size, :size].to(values.device)
        shift = generators[:, :size, -1] if affine else torch.zeros_like(generators[:, :, 0])
        field = representation.derivative(linear, shift.to(values.device), repeated, index)
        moved[name] = field.reshape(rows, count, -1)
    return moved


def output_probes(prediction: Tensor, graph_level: bool, generator: torch.Generator) -> Tensor:
    """Return output directions ``[probes, rows, width]`` with unit second moment.

    One per output component where there are few per graph (exact), else random signs, for which
    the mean of uᵀAuᵀB is the full sum over outputs.
    """
    rows = prediction.shape[0]
    width = prediction.reshape(rows, -1).shape[1]
    if graph_level and width <= MAX_EXACT_OUTPUTS:
        identity = torch.eye(width, dtype=torch.float64)
        exact: Tensor = identity[:, None, :].expand(width, rows, width)
        return exact
    count = 8
    signs = torch.randint(0, 2, (count, rows, width), generator=generator).to(torch.float64)
    return (2 * signs - 1) / math.sqrt(count)


def lie_derivative(
    teacher: Teacher,
    batch: Batch,
    fields: Fields,
    target: str,
    moved: dict[str, Tensor],
    generators: Tensor,
    probe_seed: int = 0,
    output_motion: OutputMotion | None = None,
) -> LieDerivative:
    """Differentiate one teacher along all generators, by one backward pass per output probe.

    The cost does not depend on the number of generators. Source: LieGG (arXiv 2210.04345, eq. 6),
    with an output representation.

    Args:
        teacher: Batch → prediction of the target's batched shape.
        batch: Graphs.
        fields: Declared fields, the target among them.
        target: Name of the target.
        moved: Displacements of the input fields, from :func:`displacements`.
        generators: ``[m, n, n]`` in the data's units.
        probe_seed: Seed of the random output probes; equal for teachers that are multiplied.
        output_motion: How each generator moves predictions; as declared when ``None``.

    Raises:
        ValueError: If the prediction has no rows of nodes or graphs, does not have the axes of its
            representation, is not finite, or does not depend on any input field that moves.
    """
    batch = copy.copy(batch)
    inputs = {name: batch[name].detach().clone().requires_grad_() for name in moved}
    for name, values in inputs.items():
        batch[name] = values
    with torch.enable_grad():
        prediction = teacher(batch)
        # A teacher may work on a device of its own; forms are collected where the batch is.
        prediction = prediction.to(next(iter(inputs.values())).device)
    graphs = num_graphs(batch)
    rows = prediction.shape[0]
    graph_level = rows == graphs
    flat = prediction.reshape(rows, -1)
    probes = output_probes(flat, graph_level, torch.Generator().manual_seed(probe_seed))
    probes = probes.to(flat.device)
    if not flat.requires_grad:
        raise ValueError(
            f"the teacher's prediction does not depend on {', '.join(inputs)}: it must read the "
            "declared input fields from the batch, and be differentiable in them"
        )
    if graph_level:
        row_graph = torch.arange(graphs, device=flat.device)
    elif rows == batch.num_nodes:
        row_graph = batch.batch
    else:
        raise ValueError(
            f"the teacher returned {rows} rows, but the batch has {graphs} graphs and "
            f"{batch.num_nodes} nodes; a teacher returns the batched shape of its target"
        )
    _check_output(prediction, fields[target], fields.dimension)
    if output_motion is not None:
        motion: Tensor | None = output_motion(flat.detach().to(torch.float64))
    else:
        holder = copy.copy(batch)
        holder[target] = prediction.detach()
        only = Fields({target: fields[target]}, fields.dimension)
        motion = displacements(holder, only, generators).get(target)
    columns, motions = [], []
    gradients: dict[str, list[Tensor]] = {name: [] for name in inputs}
    for number, probe in enumerate(probes):
        grads = torch.autograd.grad(
            flat,
            list(inputs.values()),
            grad_outputs=probe.to(flat),
            retain_graph=number + 1 < len(probes),
            allow_unused=True,
        )
        column = flat.new_zeros(graphs, len(generators), dtype=torch.float64)
        for (name, values), gradient in zip(inputs.items(), grads, strict=True):
            gradient = torch.zeros_like(values) if gradient is None else gradient
            dense = gradient.reshape(values.shape[0], -1).to(torch.float64)
            gradients[name].append(dense)
            along = torch.einsum("rw,rmw->rm", dense, moved[name])
            column.index_add_(0, row_graphs(batch, name), along)
        answer = torch.zeros_like(column)
        if motion is not None:
            answer.index_add_(0, row_graph, torch.einsum("rw,rmw->rm", probe, motion))
        columns.append(column - answer)
        motions.append(answer)
    return LieDerivative(
        columns=torch.stack(columns),
        output_motion=torch.stack(motions),
        gradients={name: torch.stack(parts) for name, parts in gradients.items()},
        weight=columns[0].new_ones(graphs),
    )


def _check_output(prediction: Tensor, representation: Representation, dimension: int) -> None:
    expected = representation.shape(dimension)
    trailing = tuple(prediction.shape[1:])[-len(expected) :] if expected else ()
    if trailing != expected:
        raise ValueError(
            f"the teacher returned shape {tuple(prediction.shape)}, but the target's "
            f"representation {str(representation)!r} in d = {dimension} needs trailing axes "
            f"{expected}"
        )
    if not bool(torch.isfinite(prediction).all()):
        raise ValueError("the teacher's prediction has NaN or infinite values")
