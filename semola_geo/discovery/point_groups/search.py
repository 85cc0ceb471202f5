"""Look through all of O(3) for elements that leave a pair of teachers alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from semola_geo.discovery.point_groups.response import PointProbe
from semola_geo.groups import PointGroup
from semola_geo.groups.orthogonal_grid import orthogonal_grid
from semola_geo.groups.point_group_closure import turn_between
from semola_geo.groups.point_operation import improper_twin, rotation_about

__all__ = ["Candidates", "align", "refine_elements", "search_elements"]

# Starts of the refinement at most, and how far apart; elements nearer than the second are one.
_STARTS, _APART, _SAME = 240, math.radians(14), math.radians(10)
# Of the mean violation: starts above this are on no slope towards a symmetry.
_START_BELOW = 0.9
# Minima to refine on many graphs: the largest point groups have 120 elements.
_MINIMA = 150
_ROUNDS, _DAMPING = 8, 1e-3
# Steps, in radians: the longest, and what is too short to matter.
_LONGEST, _SHORTEST = 0.2, 1e-3


@dataclass(frozen=True)
class Candidates:
    """Local minima of the violation, least violated first.

    Attributes:
        elements: ``[K, 3, 3]``, without the identity.
        violations: λ on the graphs and teachers that they were chosen on, ``[K]``.
    """

    elements: Tensor
    violations: Tensor


def search_elements(coarse: PointProbe, fine: PointProbe, count: int) -> Candidates:
    """Return the local minima of the violation over O(3).

    Nothing here is random: λ is measured on a grid that covers both components evenly, and the
    lowest points of the grid are refined.

    Args:
        coarse: Few graphs, for the grid and the way to the minima.
        fine: More graphs, for where exactly they are.
        count: Size of the grid.
    """
    grid = orthogonal_grid(count)
    starts = _lowest(grid, coarse.violations(grid), _APART, _STARTS, _START_BELOW)
    near = _minima(*refine_elements(coarse, grid[starts]), _MINIMA)
    return _minima(*refine_elements(fine, near.elements), _MINIMA)


def refine_elements(probe: PointProbe, elements: Tensor) -> tuple[Tensor, Tensor]:
    """Turn elements ``[K, 3, 3]`` to the nearest minima of λ, by steps of Gauss and Newton.

    A step that leads upwards is tried again at a quarter of its length.

    Returns:
        The elements at their lowest, and λ there.
    """
    if not len(elements):
        return elements, elements.new_zeros(0)
    best, lowest = elements.clone(), probe.violations(elements)
    longest = torch.full((len(elements),), _LONGEST, dtype=torch.float64)
    active = torch.arange(len(elements))
    for _ in range(_ROUNDS):
        step = _newton(*probe.slopes(best[active]), longest[active])
        length = step.norm(dim=1)
        moved = rotation_about(step, length) @ best[active]
        found = probe.violations(moved)
        better = found < lowest[active]
        best[active[better]], lowest[active[better]] = moved[better], found[better]
        longest[active] = torch.where(better, longest[active], length / 4)
        active = active[length > _SHORTEST]
        if not len(active):
            break
    return best, lowest


def align(probe: PointProbe, group: PointGroup) -> PointGroup:
    """Turn a whole group to where its elements violate least on average.

    All elements together decide the three angles of its orientation. Turning g into
    exp(ω) g exp(−ω) multiplies it from the left by exp(ω − det(g) g ω), to first order.
    """
    if group.order == 1:
        return group
    lowest = float(probe.violations(group.elements).mean())
    longest = torch.full((1,), _LONGEST, dtype=torch.float64)
    for _ in range(_ROUNDS):
        sign, _ = improper_twin(group.elements)
        share = torch.eye(3, dtype=torch.float64) - sign[:, None, None] * group.elements
        gradient, curvature = probe.slopes(group.elements)
        slope = torch.einsum("kji,kj->i", share, gradient)
        bend = torch.einsum("kji,kjl,klm->im", share, curvature, share)
        step = _newton(slope[None], bend[None], longest)[0]
        turned = group.turned(rotation_about(step, step.norm()))
        found = float(probe.violations(turned.elements).mean())
        if found < lowest:
            group, lowest = turned, found
        else:
            longest = step.norm()[None] / 4
        if float(step.norm()) <= _SHORTEST:
            break
    return group


def _minima(elements: Tensor, violations: Tensor, most: int) -> Candidates:
    """Drop what ended at the identity, and all but one of what ended at the same place."""
    identity = torch.eye(3, dtype=torch.float64)[None]
    moving = turn_between(elements, identity)[:, 0] > _SAME
    elements, violations = elements[moving], violations[moving]
    kept = _lowest(elements, violations, _SAME, most, math.inf)
    return Candidates(elements[kept], violations[kept])


def _newton(gradient: Tensor, curvature: Tensor, longest: Tensor) -> Tensor:
    """Return damped Newton steps ``[K, 3]`` of bounded length, downhill also where λ is concave."""
    sizes, frame = torch.linalg.eigh(curvature)
    floor = _DAMPING * sizes.abs().amax(1, keepdim=True).clamp_min(1e-12)
    along = (frame.mT @ gradient[:, :, None])[:, :, 0] / sizes.abs().clamp_min(floor)
    step = -(frame @ along[:, :, None])[:, :, 0]
    length = step.norm(dim=1).clamp_min(1e-12)
    bounded: Tensor = step * (longest / length).clamp(max=1.0)[:, None]
    return bounded


def _lowest(elements: Tensor, values: Tensor, apart: float, most: int, below: float) -> list[int]:
    """Return indices in ascending order of value, none within an angle of an earlier one."""
    order = values.argsort()
    order = order[values[order] < below]
    kept: list[int] = []
    free = torch.ones(len(elements), dtype=torch.bool)
    for index in order.tolist():
        if not free[index]:
            continue
        kept.append(index)
        if len(kept) == most:
            break
        free &= turn_between(elements[index][None], elements)[0] > apart
    return kept
