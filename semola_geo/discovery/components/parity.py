"""Parity: does the group that was found have further components, of reflections?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch_geometric.data import Batch

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery.components.component import Component
from semola_geo.discovery.components.coset_test import CosetTest
from semola_geo.discovery.components.cosets import (
    about_axis,
    group_name,
    representatives,
    resting_point,
)
from semola_geo.discovery.components.mirror_support import reflection_support
from semola_geo.discovery.lie_derivative import Teacher
from semola_geo.discovery.problem import Problem
from semola_geo.discovery.support import as_batch
from semola_geo.discovery.trust import Trust
from semola_geo.discovery.verdict import Thresholds
from semola_geo.groups import turns_everywhere
from semola_geo.groups.reflection import rotation_axis
from semola_geo.transforms import LearnableSymmetryTransform

__all__ = ["discover_parity", "follow", "judge_cosets"]

# Share of the largest extent that draws may use at most, and at least.
_WIDEST, _NARROWEST = 0.95, 0.02
_FREE = "mirror planes in general position were not looked for"


def discover_parity(
    problem: Problem,
    pairs: Sequence[tuple[Teacher, Teacher]],
    algebra: LieAlgebra,
    limits: Thresholds,
    *,
    trust: Trust,
    extents: Sequence[float | None] | None = None,
) -> list[Component]:
    """Test whether reflections, and half-turns across an axis, belong to the group that was found.

    Args:
        problem: The data, in an ambient group with reflections.
        pairs: Teachers on disjoint halves that were never augmented by a rotation or reflection.
        algebra: What was found, in the data's units.
        limits: Bounds of the verdicts.
        trust: How far the teachers are believed.
        extents: How far the group may be followed along each generator, in normalised units.
    """
    transform = follow(problem, algebra, extents)
    graphs = [*problem.held_out, *problem.train]
    everything = as_batch(graphs)
    judging = as_batch(graphs[: problem.settings.spectrum_graphs])
    return judge_cosets(
        pairs,
        everything,
        judging,
        transform,
        problem.target,
        limits,
        problem.seed,
        trust,
    )


def judge_cosets(
    pairs: Sequence[tuple[Teacher, Teacher]],
    everything: Batch,
    judging: Batch,
    transform: LearnableSymmetryTransform,
    target: str,
    limits: Thresholds,
    seed: int = 0,
    trust: Trust | None = None,
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
        trust: How far the teachers are believed; ``None``: fully.
    """
    fields, size = transform.fields, transform.ambient.dimension
    algebra = transform.normalized_algebra
    whole = turns_everywhere(algebra)
    axis = rotation_axis(algebra)
    if not whole and size % 2 == 0:
        return [Component("reflection", whole, note=_FREE)]
    inputs = type(fields)({n: r for n, r in fields.items() if n != target}, size)
    point = resting_point(transform)
    affine = transform.ambient.affine
    tester = CosetTest(
        pairs, judging, inputs, fields[target], transform, limits, trust or Trust(), seed
    )
    cosets = [representatives(everything, inputs, point, affine, whole)]
    if axis is not None:
        cosets += about_axis(axis, point, affine)
    found = []
    for candidates in cosets:
        shares = [reflection_support(everything, inputs, matrix) for _, matrix in candidates]
        support = min(shares)
        element, matrix = candidates[shares.index(support)]
        note = "" if whole or axis is not None else _FREE
        found.append(tester.judge(element, whole, matrix, support, note=note))
    name = group_name(transform.algebra.name, size, [c.verdict for c in found])
    return [*found[:-1], replace(found[-1], group=name)]


def follow(
    problem: Problem, algebra: LieAlgebra, extents: Sequence[float | None] | None
) -> LearnableSymmetryTransform:
    """Return a sampler of the group as far as the refined augmentation followed it, if known.

    Args:
        problem: The data.
        algebra: What was found, in the data's units.
        extents: How far along each generator, in normalised units.
    """
    transform = problem.augmentation(algebra, learn=False)
    known = [extent for extent in extents or [] if extent is not None]
    if transform.algebra.dim and len(known) == transform.algebra.dim:
        limit = transform.law.max_extent
        reach = torch.tensor(known, dtype=torch.float64)
        transform.law.set_extents(reach.clamp(_NARROWEST * limit, _WIDEST * limit))
    return transform
