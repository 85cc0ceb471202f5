"""The problem of a discovery: its data, split and checked, with units and seeds."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from semola_geo.algebra import LieAlgebra
from semola_geo.discovery.assemble import Veto, assemble
from semola_geo.discovery.change import TargetChange
from semola_geo.discovery.clusters import split_graphs
from semola_geo.discovery.declaration import as_numbers, declare
from semola_geo.discovery.forms import ViolationForms
from semola_geo.discovery.lie_derivative import Teacher
from semola_geo.discovery.measure import violation_forms
from semola_geo.discovery.networks import NetworkFactory, candidate_factories
from semola_geo.discovery.pose import pose_support
from semola_geo.discovery.settings import DiscoverySettings, teacher_settings
from semola_geo.discovery.spectrum import Spectrum, to_data_units
from semola_geo.discovery.support import Support, as_batch, has_slots, tangent_support
from semola_geo.discovery.teachers import TeacherSettings, r2_on, train_teacher
from semola_geo.discovery.trust import Trust
from semola_geo.discovery.verdict import Thresholds
from semola_geo.fields import Fields
from semola_geo.groups import AmbientGroup
from semola_geo.representations import Representation
from semola_geo.training import GraphLoader
from semola_geo.transforms import LearnableSymmetryTransform, data_units

__all__ = ["Problem"]

_FEWEST_GRAPHS = 40
# Below this share of explained variance, teachers get more steps; below the second, in vain.
_EXPLAINED = 0.5
_HOPELESS = 0.05
_PATIENCE = 3
# Where plain teachers explain nothing, a joint refinement hesitates: at a learning rate of 5e-3, or
# one that rises quickly, some models never leave the mean (three of four, against none of eight at
# 3e-3), and generators follow noise until they do.
_CAREFUL_LR, _CAREFUL_WARMUP = 3e-3, 0.3


@dataclass
class Problem:
    """Data, units and seeds of one discovery."""

    train: list[Data]
    held_out: list[Data]
    target: str
    declared: dict[str, str]
    fields: Fields
    inputs: Fields
    group: AmbientGroup
    factories: list[NetworkFactory]
    length_scale: float
    center: Tensor
    seed: int
    settings: DiscoverySettings
    patience: int = 1
    careful: bool = False

    @classmethod
    def prepare(
        cls,
        dataset: Sequence[Data],
        target: str,
        fields: Mapping[str, str | Representation],
        group: AmbientGroup,
        model: nn.Module | Callable[[], nn.Module] | None,
        seed: int,
        settings: DiscoverySettings,
    ) -> Problem:
        """Check everything and split the graphs."""
        if settings.output == "unknown":
            fields = as_numbers(fields, target)
        declared, inputs = declare(fields, target, group)
        graphs = [copy.copy(dataset[index]) for index in range(len(dataset))]
        if len(graphs) < _FEWEST_GRAPHS:
            raise ValueError(
                f"discovery needs at least {_FEWEST_GRAPHS} graphs to train and judge, got "
                f"{len(graphs)}"
            )
        for graph in graphs:
            # A user's own model may read any field; the default networks read declared ones only.
            declared.validate(graph, strict=model is not None)
        # Networks are trained where Lightning finds the fastest device; the rest is small.
        graphs = [graph.to("cpu") for graph in graphs]
        everything = as_batch(graphs)
        generator = torch.Generator().manual_seed(seed)
        count = max(int(len(graphs) * settings.holdout), 1)
        held_out, train = split_graphs(graphs, count, generator, settings.cluster)
        points = [name for name, rep in inputs.items() if rep.name == "point"]
        origin = torch.zeros(group.dimension, dtype=torch.float64)
        scale, center = 1.0, origin
        if points:
            scale, centroid = data_units([everything], points[0])
            center = centroid if group.affine else origin
        text = declared.declaration()
        return cls(
            train=train,
            held_out=held_out,
            target=target,
            declared=text,
            fields=declared,
            inputs=inputs,
            group=group,
            factories=candidate_factories(model, graphs, text, target, group.name),
            length_scale=scale,
            center=center,
            seed=seed,
            settings=settings,
        )

    @property
    def generators(self) -> Tensor:
        """The ambient basis ``[m, n, n]`` in the data's units."""
        identity = torch.eye(len(self.group), dtype=torch.float64)
        return to_data_units(identity, self.group, self.length_scale, self.center).generators

    def training(self, factory: NetworkFactory, refine: bool = False) -> TeacherSettings:
        """Return how to train a teacher, or the joint refinement."""
        network = factory(self.seed)
        chosen = teacher_settings(network, self.train, self.settings, refine, self.patience)
        if not (refine and self.careful):
            return chosen
        return replace(chosen, lr=_CAREFUL_LR, basis_lr=_CAREFUL_LR, warmup=_CAREFUL_WARMUP)

    def augmentation(self, algebra: LieAlgebra, learn: bool = True) -> LearnableSymmetryTransform:
        """Return an augmentation along the closed algebra nearest to one in the data's units.

        Args:
            algebra: The algebra.
            learn: Whether the generators learn; extents do in any case.
        """
        transform = LearnableSymmetryTransform.from_algebra(
            algebra,
            self.declared,
            ambient=self.group,
            strict=False,
            length_scale=self.length_scale,
            center=self.center,
            # Tested on plain teachers at the end; until then nothing is taught to be symmetric.
            reflections=False,
        )
        transform.close()
        transform.law.raw_basis.requires_grad_(learn)
        return transform

    def be_patient(self) -> None:
        """Refine at a lower and slower learning rate; more steps, if left open."""
        self.careful = True
        if self.settings.steps is None:
            self.patience = _PATIENCE

    def choose_network(self) -> NetworkFactory:
        """Return the candidate network that predicts labels best that it was not trained on.

        Where none explains half of the variance, and the number of steps was left open, all are
        tried with ``_PATIENCE`` times as many: weak teachers only lead to "undecided".
        """
        free = self.settings.steps is None
        if len(self.factories) == 1 and not free:
            return self.factories[0]
        scores = self._scores()
        if free and max(scores) < _EXPLAINED:
            self.patience = _PATIENCE
            longer = self._scores()
            if max(longer) < max(*scores, _HOPELESS):
                self.patience = 1
            else:
                scores = longer
        return self.factories[scores.index(max(scores))]

    def _scores(self) -> list[float]:
        """Return R² of each candidate network, trained on one half of the training graphs.

        It is taken on the other half: held-out graphs judge what is found, and chose nothing.
        """
        cluster = self.settings.cluster
        own, other = split_graphs(self.train, len(self.train) // 2, None, cluster)
        common = (own, self.target, self.declared)
        return [
            r2_on(train_teacher(factory, *common, self.training(factory), self.seed), other)[0]
            for factory in self.factories
        ]

    def measure_support(self) -> Support | None:
        """Measure along which directions the data move."""
        everything = as_batch([*self.train, *self.held_out])
        generator = torch.Generator().manual_seed(self.seed)
        if has_slots(everything, self.inputs):
            return tangent_support(everything, self.inputs, self.generators, generator)
        return pose_support(everything, self.inputs, self.generators, generator)

    def spectrum_loader(self) -> GraphLoader:
        """Graphs at which teachers are differentiated: held-out ones first."""
        graphs = [*self.held_out, *self.train][: self.settings.spectrum_graphs]
        return GraphLoader(graphs, 100, shuffle=False)

    def forms(
        self,
        pairs: Sequence[tuple[Teacher, Teacher]],
        weigh: bool = True,
        graphs: Iterable[Data] | None = None,
    ) -> list[ViolationForms]:
        """Return the forms of pairs of teachers, by default at the graphs of the spectrum."""
        loader = self.spectrum_loader() if graphs is None else graphs
        return violation_forms(
            pairs, loader, self.fields, self.inputs, self.target, self.generators, weigh
        )

    def change(self, pairs: Sequence[tuple[Teacher, Teacher]]) -> TargetChange:
        """Return how much the target changes, by the same graphs as the spectrum."""
        folds = list(self.spectrum_loader())
        forms = [self.forms(pairs, weigh=False, graphs=[fold]) for fold in folds]
        return TargetChange.of(forms, [fold[self.target] for fold in folds])

    def assemble(
        self,
        forms: list[ViolationForms],
        support: Support | None,
        limits: Thresholds,
        candidate: Tensor | None = None,
        *,
        cost: float = float("nan"),
        trust: Trust | None = None,
        veto: Veto | None = None,
    ) -> Spectrum:
        """Turn forms into a spectrum; see :func:`semola_geo.discovery.assemble.assemble`."""
        return assemble(
            forms,
            self.group,
            self.length_scale,
            self.center,
            support,
            limits,
            candidate=candidate,
            cost=cost,
            trust=trust,
            veto=veto,
        )
