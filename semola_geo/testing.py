"""Equivariance as a number and as an assertion, for any model."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import torch
from torch import Tensor
from torch_geometric.data import Data

from semola_geo.fields import Fields, num_graphs, row_graphs
from semola_geo.groups import (
    AmbientGroup,
    ProductElement,
    SlotPermutation,
    TimeReversal,
    cycle_notation,
)
from semola_geo.representations import Representation
from semola_geo.transforms import (
    Element,
    ProductTransform,
    SlotTransform,
    TimeReversalTransform,
    check_irreps,
    move_by,
    named_transform,
)
from semola_geo.transforms.base import SymmetryTransform

__all__ = ["assert_equivariant", "equivariance_error"]

Model = Callable[[Data], Tensor]
Declaration = Mapping[str, str | Representation]
Sampler = SymmetryTransform | SlotTransform | TimeReversalTransform | ProductTransform
Group = str | AmbientGroup | Sampler

_NAMES = (str, AmbientGroup)


class _Sides(NamedTuple):
    """Both sides of the equivariance equation for one element per graph, float64."""

    element: Element
    moved_input: Tensor
    moved_output: Tensor
    graphs: Tensor


def equivariance_error(
    model: Model,
    batch: Data,
    fields: Declaration,
    target: str,
    group: Group = "E(3)",
    *,
    num_samples: int = 8,
    generator: torch.Generator | None = None,
    strict: bool = True,
) -> float:
    r"""Return how far a model is from equivariant, relative to what it says.

    .. math:: \sqrt{\sum_{s,r} \|F(g_s x)_r - \rho(g_s) F(x)_r\|^2 \big/
              \sum_{s,r} \|\rho(g_s) F(x)_r - m\|^2}

    over samples s and rows r (graphs or nodes), with m the mean of :math:`\rho(g_s)F(x)_r`. The
    unit is thus the standard deviation of the outputs over the batch and the group: a large
    constant in an energy does not hide an error. 0 for an equivariant model, √2 for a vector that
    is never zero and does not turn.

    Args:
        model: Batch → predictions ``[B, ...]`` or ``[N, ...]``, in evaluation mode.
        batch: A ``Data`` or ``Batch``; scalars need several graphs. It is not changed.
        fields: Name → representation of the inputs and of the target.
        target: Name of what the model predicts; the batch need not have it.
        group: Name of a group such as ``"E(3)"``, ``"S(5)"``, ``"time"`` or ``"E(3) x S(5)"``
            (rotations and permutations of node slots are uniform; translations are as wide as the
            data), or a transform to sample from.
        num_samples: Elements per graph.
        generator: Source of randomness; a fresh one with seed 0 when ``None``.
        strict: Refuse a batch with undeclared floating-point fields.

    Raises:
        TypeError: As :meth:`semola_geo.fields.Fields.validate`, of the inputs or the prediction.
        ValueError: The same; or ``target`` is not declared, ``num_samples`` not positive, or slots
            are permuted in graphs of several sizes.

    >>> total = lambda batch: batch.pos.sum(0, keepdim=True)
    >>> data = Data(pos=torch.eye(3))
    >>> equivariance_error(total, data, {"pos": "vector", "sum": "vector"}, "sum", "SO(3)") < 1e-6
    True
    """
    sides = list(_sides(model, batch, fields, target, group, num_samples, generator, strict))
    residual = torch.cat([side.moved_input - side.moved_output for side in sides])
    expected = torch.cat([side.moved_output for side in sides])
    spread = float((expected - expected.mean(0)).square().sum())
    # Rounding of a constant output is no signal.
    floor = torch.finfo(torch.float32).eps ** 2 * float(expected.square().sum())
    violation = float(residual.square().sum())
    if violation == 0.0:
        return 0.0
    return float((violation / max(spread, floor)) ** 0.5) if max(spread, floor) > 0 else torch.inf


def assert_equivariant(
    model: Model,
    batch: Data,
    fields: Declaration,
    target: str,
    group: Group = "E(3)",
    *,
    atol: float = 1e-5,
    rtol: float = 1e-4,
    num_samples: int = 8,
    generator: torch.Generator | None = None,
    strict: bool = True,
) -> None:
    """Assert F(gx) = ρ(g)F(x) for random elements; for the test suites of models.

    Args:
        model: As for :func:`equivariance_error`, like ``batch``, ``fields``, ``target``,
            ``group``, ``num_samples``, ``generator`` and ``strict``.
        batch: Input.
        fields: Representations.
        target: What the model predicts.
        group: Group or transform.
        atol: Largest difference of an entry, in the target's unit, …
        rtol: … plus this times the root mean square of the outputs, a large constant included:
            take it off a total energy before, or look at :func:`equivariance_error`.
        num_samples: Elements per graph.
        generator: Source of randomness.
        strict: Refuse undeclared fields.

    Raises:
        AssertionError: If the largest difference exceeds the tolerance; the text gives the entry,
            the graph and the group element.
        TypeError: As :func:`equivariance_error`.
        ValueError: As :func:`equivariance_error`.

    >>> total = lambda batch: batch.pos.sum(0, keepdim=True)
    >>> fields = {"pos": "vector", "sum": "vector"}
    >>> assert_equivariant(total, Data(pos=torch.eye(3)), fields, "sum", group="O(3)")
    """
    sides = list(_sides(model, batch, fields, target, group, num_samples, generator, strict))
    size = torch.cat([side.moved_output for side in sides]).square().mean().sqrt()
    tolerance = atol + rtol * float(size)
    worst = max(sides, key=lambda side: float((side.moved_input - side.moved_output).abs().max()))
    difference = (worst.moved_input - worst.moved_output).abs()
    if float(difference.max()) <= tolerance:
        return
    entry = tuple(int(i) for i in torch.unravel_index(difference.argmax(), difference.shape))
    graph = int(worst.graphs[entry[0]])
    name = group if isinstance(group, str) else repr(group)
    raise AssertionError(
        f"{target!r} is not equivariant under {name}: at entry {list(entry)} (graph {graph}) "
        f"F(gx) = {float(worst.moved_input[entry]):.6g}, but "
        f"ρ(g)F(x) = {float(worst.moved_output[entry]):.6g}; the difference "
        f"{float(difference.max()):.3g} exceeds atol + rtol × RMS output = {tolerance:.3g} for\n"
        f"{_in_words(worst.element, graph)}"
    )


def _sides(
    model: Model,
    batch: Data,
    fields: Declaration,
    target: str,
    group: Group,
    num_samples: int,
    generator: torch.Generator | None,
    strict: bool,
) -> Iterator[_Sides]:
    if target not in fields:
        raise ValueError(f"target {target!r} is not declared; declared: {', '.join(fields)}")
    if num_samples < 1:
        raise ValueError(f"num_samples must be at least 1, got {num_samples}")
    generator = torch.Generator().manual_seed(0) if generator is None else generator
    declared = {name: rep for name, rep in fields.items() if name != target or name in batch}
    sampler = named_transform(group, declared, batch) if isinstance(group, _NAMES) else group
    inputs = Fields(declared, sampler.fields.dimension)
    inputs.validate(batch, strict)
    outputs = Fields({target: fields[target]}, sampler.fields.dimension)
    continuous = sampler.continuous if isinstance(sampler, ProductTransform) else sampler
    if isinstance(continuous, SymmetryTransform):
        check_irreps(inputs, continuous.ambient)
        check_irreps(outputs, continuous.ambient)
    # Detached: models of forces switch gradients on in place, and the batch is the caller's.
    plain = copy.copy(batch)
    for name in inputs:
        plain[name] = batch[name].detach()
    answer = _predict(model, plain, outputs, target)
    graphs = row_graphs(answer, target)
    for _ in range(num_samples):
        element: Element = sampler.sample(num_graphs(plain), generator).detach()
        moved = _predict(model, move_by(plain, inputs, element), outputs, target)[target]
        expected = element.to(graphs.device).act(answer[target], outputs[target], graphs)
        if moved.shape != expected.shape:
            raise ValueError(
                f"the model returned shape {tuple(expected.shape)} for the batch, but "
                f"{tuple(moved.shape)} for the moved batch"
            )
        yield _Sides(element, moved, expected, graphs)


def _predict(model: Model, batch: Data, outputs: Fields, target: str) -> Data:
    """Return the batch with the prediction (float64, detached) as its target."""
    prediction = model(batch)
    if not isinstance(prediction, Tensor):
        raise TypeError(f"the model must return a tensor, got {type(prediction).__name__}")
    answer = copy.copy(batch)
    answer[target] = prediction.detach().to(torch.float64)
    outputs.validate(answer, strict=False)
    return answer


def _in_words(element: Element, graph: int) -> str:
    if isinstance(element, ProductElement):
        parts = (element.continuous, element.permutation, element.reversal)
        return "\n".join(_in_words(part, graph) for part in parts if part is not None)
    if isinstance(element, SlotPermutation):
        return f"h = {cycle_notation(element.images[graph].tolist())}"
    if isinstance(element, TimeReversal):
        return "time reversed" if bool(element.reverses[graph]) else "time not reversed"
    return f"g = {element.matrix[graph]}"
