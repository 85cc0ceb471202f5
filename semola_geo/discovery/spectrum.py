"""The spectrum of relative violations along the ambient algebra."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch_geometric.data import Batch, Data

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery.eigen import intervals_of, solve_supported
from semola_geo.discovery.forms import ViolationForms
from semola_geo.discovery.lie_derivative import Teacher, displacements, lie_derivative
from semola_geo.discovery.support import Support
from semola_geo.discovery.verdict import Thresholds, Verdict, judge
from semola_geo.fields import Fields
from semola_geo.groups import AmbientGroup, parse_ambient
from semola_geo.representations import Representation
from semola_geo.transforms import data_units

__all__ = ["Spectrum", "assemble", "lie_derivative_spectrum", "to_data_units"]


@dataclass(frozen=True)
class Spectrum:
    r"""Relative violations along orthonormal-in-:math:`P` directions, ascending.

    Supported directions come first, untested ones last, each group in ascending order.

    Attributes:
        eigenvalues: Relative violation λ, ``[m]``; negative values are noise around zero.
        intervals: Confidence bounds of λ, ``[m, 2]``.
        noise: vᵀΣv / vᵀPv, ``[m]``: the size of the teachers' own errors.
        ratio: vᵀMv / vᵀΣv, ``[m]``; not a test by itself.
        support: Share of the displacement that leaves the data, ``[m]``.
        directions: Coefficients in the ambient basis, columns of ``[m, m]``, unit length.
        verdicts: One per direction.
        agreement: Correlation of the derivatives of independent teachers.
        ambient: The ambient group.
        length_scale: Unit of length of the directions, in the data's unit.
        center: Point about which the directions are expressed, ``[d]``.
        in_candidate: Which directions span the candidate that was kept together, ``[m]``.
        forms: The accumulated forms, one per pair of teachers.
    """

    eigenvalues: Tensor
    intervals: Tensor
    noise: Tensor
    ratio: Tensor
    support: Tensor
    directions: Tensor
    verdicts: list[Verdict]
    agreement: float
    ambient: AmbientGroup
    length_scale: float
    center: Tensor
    in_candidate: Tensor
    forms: list[ViolationForms] = field(repr=False, default_factory=list)

    @property
    def dimension(self) -> int:
        """Number of directions with the verdict "symmetry"."""
        return sum(verdict is Verdict.SYMMETRY for verdict in self.verdicts)

    @property
    def algebra(self) -> LieAlgebra:
        """Span of the directions with the verdict "symmetry", in the data's units."""
        chosen = [v is Verdict.SYMMETRY for v in self.verdicts]
        return self.span(torch.tensor(chosen, dtype=torch.bool))

    def span(self, chosen: Tensor) -> LieAlgebra:
        """Span of the chosen directions (mask ``[m]``), in the data's units."""
        frame = torch.linalg.qr(self.directions[:, chosen]).Q.T
        return to_data_units(frame, self.ambient, self.length_scale, self.center)

    def generators(self) -> Tensor:
        """All directions as matrices ``[m, n, n]``, in the data's units."""
        algebra = to_data_units(self.directions.T, self.ambient, self.length_scale, self.center)
        return algebra.generators


def to_data_units(
    coefficients: Tensor, ambient: AmbientGroup, length_scale: float, center: Tensor
) -> LieAlgebra:
    """Return the generators with coefficient rows ``[k, m]``, in the data's units."""
    algebra = LieAlgebra(ambient.combine(coefficients.to(torch.float64)), affine=ambient.affine)
    return algebra.rescale(length_scale, center) if ambient.affine else algebra


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
        output: ``"known"``: the target's representation is the declared one.
        support: Share of each displacement that leaves the data; all directions that move any
            field count as supported when ``None``.
        length_scale: Unit of length; the RMS centred coordinate of the data when ``None``.
        center: Centre ``[d]``; the data's centroid when ``None``.
        thresholds: Bounds of the verdicts.

    Raises:
        ValueError: If the target is not declared, the teachers come in no pairs, the loader is
            empty, or the option ``output`` is unknown.
    """
    if output != "known":
        raise ValueError(
            f"output={output!r} is not supported yet; declare the target and use 'known'"
        )
    group = parse_ambient(ambient)
    declared = Fields(fields, group.dimension)
    if target not in declared:
        raise ValueError(f"target {target!r} is not among the fields {', '.join(declared)}")
    inputs = Fields({n: r for n, r in declared.items() if n != target} or declared, group.dimension)
    pairs = _as_pairs(teachers)
    if length_scale is None or center is None:
        length_scale, center = _measure_units(loader, inputs, group)
    generators = to_data_units(
        torch.eye(len(group), dtype=torch.float64), group, length_scale, center
    ).generators
    forms = [ViolationForms.zeros(len(group)) for _ in pairs]
    for number, batch in enumerate(loader):
        _accumulate(forms, pairs, _as_batch(batch), declared, inputs, target, generators, number)
    if forms[0].graphs == 0:
        raise ValueError("the loader is empty: no graph to differentiate the teachers at")
    return assemble(forms, group, length_scale, center, support, thresholds)


def assemble(
    forms: list[ViolationForms],
    group: AmbientGroup,
    length_scale: float,
    center: Tensor,
    support: Support | None,
    thresholds: Thresholds | None,
    candidate: Tensor | None = None,
    cost: float = float("nan"),
    reliable: bool = True,
) -> Spectrum:
    """Turn accumulated forms into a spectrum with verdicts.

    Args:
        forms: One per pair of teachers.
        group: The ambient group.
        length_scale: Unit of length.
        center: Centre.
        support: Share of each displacement that leaves the data.
        thresholds: Bounds of the verdicts.
        candidate: Columns of a span that is kept together, such as a refined algebra.
        cost: Upper confidence bound of the cost of enforcing the candidate.
        reliable: Whether the teachers predict held-out labels.
    """
    limits = thresholds or Thresholds()
    solution = solve_supported(forms, support, limits.support, candidate)
    intervals = intervals_of(forms, solution)
    agreement = sum(form.agreement() for form in forms) / len(forms)
    price = torch.full_like(solution.values, torch.nan)
    price[solution.in_candidate] = cost
    trusted = reliable and agreement > limits.agreement
    verdicts = judge(intervals, solution.support, trusted, limits, price)
    return Spectrum(
        eigenvalues=solution.values,
        intervals=intervals,
        noise=solution.noise,
        ratio=solution.ratio,
        support=solution.support,
        directions=solution.directions,
        verdicts=verdicts,
        agreement=agreement,
        ambient=group,
        length_scale=length_scale,
        center=center,
        in_candidate=solution.in_candidate,
        forms=forms,
    )


def _accumulate(
    forms: list[ViolationForms],
    pairs: list[tuple[Teacher, Teacher]],
    batch: Batch,
    declared: Fields,
    inputs: Fields,
    target: str,
    generators: Tensor,
    seed: int,
) -> None:
    inputs.validate(batch, strict=False)
    moved = displacements(batch, inputs, generators)
    if not moved:
        raise ValueError(
            f"no declared input field moves under the group (inputs: {', '.join(inputs)}); declare "
            "the coordinates, such as 'pos': 'point'"
        )
    for form, (one, two) in zip(forms, pairs, strict=True):
        first = lie_derivative(one, batch, declared, target, moved, generators, seed)
        second = lie_derivative(two, batch, declared, target, moved, generators, seed)
        form.update(first, second, moved)


def _as_pairs(
    teachers: Sequence[Teacher] | Sequence[tuple[Teacher, Teacher]],
) -> list[tuple[Teacher, Teacher]]:
    items = list(teachers)
    if len(items) == 2 and all(callable(item) for item in items):
        items = [tuple(items)]  # type: ignore[list-item]
    pairs: list[tuple[Teacher, Teacher]] = []
    for item in items:
        if callable(item) or len(item) != 2:
            raise ValueError(
                "teachers must be a pair of models trained on disjoint halves, or a list of such "
                "pairs"
            )
        pairs.append((item[0], item[1]))
    if not pairs:
        raise ValueError("teachers is empty: give a pair of models trained on disjoint halves")
    return pairs


def _as_batch(data: Data) -> Batch:
    return data if isinstance(data, Batch) else Batch.from_data_list([data])


def _measure_units(
    loader: Iterable[Data], inputs: Fields, group: AmbientGroup
) -> tuple[float, Tensor]:
    points = [name for name, representation in inputs.items() if representation.name == "point"]
    if not points or not group.affine:
        return 1.0, torch.zeros(group.dimension, dtype=torch.float64)
    return data_units(loader, points[0])
