"""Measure the violation of every direction of the ambient algebra with trained teachers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Batch, Data

from semola_geo.discovery.assemble import assemble
from semola_geo.discovery.cross_weights import CrossWeights
from semola_geo.discovery.declaration import OUTPUTS, as_numbers, declare
from semola_geo.discovery.forms import ViolationForms
from semola_geo.discovery.lie_derivative import Teacher
from semola_geo.discovery.output.action import (
    OutputAction,
    cross_fitted_forms,
    fit_output_action,
)
from semola_geo.discovery.output.forms import free_output_forms
from semola_geo.discovery.pair_derivatives import differentiate_pairs
from semola_geo.discovery.spectrum import Spectrum, to_data_units
from semola_geo.discovery.support import Support
from semola_geo.discovery.verdict import Thresholds
from semola_geo.fields import Fields
from semola_geo.groups import AmbientGroup, parse_ambient
from semola_geo.representations import Representation
from semola_geo.transforms import data_units

__all__ = ["lie_derivative_spectrum", "unknown_output_forms", "violation_forms"]


def lie_derivative_spectrum(
    teachers: Sequence[Teacher] | Sequence[tuple[Teacher, Teacher]],
    loader: Iterable[Data],
    fields: Mapping[str, str | Representation],
    target: str,
    ambient: str | AmbientGroup,
    output: str = "known",
    *,
    support: Support | None = None,
    length_scale: float | None = None,
    center: Tensor | None = None,
    thresholds: Thresholds | None = None,
) -> Spectrum:
    r"""Measure how much every direction of the ambient algebra is violated.

    Solves :math:`Mv = \lambda Pv` for the cross-fitted violation form M and the scale form P of
    :class:`ViolationForms`. Teachers trained on disjoint samples have independent errors, which
    cancel in M; a single model's null space is blurred by its own error (LieGG, arXiv
    2210.04345). With two or more pairs, intervals come from the spread over pairs.

    Args:
        teachers: A pair trained on disjoint halves, or several such pairs. A teacher maps a batch
            to the target's batched values and is differentiable in the input fields.
        loader: Batches (or single ``Data``) to differentiate at; labels are not read. It is
            iterated twice unless ``length_scale`` and ``center`` are given.
        fields: Name → representation of the input fields and of the target.
        target: Name of the target.
        ambient: The ambient group.
        output: ``"known"``: the target's representation is the declared one; ``"unknown"``: it is
            found together with the symmetries, as an affine action of at most 16 components
            (``Spectrum.output``); a declaration of the target is then neither needed nor used.
        support: Share of each displacement that leaves the data; all directions that move any
            field count as supported when ``None``.
        length_scale: Unit of length; the RMS centred coordinate of the data when ``None``.
        center: Centre ``[d]``; the data's centroid when ``None``.
        thresholds: Bounds of the verdicts.

    Raises:
        TypeError: For ``HeteroData``.
        ValueError: If the target is not declared, irreps meet a group that is not orthogonal, the
            teachers come in no pairs or do not fit the data, the loader is empty, or the option
            ``output`` is unknown.
    """
    if output not in OUTPUTS:
        raise ValueError(f"output must be one of {', '.join(map(repr, OUTPUTS))}, got {output!r}")
    group = parse_ambient(ambient)
    if output == "unknown":
        fields = as_numbers(fields, target)
    declared, inputs = declare(fields, target, group)
    pairs = _as_pairs(teachers)
    if length_scale is None or center is None:
        length_scale, center = _measure_units(loader, inputs, group)
    generators = to_data_units(
        torch.eye(len(group), dtype=torch.float64), group, length_scale, center
    ).generators
    if output == "known":
        forms = violation_forms(pairs, loader, declared, inputs, target, generators)
        return assemble(forms, group, length_scale, center, support, thresholds)
    forms, action = unknown_output_forms(pairs, loader, declared, inputs, target, generators)
    spectrum = assemble(forms, group, length_scale, center, support, thresholds)
    return replace(spectrum, output=action)


def unknown_output_forms(
    pairs: Sequence[tuple[Teacher, Teacher]],
    loader: Iterable[Data],
    declared: Fields,
    inputs: Fields,
    target: str,
    generators: Tensor,
) -> tuple[list[ViolationForms], OutputAction]:
    """Accumulate the forms of every pair of teachers, and the output action that they imply.

    Arguments are those of :func:`violation_forms`.

    Raises:
        ValueError: If the output has more than 16 components, the teachers do not fit the data, or
            the loader is empty.
    """
    batches = (_as_batch(batch) for batch in loader)
    size = len(generators)
    weights = CrossWeights(size)
    cells = free_output_forms(pairs, batches, declared, inputs, target, generators, weights)
    parts = [part for cell in cells for part in cell]
    return cross_fitted_forms(cells, size), fit_output_action(parts, size)


def violation_forms(
    pairs: Sequence[tuple[Teacher, Teacher]],
    loader: Iterable[Data],
    declared: Fields,
    inputs: Fields,
    target: str,
    generators: Tensor,
    weigh: bool = True,
) -> list[ViolationForms]:
    """Accumulate the forms of every pair of teachers.

    Args:
        pairs: Teachers on disjoint halves.
        loader: Batches (or single ``Data``) to differentiate at.
        declared: All declared fields, the target among them.
        inputs: Those that teachers read.
        target: Name of the target.
        generators: Basis of the ambient algebra, ``[m, n, n]`` in the data's units.
        weigh: Whether graphs at which other teachers disagree count less
            (:class:`CrossWeights`); otherwise all count alike.

    Raises:
        ValueError: If the teachers do not fit the data, or the loader is empty.
    """
    forms = [ViolationForms.zeros(len(generators)) for _ in pairs]
    weights = CrossWeights(len(generators)) if weigh else None
    for number, item in enumerate(loader):
        derivatives, moved = differentiate_pairs(
            pairs, _as_batch(item), declared, inputs, target, generators, number, weights
        )
        for form, (first, second) in zip(forms, derivatives, strict=True):
            form.update(first, second, moved)
    if forms[0].graphs == 0:
        raise ValueError("the loader is empty: no graph to differentiate the teachers at")
    return forms


def _as_pairs(
    teachers: Sequence[Teacher] | Sequence[tuple[Teacher, Teacher]],
) -> list[tuple[Teacher, Teacher]]:
    items: list[Any] = list(teachers)
    if len(items) == 2 and all(callable(item) for item in items):
        items = [items]
    if not items:
        raise ValueError("teachers is empty: give a pair of models trained on disjoint halves")
    if any(callable(item) or len(item) != 2 for item in items):
        raise ValueError(
            "teachers must be a pair of models trained on disjoint halves, or a list of such pairs"
        )
    return [(one, two) for one, two in items]


def _as_batch(data: Data) -> Batch:
    # A plain Data that carries its own ``batch`` is collated already.
    return data if isinstance(data, Batch) or "batch" in data else Batch.from_data_list([data])


def _measure_units(
    loader: Iterable[Data], inputs: Fields, group: AmbientGroup
) -> tuple[float, Tensor]:
    points = [name for name, representation in inputs.items() if representation.name == "point"]
    if not points or not group.affine:
        return 1.0, torch.zeros(group.dimension, dtype=torch.float64)
    return data_units(loader, points[0])
