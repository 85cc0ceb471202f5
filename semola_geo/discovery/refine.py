"""Joint refinement: train a model together with a candidate algebra."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor
from torch_geometric.data import Data

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery.networks import NetworkFactory
from semola_geo.discovery.teachers import TeacherSettings, train_teacher
from semola_geo.groups import AmbientGroup
from semola_geo.training import (
    ClosureProjection,
    Objective,
    SymmetryRegularizedModule,
)
from semola_geo.transforms import LearnableSymmetryTransform

__all__ = ["refine"]

# Share of graphs that are not moved: one forward pass a step, as for the plain model beside it.
_UNMOVED = 0.25


def refine(
    algebra: LieAlgebra,
    factory: NetworkFactory,
    graphs: Sequence[Data],
    target: str,
    fields: Mapping[str, str],
    ambient: AmbientGroup,
    settings: TeacherSettings,
    length_scale: float,
    center: Tensor,
    seed: int,
) -> tuple[SymmetryRegularizedModule, LearnableSymmetryTransform]:
    """Train a fresh network with the candidate as a learnable augmentation.

    Gradient of the labels' loss turns the generators; projections onto closed algebras take out
    what is noise. Returns the module and its transform, which holds the sharpened algebra.

    Args:
        algebra: Candidate, in the data's units.
        factory: Makes the network.
        graphs: Training graphs.
        target: The target.
        fields: Declared fields.
        ambient: The ambient group.
        settings: How to train.
        length_scale: Unit of length.
        center: Centre of the algebra's units.
        seed: Seed.
    """
    transform = LearnableSymmetryTransform.from_algebra(
        algebra,
        fields,
        ambient=ambient,
        strict=False,
        length_scale=length_scale,
        center=center,
    )
    transform.close()
    module = train_teacher(
        factory,
        graphs,
        target,
        fields,
        settings,
        seed,
        transform=transform,
        objective=Objective(unmoved=_UNMOVED),
        callbacks=[ClosureProjection()],
    )
    return module, transform
