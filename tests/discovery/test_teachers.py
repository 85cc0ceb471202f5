from __future__ import annotations

import torch
from torch import nn
from torch_geometric.data import Data

from semola_geo.discovery.teachers import TeacherSettings, train_pair
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


def pair_of(make_transform) -> list[int]:
    """Train a pair of which the first start of the first teacher is dead; return all starts."""
    g = torch.Generator().manual_seed(0)
    points = [torch.randn(1, 2, generator=g) for _ in range(80)]
    graphs = [Data(pos=pos, y=pos.square().sum(1, keepdim=True)) for pos in points]
    starts: list[int] = []

    def factory(seed: int) -> nn.Module:
        starts.append(seed)
        return SquaredDistance(dead=seed == 0)

    settings = TeacherSettings(steps=60, batch_size=20, lr=0.1, progress=False)
    first, second = train_pair(
        factory, graphs, "y", FIELDS, settings, 0, 0, make_transform=make_transform
    )
    assert not second.model.dead
    assert first.model.dead == (make_transform is None)
    return starts


def test_a_moved_teacher_that_stays_at_the_mean_is_started_once_more() -> None:
    starts = pair_of(lambda: RandomSymmetryTransform(FIELDS, "SO(2)"))
    assert len(set(starts)) == len(starts) == 3


def test_plain_teachers_are_taken_as_they_are() -> None:
    assert pair_of(None) == [0, 1]
