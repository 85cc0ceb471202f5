from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn
from torch_geometric.data import Batch, Data

from semola_geo.discovery.teachers import (
    TeacherSettings,
    errors_on,
    r2_on,
    train_pair,
    train_teacher,
)
from semola_geo.training import SymmetryRegularizedModule
from semola_geo.transforms import RandomSymmetryTransform

FIELDS = {"pos": "point", "y": "scalar"}


class SquaredDistance(nn.Module):
    """Learns a scaled squared norm, or stays at the mean for good."""

    def __init__(self, dead: bool) -> None:
        super().__init__()
        self.dead = dead
        self.weight, self.bias = nn.Parameter(torch.zeros(1)), nn.Parameter(torch.zeros(1))

    def forward(self, data: Data) -> torch.Tensor:
        out = self.weight * data.pos.square().sum(1, keepdim=True) + self.bias
        return 0.0 * out if self.dead else out


@pytest.fixture
def graphs() -> list[Data]:
    g = torch.Generator().manual_seed(0)
    points = [torch.randn(1, 2, generator=g) for _ in range(80)]
    return [Data(pos=pos, y=pos.square().sum(1, keepdim=True)) for pos in points]


def starts_of(graphs: list[Data], dead: set[int], make_transform: Any = None) -> list[int]:
    """Train a pair whose networks of some seeds are dead; return the seeds of all starts."""
    starts: list[int] = []

    def factory(seed: int) -> nn.Module:
        starts.append(seed)
        return SquaredDistance(dead=seed in dead)

    settings = TeacherSettings(steps=60, batch_size=20, lr=0.1, progress=False)
    pair = train_pair(factory, graphs, "y", FIELDS, settings, 0, 0, make_transform=make_transform)
    # None is dead that was started once more.
    assert [teacher.model.dead for teacher in pair] == [
        number in dead and len(starts) == 2 for number in (0, 1)
    ]
    return starts


@pytest.mark.parametrize("moved", [True, False])
def test_a_teacher_that_stays_at_the_mean_beside_one_that_does_not_is_started_once_more(
    graphs: list[Data], moved: bool
) -> None:
    make = (lambda: RandomSymmetryTransform(FIELDS, "SO(2)")) if moved else None
    starts = starts_of(graphs, {1}, make)
    assert starts[:2] == [0, 1]
    assert len(set(starts)) == len(starts) == 3


def test_two_plain_teachers_that_learn_nothing_are_taken_at_their_word(graphs: list[Data]) -> None:
    assert starts_of(graphs, {0, 1}) == [0, 1]


def test_two_moved_teachers_that_learn_nothing_are_both_started_once_more(
    graphs: list[Data],
) -> None:
    starts = starts_of(graphs, {0, 1}, lambda: RandomSymmetryTransform(FIELDS, "SO(2)"))
    assert len(set(starts)) == len(starts) == 4


def test_teachers_that_learn_start_once(graphs: list[Data]) -> None:
    assert starts_of(graphs, set()) == [0, 1]


def test_teachers_of_classes_fit_their_indicators_by_squared_error(graphs: list[Data]) -> None:
    kinds = [torch.eye(2)[int(graph.y > 1)][None] for graph in graphs]
    classes = [Data(pos=g.pos, kind=k) for g, k in zip(graphs, kinds, strict=True)]
    settings = TeacherSettings(steps=4, batch_size=20, progress=False)
    fields = {"pos": "point", "kind": "scalar"}

    def two_outputs(seed: int) -> nn.Module:
        return nn.Sequential(SquaredDistance(dead=False), nn.Linear(1, 2))

    teacher = train_teacher(two_outputs, classes, "kind", fields, settings, 0)
    assert teacher.configuration()["loss"] == "squared error"
    batch = Batch.from_data_list(classes)
    affine = teacher.model(batch) * teacher.units.scale + batch.kind.mean(0)
    assert torch.allclose(teacher(batch), affine.to(torch.float32), atol=1e-6)


class Constant(nn.Module):
    """Knows the mean of the points that are predicted, and nothing else."""

    def __init__(self, mean: torch.Tensor) -> None:
        super().__init__()
        self.mean = mean

    def forward(self, data: Data) -> torch.Tensor:
        return self.mean.expand(data.num_graphs, -1)


def test_a_constant_explains_nothing_of_points_far_from_the_origin() -> None:
    g = torch.Generator().manual_seed(0)
    points = 10.0 + torch.randn(80, 2, generator=g)
    graphs = [Data(pos=point[None], y=point[None]) for point in points]
    module = SymmetryRegularizedModule(nn.Identity(), target="y", fields={"y": "point"})
    units = module.fit_normalizer(Batch.from_data_list(graphs))
    module.model = Constant(points.mean(0) / units.scale.float())
    assert r2_on(module, graphs)[0] == pytest.approx(0.0, abs=1e-5)


def test_unlabelled_graphs_are_no_errors(graphs: list[Data]) -> None:
    module = SymmetryRegularizedModule(SquaredDistance(False), target="y", fields=FIELDS)
    module.fit_normalizer(Batch.from_data_list(graphs))
    known = errors_on(module, graphs[::2])
    for number, graph in enumerate(graphs):
        graph.labelled = torch.tensor([number % 2 == 0])
        if number % 2:
            graph.y = torch.full_like(graph.y, torch.nan)
    assert all(torch.equal(*pair) for pair in zip(errors_on(module, graphs), known, strict=True))
