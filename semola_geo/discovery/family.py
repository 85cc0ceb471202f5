"""A family of teachers: pairs on disjoint halves of several splits, believable or not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery.networks import NetworkFactory
from semola_geo.discovery.problem import Problem
from semola_geo.discovery.teachers import Pair, TeacherSettings, r2_on, train_pair
from semola_geo.discovery.trust import Trust
from semola_geo.discovery.verdict import Thresholds
from semola_geo.training import Objective

__all__ = ["UNMOVED", "Family", "train_family"]

# Share of graphs that are not moved: one forward pass a step, as for plain training beside it.
UNMOVED = 0.25


@dataclass(frozen=True)
class Family:
    """Trained teachers.

    Attributes:
        pairs: Two teachers on disjoint halves, per split.
        r2: R² of each on graphs that none of them saw, as they come.
        reliable: Whether all of them surely explain some of the variance.
    """

    pairs: list[Pair]
    r2: list[float]
    reliable: bool

    @property
    def trust(self) -> Trust:
        """How far they are believed: as far as the weakest one."""
        return Trust(self.reliable, 1.0 - min(self.r2))


def train_family(
    problem: Problem,
    factory: NetworkFactory,
    limits: Thresholds,
    algebra: LieAlgebra | None = None,
    *,
    settings: TeacherSettings | None = None,
    splits: int | None = None,
) -> Family:
    """Train pairs of teachers, split by split, until one of them cannot be believed.

    Args:
        problem: The data.
        factory: Makes the networks.
        limits: Bounds of the verdicts.
        algebra: Closed algebra, in the data's units, to augment along; ``None``: plain
            teachers. Extents are learned, directions are not.
        settings: How to train; ``None``: as the problem says.
        splits: Number of splits; ``None``: as the problem says.
    """
    settings = settings or problem.training(factory)
    pairs: list[Pair] = []
    scores: list[tuple[float, float]] = []
    reliable = True
    for split in range(splits or problem.settings.splits):
        pairs.append(
            train_pair(
                factory,
                problem.train,
                problem.target,
                problem.declared,
                settings,
                split,
                problem.seed,
                make_transform=None
                if algebra is None
                else partial(problem.augmentation, algebra, learn=False),
                # Extents that grow whatever happens: fixed wide ones keep some teachers from
                # starting to learn, earned ones shrink where learning by heart is easier.
                objective=None if algebra is None else Objective(unmoved=UNMOVED, earned=False),
                cluster=problem.settings.cluster,
            )
        )
        judges = (problem.held_out, problem.settings.cluster)
        scores += [r2_on(teacher, *judges) for teacher in pairs[-1]]
        reliable = min(r2 - 2 * error for r2, error in scores) > limits.agreement
        if not reliable:
            break
    return Family(pairs, [r2 for r2, _ in scores], reliable)
