"""Parity: does the group that was found have further components, of reflections?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Batch

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery.cosets import about_axis, group_name, representatives
from semola_geo.discovery.element_response import CosetProbe
from semola_geo.discovery.finite import assess
from semola_geo.discovery.lie_derivative import Teacher
from semola_geo.discovery.mirror_support import reflection_support
from semola_geo.discovery.problem import Problem
from semola_geo.discovery.support import as_batch
from semola_geo.discovery.verdict import Thresholds, Verdict, judge
from semola_geo.fields import num_graphs
from semola_geo.groups import GroupElement, fixed_point, turns_everywhere
from semola_geo.groups.reflection import rotation_axis
from semola_geo.transforms import LearnableSymmetryTransform

__all__ = ["Component", "discover_parity", "judge_cosets"]

_DRAWS = 6
# Share of the largest extent that draws may use at most, and at least.
_WIDEST, _NARROWEST = 0.95, 0.02
_FREE = "mirror planes in general position were not looked for"


@dataclass(frozen=True)
class Component:
    """What is known about a component beside the connected group, mostly of reflections.

    Attributes:
        element: ``"inversion"``, ``"mirror"``, or ``"reflection"`` where none was looked for; about
            an axis also ``"mirror plane through the axis"`` and ``"half-turn across the axis"``.
        whole: Whether all reflections of the ambient group lie in the tested element's coset of
            the group that was found.
        matrix: The tested element, ``[n, n]`` in the data's units; ``None``: not looked for.
        verdict: One of the five; ``None``: not looked for.
        violation: Relative violation λ: 1 for a generic target, 2 for one that changes its sign.
        interval: Its 95 % bounds.
        noise: Size of the teachers' own errors in the same unit.
        support: Share of reflected graphs that can be told from the data's own.
        group: Name of the group with its components, such as ``"E(3)"``, ``"SE(3)"`` or
            ``"C_∞v"``; empty where a verdict or the algebra leaves it open.
        note: What was not looked for.
    """

    element: str
    whole: bool
    matrix: Tensor | None = None
    verdict: Verdict | None = None
    violation: float = float("nan")
    interval: tuple[float, float] = (float("nan"), float("nan"))
    noise: float = float("nan")
    support: float = float("nan")
    group: str = ""
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "kind": "reflections",
            "element": self.element,
            "whole": self.whole,
            "matrix": None if self.matrix is None else self.matrix.tolist(),
            "verdict": None if self.verdict is None else str(self.verdict),
            "violation": self.violation,
            "interval": list(self.interval),
            "noise": self.noise,
            "support": self.support,
            "group": self.group,
            "note": self.note,
        }


def discover_parity(
    problem: Problem,
    pairs: Sequence[tuple[Teacher, Teacher]],
    algebra: LieAlgebra,
    limits: Thresholds,
    *,
    reliable: bool,
    extents: Sequence[float | None] | None = None,
) -> list[Component]:
    """Test whether reflections, and half-turns across an axis, belong to the group that was found.

    Args:
        problem: The data, in an ambient group with reflections.
        pairs: Teachers on disjoint halves that were never augmented by a rotation or reflection.
        algebra: What was found, in the data's units.
        limits: Bounds of the verdicts.
        reliable: Whether the teachers have learned something.
        extents: How far the group may be followed along each generator, in normalised units.
    """
    transform = problem.augmentation(algebra, learn=False)
    _widen(transform, extents)
    graphs = [*problem.held_out, *problem.train]
    everything = as_batch(graphs)
    judging = as_batch(graphs[: problem.settings.spectrum_graphs])
    return judge_cosets(
        pairs, everything, judging, transform, problem.target, limits, problem.seed, reliable
    )


def judge_cosets(
    pairs: Sequence[tuple[Teacher, Teacher]],
    everything: Batch,
    judging: Batch,
    transform: LearnableSymmetryTransform,
    target: str,
    limits: Thresholds,
    seed: int = 0,
    reliable: bool = True,
) -> list[Component]:
    r"""Judge the cosets of a connected group of isometries that may extend it.

    The group may hold all of SO(d): then its reflections are one coset, and of several
    representatives the one is tested that the data support best (which no label enters). With one
    axis of rotation in three dimensions there are three: that of the inversion and the mirror
    plane across the axis, that of all mirror planes through it, and that of half-turns across it.
    Else in odd dimension the inversion is tested, which needs no choice of a plane.

    Args:
        pairs: Teachers on disjoint halves.
        everything: Graphs that show the support.
        judging: Graphs to ask the teachers about.
        transform: Samples the connected group, in the data's units, and declares the fields.
        target: Name of the target.
        limits: Bounds of the verdicts.
        seed: Seed of the draws.
        reliable: Whether the teachers have learned something.
    """
    fields, size = transform.fields, transform.ambient.dimension
    algebra = transform.normalized_algebra
    whole = turns_everywhere(algebra)
    axis = rotation_axis(algebra)
    if not whole and size % 2 == 0:
        return [Component("reflection", whole, note=_FREE)]
    inputs = type(fields)({n: r for n, r in fields.items() if n != target}, size)
    point = transform.center + transform.length_scale * fixed_point(algebra)
    affine = transform.ambient.affine
    generator = torch.Generator().manual_seed(seed)
    count = num_graphs(judging)
    probe = CosetProbe(
        pairs,
        judging,
        inputs,
        fields[target],
        lambda source: transform.sample(count, source),
        _DRAWS if algebra.dim else 1,
        generator,
    )
    known = assess(probe.connected()) if algebra.dim else None
    cosets = [representatives(everything, inputs, point, affine, whole)]
    if axis is not None:
        cosets += about_axis(axis, point, affine)
    found = []
    for candidates in cosets:
        shares = [reflection_support(everything, inputs, matrix) for _, matrix in candidates]
        support = min(shares)
        element, matrix = candidates[shares.index(support)]
        test = assess(probe.coset(GroupElement(matrix[None], affine)), known)
        (verdict,) = judge(
            test.intervals,
            torch.tensor([support], dtype=torch.float64),
            reliable,
            limits.for_elements(),
        )
        found.append(
            Component(
                element=element,
                whole=whole,
                matrix=matrix,
                verdict=verdict,
                violation=float(test.values[0]),
                interval=(float(test.intervals[0, 0]), float(test.intervals[0, 1])),
                noise=float(test.noise[0]),
                support=support,
                note="" if whole or axis is not None else _FREE,
            )
        )
    name = group_name(transform.algebra.name, size, [c.verdict for c in found])
    return [*found[:-1], replace(found[-1], group=name)]


def _widen(transform: LearnableSymmetryTransform, extents: Sequence[float | None] | None) -> None:
    """Follow the group as far as the refined augmentation did, where that is known."""
    known = [extent for extent in extents or [] if extent is not None]
    if transform.algebra.dim and len(known) == transform.algebra.dim:
        limit = transform.law.max_extent
        reach = torch.tensor(known, dtype=torch.float64)
        transform.law.set_extents(reach.clamp(_NARROWEST * limit, _WIDEST * limit))
