r"""Forms on pairs (A, R) of a generator and an unknown action on the output.

For an unknown output representation the violation is :math:`DF(x)[Ax] - RF(x) - b`, linear in the
generator A and in the affine map (R, b) of the output together. So V, P and the other forms live on
the algebra extended by all q (q + 1) affine maps of the output: further "generators" that move no
input. Source: the null space over (A, R) of LieGG (arXiv 2210.04345), here cross-fitted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import torch
from torch import Tensor
from torch_geometric.data import Batch

from semola_geo.discovery.cross_weights import CrossWeights
from semola_geo.discovery.forms import ViolationForms
from semola_geo.discovery.lie_derivative import (
    MAX_EXACT_OUTPUTS,
    LieDerivative,
    OutputMotion,
    Teacher,
)
from semola_geo.discovery.pair_derivatives import differentiate_pairs
from semola_geo.fields import Fields, row_graphs

__all__ = ["free_output_forms", "free_output_motion"]

_PARTS = 2


def free_output_motion(generators: int) -> OutputMotion:
    """Return the motion of outputs along generators that move none, then along all affine maps.

    Args:
        generators: Number m of generators of the algebra.

    >>> free_output_motion(1)(torch.tensor([[2.0, 3.0]]))[0].tolist()[:4]
    [[0.0, 0.0], [2.0, 0.0], [3.0, 0.0], [1.0, 0.0]]
    """

    def motion(values: Tensor) -> Tensor:
        rows, width = values.shape
        extended = torch.cat([values, values.new_ones(rows, 1)], dim=1)
        unit = torch.eye(width, dtype=values.dtype, device=values.device)
        maps = torch.einsum("rb,ac->rabc", extended, unit).reshape(rows, -1, width)
        return torch.cat([values.new_zeros(rows, generators, width), maps], dim=1)

    return motion


def free_output_forms(
    pairs: Sequence[tuple[Teacher, Teacher]],
    loader: Iterable[Batch],
    declared: Fields,
    inputs: Fields,
    target: str,
    generators: Tensor,
    weights: CrossWeights | None = None,
) -> list[list[ViolationForms]]:
    """Accumulate the forms on pairs (A, R), for every pair of teachers on two sets of graphs.

    Args:
        pairs: Teachers on disjoint halves.
        loader: Batches to differentiate at.
        declared: All declared fields; the target as plain numbers.
        inputs: Those that teachers read.
        target: Name of the target.
        generators: Basis of the ambient algebra, ``[m, n, n]`` in the data's units.
        weights: How much each graph counts; all alike when ``None``.

    Returns:
        Per pair of teachers, forms of size m + q (q + 1) on graphs of even and of odd number.

    Raises:
        ValueError: If the output has more than 16 components, the teachers do not fit the data,
            no input moves, or the loader is empty.
    """
    motion = free_output_motion(len(generators))
    forms: list[list[ViolationForms]] = []
    seen = 0
    for seed, batch in enumerate(loader):
        if not forms:
            # A prediction tells how many components there are; fields are checked before it.
            inputs.validate(batch, strict=False)
            width = _width(pairs[0][0], batch)
            size = len(generators) + width * (width + 1)
            still = generators.new_zeros(size - len(generators), *generators.shape[1:])
            extended = torch.cat([generators, still])
            forms = [[ViolationForms.zeros(size) for _ in range(_PARTS)] for _ in pairs]
        derivatives, moved = differentiate_pairs(
            pairs, batch, declared, inputs, target, extended, seed, weights, motion
        )
        weight = derivatives[0][0].weight
        number = torch.arange(len(weight), device=weight.device) + seen
        for place in range(_PARTS):
            chosen = number % _PARTS == place
            rows = {name: chosen[row_graphs(batch, name)] for name in moved}
            fields = {name: field[rows[name]] for name, field in moved.items()}
            for parts, (first, second) in zip(forms, derivatives, strict=True):
                parts[place].update(_take(first, chosen, rows), _take(second, chosen, rows), fields)
        seen += len(number)
    if not forms:
        raise ValueError("the loader is empty: no graph to differentiate the teachers at")
    return forms


def _take(derivative: LieDerivative, graphs: Tensor, rows: dict[str, Tensor]) -> LieDerivative:
    return replace(
        derivative,
        columns=derivative.columns[:, graphs],
        output_motion=derivative.output_motion[:, graphs],
        gradients={name: part[:, rows[name]] for name, part in derivative.gradients.items()},
        weight=derivative.weight[graphs],
    )


def _width(teacher: Teacher, batch: Batch) -> int:
    with torch.no_grad():
        prediction = teacher(batch)
    width = prediction[:1].numel()
    if width > MAX_EXACT_OUTPUTS:
        raise ValueError(
            f"the output has {width} components; an unknown representation is looked for among "
            f"at most {MAX_EXACT_OUTPUTS}: predict fewer of them at a time, or declare the target"
        )
    return width
