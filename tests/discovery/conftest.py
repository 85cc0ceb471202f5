"""Clouds of points, and exact analytic teachers of known symmetry."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch_geometric.data import Batch, Data

from semola_geo import discover_symmetry


def make_clouds(count=40, nodes=4, dimension=3, seed=0, offset=0.3, dtype=torch.float64, **fields):
    """Random clouds off the origin; further fields are node-level vectors of that dimension."""
    g = torch.Generator().manual_seed(seed)
    graphs = []
    for _ in range(count):
        data = Data(pos=torch.randn(nodes, dimension, generator=g, dtype=dtype) + offset)
        for name in fields:
            data[name] = torch.randn(nodes, dimension, generator=g, dtype=dtype)
        graphs.append(data)
    return graphs


def per_graph(function, *names):
    """A teacher from a function of dense ``[B, nodes, d]`` fields."""

    def teacher(batch: Batch) -> Tensor:
        count = batch.num_graphs
        return function(*(batch[name].reshape(count, -1, batch[name].shape[-1]) for name in names))

    return teacher


def gram_invariant(*fields: Tensor) -> Tensor:
    """A scalar that depends on all inner products, and on nothing else: so(d) alone."""
    vectors = torch.cat(fields, dim=1)
    gram = vectors @ vectors.transpose(1, 2)
    weight = torch.linspace(0.3, 1.7, gram.shape[-1] ** 2, dtype=gram.dtype)
    return torch.sin(0.3 * gram.flatten(1) * weight).sum(1)


def centred(pos: Tensor) -> Tensor:
    return pos - pos.mean(1, keepdim=True)


def charged_dipole(pos: Tensor) -> Tensor:
    """A vector with the symmetry se(d): charges that depend on distances to the centroid."""
    local = centred(pos)
    charge = torch.cos(local.square().sum(2, keepdim=True))
    charge = charge + torch.linspace(-1, 1, pos.shape[1], dtype=pos.dtype)[:, None]
    return (charge * local).sum(1)


class SlotNet(nn.Module):
    """A small network on the flattened coordinates of graphs of one size."""

    def __init__(self, inputs: int, outputs: int = 1, shape: tuple[int, ...] = (), rows: int = 1):
        super().__init__()
        self.shape, self.rows = shape, rows
        self.layers = nn.Sequential(
            nn.Linear(inputs, 48), nn.SiLU(), nn.Linear(48, 48), nn.SiLU(), nn.Linear(48, outputs)
        )

    def forward(self, batch: Data) -> Tensor:
        count = batch.num_graphs
        flat = batch.pos.reshape(count, -1)
        return self.layers(flat.to(torch.float32)).reshape(count * self.rows, *self.shape)


@pytest.fixture
def clouds():
    return make_clouds


@pytest.fixture
def batch_of():
    return lambda *args, **kw: Batch.from_data_list(make_clouds(*args, **kw))


@pytest.fixture
def teacher():
    """Namespace of teachers."""

    class Teachers:
        dense = staticmethod(per_graph)
        so = staticmethod(per_graph(gram_invariant, "pos"))
        se = staticmethod(per_graph(lambda pos: gram_invariant(centred(pos)), "pos"))
        gram = staticmethod(gram_invariant)
        centred = staticmethod(centred)
        dipole = staticmethod(per_graph(charged_dipole, "pos"))
        SlotNet = SlotNet

    return Teachers


def cylinder_data(count=300, seed=0, shuffle=False):
    """One point per graph; the label has the symmetry so(2) about z, and no other."""
    g = torch.Generator().manual_seed(seed)
    pos = torch.randn(count, 1, 3, generator=g)
    y = 0.7 * (pos[:, 0, :2].square().sum(1) - 2) + torch.sin(1.5 * pos[:, 0, 2])
    if shuffle:
        y = y[torch.randperm(count, generator=g)]
    return [Data(pos=x, y=value[None]) for x, value in zip(pos, y, strict=True)]


@pytest.fixture
def cylinder():
    return cylinder_data


@pytest.fixture(scope="session")
def cylinder_report():
    """A full discovery, with refinement: about six seconds on one idle core."""
    return discover_symmetry(
        cylinder_data(),
        "y",
        {"pos": "point", "y": "scalar"},
        "SO(3)",
        lambda: SlotNet(3),
        steps=300,
        refine_steps=900,
        progress=False,
    )


@pytest.fixture(scope="session")
def slot_teachers():
    """Module of analytic teachers on node slots."""
    path = Path(__file__).with_name("slot_teachers.py")
    spec = importlib.util.spec_from_file_location("slot_teachers", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
