"""Draws from the connected group that was found, as wide as the data allow."""

from __future__ import annotations

from itertools import combinations

import torch
from torch_geometric.data import Batch

from semola_geo.discovery.components.cosets import resting_point
from semola_geo.discovery.components.mirror_support import reflection_support
from semola_geo.discovery.components.response import Sampler
from semola_geo.fields import Fields, num_graphs
from semola_geo.groups import GroupElement, random_rotations, turns_everywhere
from semola_geo.groups.reflection import isometry_about
from semola_geo.transforms import LearnableSymmetryTransform

__all__ = ["draws_from"]


def draws_from(
    transform: LearnableSymmetryTransform, batch: Batch, inputs: Fields, told: float
) -> Sampler:
    r"""Return what draws an element of a group for every graph.

    As far as the transform's extents go; and where the group holds all rotations about a point,
    and the data look the same after half-turns about it, first by a rotation from the Haar measure:
    what a network gets wrong in a pose is much the same in poses next to it, so that averages over
    all of them are several times quieter. Data in a limited range of poses are not followed beyond
    it.

    Args:
        transform: Samples the group, in the data's units.
        batch: Graphs that will be moved.
        inputs: Input fields.
        told: Share of turned graphs that may be told from the data's own.
    """
    count, size, affine = num_graphs(batch), inputs.dimension, transform.ambient.affine

    def near(source: torch.Generator) -> GroupElement:
        return transform.sample(count, source)

    isometries = size > 1 and transform.ambient.orthogonal
    if not isometries or not turns_everywhere(transform.normalized_algebra):
        return near
    point = resting_point(transform)
    for axes in combinations(range(size), 2):
        signs = torch.ones(size, dtype=torch.float64)
        signs[list(axes)] = -1.0
        half_turn = isometry_about(signs.diag(), point, affine)
        if reflection_support(batch, inputs, half_turn) > told:
            return near

    def anywhere(source: torch.Generator) -> GroupElement:
        turns = random_rotations(count, size, source)
        return GroupElement(isometry_about(turns, point, affine), affine) @ near(source)

    return anywhere
