"""Networks that are symmetric by construction are refused, others are not."""

import pytest
import torch
from torch import Tensor, nn
from torch_geometric.data import Batch, Data
from torch_geometric.nn import global_add_pool

from semola_geo import discover_symmetry
from semola_geo.models import DGCNN, MPNN, E3NNModel, FourierSet, PointNet, SchNetModel

QUICK = {"splits": 1, "steps": 2, "refine": False, "progress": False, "spectrum_graphs": 10}
SHAPE = {"level": "graph", "output_shape": ()}


def molecules(width: int | None = None, *, moving: bool = False) -> list[Data]:
    g = torch.Generator().manual_seed(0)
    graphs = []
    for k in range(50):
        nodes = 4 + k % 3
        graph = Data(z=torch.randint(1, 9, (nodes,), generator=g))
        for name in ("pos", "vel") if moving else ("pos",):
            graph[name] = torch.randn(nodes, 3, generator=g)
        graph.y = torch.randn(1 if width is None else (1, width), generator=g)
        graphs.append(graph)
    return graphs


class Relative(nn.Module):
    """Reads positions about the centroid, with biases."""

    def __init__(self) -> None:
        super().__init__()
        self.read = nn.Sequential(nn.Linear(3, 8), nn.SiLU(), nn.Linear(8, 1))

    def forward(self, batch: Batch) -> Tensor:
        mean = global_add_pool(batch.pos, batch.batch) / batch.ptr.diff()[:, None]
        return global_add_pool(self.read(batch.pos - mean[batch.batch]), batch.batch)[:, 0]


class Linear(nn.Module):
    """Unmoved along directions that its weights choose."""

    def __init__(self) -> None:
        super().__init__()
        self.read = nn.Linear(3, 1)

    def forward(self, batch: Batch) -> Tensor:
        return self.read(global_add_pool(batch.pos, batch.batch))[:, 0]


class Homogeneous(nn.Module):
    """Positively homogeneous: dilations move the answer as they do a vector."""

    def __init__(self) -> None:
        super().__init__()
        self.read = nn.Sequential(
            nn.Linear(3, 16, bias=False), nn.LeakyReLU(0.3), nn.Linear(16, 3, bias=False)
        )

    def forward(self, batch: Batch) -> Tensor:
        return global_add_pool(self.read(batch.pos), batch.batch)


class Speeds(nn.Module):
    """Reads velocities, but not their sign."""

    def __init__(self, power: int) -> None:
        super().__init__()
        self.power = power
        self.read = nn.Linear(6, 1)

    def forward(self, batch: Batch) -> Tensor:
        rows = torch.cat([batch.pos, batch.vel**self.power], dim=1)
        return global_add_pool(self.read(rows).tanh(), batch.batch)[:, 0]


@pytest.mark.parametrize(
    ("model", "ambient", "found"),
    [
        (lambda: E3NNModel(representation="scalar", **SHAPE), "Aff(3)", r"6 of 12 .*\(se\(3\)\)"),
        (lambda: SchNetModel(representation="scalar", **SHAPE), "SE(3)", r"6 of 6 .*\(se\(3\)\)"),
        (lambda: E3NNModel(representation="scalar", **SHAPE), "GL(3)", r"3 of 9 .*\(so\(3\)\)"),
        (Relative, "Aff(3)", r"3 of 12 .*\(t\(3\)\)"),
    ],
)
def test_a_network_that_is_symmetric_by_construction_is_refused(model, ambient, found):
    fields = {"pos": "point" if ambient != "GL(3)" else "vector", "y": "scalar"}
    with pytest.raises(ValueError, match=rf"equivariant along {found} whatever its weights"):
        discover_symmetry(molecules(), "y", fields, ambient, model, **QUICK)


def test_dilations_of_a_homogeneous_network_are_refused():
    fields, graphs = {"pos": "vector", "y": "vector"}, molecules(3)
    with pytest.raises(ValueError, match="equivariant along 1 of 9 directions"):
        discover_symmetry(graphs, "y", fields, "GL(3)", Homogeneous, **QUICK)


def test_equivariance_is_told_without_a_declared_output():
    model = E3NNModel(representation="vector", level="graph", output_shape=(3,))
    fields = {"pos": "point", "y": "vector"}
    with pytest.raises(ValueError, match=r"equivariant along \d+ of 12"):
        discover_symmetry(
            molecules(3), "y", fields, "Aff(3)", lambda: model, output="unknown", **QUICK
        )


@pytest.mark.parametrize(
    ("model", "ambient"),
    [
        (lambda: MPNN(representation="scalar", **SHAPE), "Aff(3)"),
        (lambda: PointNet(representation="scalar", **SHAPE), "Aff(3)"),
        (lambda: DGCNN(representation="scalar", **SHAPE), "Aff(3)"),
        (lambda: FourierSet(representation="scalar", **SHAPE), "Aff(3)"),
        (Relative, "GL(3)"),
        (Linear, "Aff(3)"),
    ],
)
def test_others_are_not(model, ambient):
    fields = {"pos": "point" if ambient == "Aff(3)" else "vector", "y": "scalar"}
    report = discover_symmetry(molecules(), "y", fields, ambient, model, **QUICK)
    assert report.dimension == 0


@pytest.mark.parametrize("ambient", ["time", "O(3) x time"])
def test_time_needs_a_network_that_can_tell_it(ambient):
    fields = {"pos": "vector", "vel": "vector@odd", "y": "scalar"}
    graphs = molecules(moving=True)
    with pytest.raises(ValueError, match=r"same when odd inputs \('vel'\) change their sign"):
        discover_symmetry(graphs, "y", fields, ambient, lambda: Speeds(2), **QUICK)
    report = discover_symmetry(graphs, "y", fields, ambient, lambda: Speeds(1), **QUICK)
    assert report.time_reversal is not True
