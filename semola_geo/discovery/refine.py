"""Joint refinement: train a model together with a candidate algebra."""

from __future__ import annotations

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery.family import UNMOVED
from semola_geo.discovery.networks import NetworkFactory
from semola_geo.discovery.problem import Problem
from semola_geo.discovery.teachers import TeacherSettings, train_teacher
from semola_geo.training import ClosureProjection, Objective, SymmetryRegularizedModule
from semola_geo.transforms import LearnableSymmetryTransform

__all__ = ["refine"]


def refine(
    problem: Problem,
    factory: NetworkFactory,
    algebra: LieAlgebra,
    settings: TeacherSettings,
    seed: int,
) -> tuple[SymmetryRegularizedModule, LearnableSymmetryTransform]:
    """Train a fresh network with the candidate as a learnable augmentation.

    Gradient of the labels' loss turns the generators; projections onto closed algebras take out
    what is noise. A candidate that fills the hypothesis space keeps its generators, and learns
    extents alone. Returns the module and its transform, which holds the sharpened algebra.

    Args:
        problem: The data, with the directions that they support as hypothesis space.
        factory: Makes the network.
        algebra: Candidate, in the data's units.
        settings: How to train.
        seed: Seed.
    """
    transform = problem.augmentation(algebra, learn=algebra.dim < len(problem.group))
    module = train_teacher(
        factory,
        problem.train,
        problem.target,
        problem.declared,
        settings,
        seed,
        transform=transform,
        objective=Objective(unmoved=UNMOVED),
        callbacks=[ClosureProjection()],
    )
    return module, transform
