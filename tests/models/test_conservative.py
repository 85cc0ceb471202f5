"""ConservativeForces: a gradient in every mode, conservative, equivariant."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor
from torch_geometric.data import Batch, Data

from semola_geo.models import MPNN, ConservativeForces, E3NNModel

Maker = Callable[..., list[Data]]

SMALL = partial(E3NNModel, hidden=6, edge_channels=4)


def build(**options: Any) -> ConservativeForces:
    torch.manual_seed(0)
    known: dict[str, Any] = {"representation": "covector", "level": "node", "output_shape": (3,)}
    return ConservativeForces(**{**known, "energy": SMALL, **options}).double()


def test_forces_are_differences_of_energies(ragged: Maker) -> None:
    (graph,) = ragged((4,), torch.float64)
    model, step = build(scale=2.0), 1e-5
    forces = model(graph)

    def energy(pos: Tensor) -> Tensor:
        return 2.0 * model.energy(Data(pos=pos, z=graph.z))

    for node in range(4):
        for axis in range(3):
            shift = torch.zeros_like(graph.pos)
            shift[node, axis] = step
            slope = (energy(graph.pos + shift) - energy(graph.pos - shift)) / (2 * step)
            torch.testing.assert_close(-slope[0], forces[node, axis], atol=1e-8, rtol=1e-6)


@pytest.mark.parametrize("energy", [SMALL, partial(MPNN, hidden=8)])
def test_no_work_along_a_closed_path(energy: Any, ragged: Maker) -> None:
    (graph,) = ragged((3,), torch.float64)
    model = build(energy=energy)
    generator = torch.Generator().manual_seed(0)
    one, two = (0.4 * torch.randn(3, 3, generator=generator, dtype=torch.float64) for _ in "ab")
    angles = 2 * torch.pi * torch.arange(48, dtype=torch.float64) / 48
    work, most = 0.0, 0.0
    for angle in angles:
        pos = graph.pos + angle.cos() * one + angle.sin() * two
        rate = (
            model(Data(pos=pos, z=graph.z)).detach() * (angle.cos() * two - angle.sin() * one)
        ).sum()
        work, most = work + float(rate), max(most, abs(float(rate)))
    # The trapezoidal rule converges exponentially for periodic functions.
    assert abs(work) / 48 < 1e-3 * most


@pytest.mark.parametrize("improper", [False, True])
def test_equivariance_is_exact(
    improper: bool, ragged: Maker, isometry: tuple[Tensor, Tensor]
) -> None:
    matrix, shift = isometry if improper else (-isometry[0], isometry[1])
    batch = Batch.from_data_list(ragged((5, 1, 4), torch.float64))
    model = build(node_inputs={"velocity": ("vector", (3,))})
    before = model(batch)
    moved = batch.clone()
    moved.pos, moved.velocity = batch.pos @ matrix.T + shift, batch.velocity @ matrix.T
    assert before[:5].abs().max() > 1e-3
    assert torch.allclose(model(moved), before @ matrix.T, atol=1e-10)


def test_forces_of_isolated_graphs_sum_to_zero(ragged: Maker) -> None:
    out = build()(Batch.from_data_list(ragged((5, 1), torch.float64)))
    assert out[:5].sum(0).abs().max() < 1e-12 < out[:5].abs().max()
    assert float(out[5].abs().max()) < 1e-12


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_every_mode_gives_the_same_and_leaves_the_data_alone(
    dtype: torch.dtype, ragged: Maker
) -> None:
    batch = Batch.from_data_list(ragged((4, 3), dtype))
    model = build().to(dtype).eval()
    expected = model(batch)
    assert expected.requires_grad and expected.dtype == dtype
    with torch.no_grad():
        quiet = model(batch)
    with torch.inference_mode():
        made_inside = batch.clone()
        made_inside.pos = batch.pos.clone()
        inferred = [model(batch), model(made_inside)]
    for other in (quiet, *inferred):
        assert not other.requires_grad
        torch.testing.assert_close(other, expected.detach())
    assert not batch.pos.requires_grad


def test_parameters_and_coordinates_get_gradients(ragged: Maker) -> None:
    batch = Batch.from_data_list(ragged((3, 1), torch.float64))
    model = build()
    model(batch).square().sum().backward()
    assert max(float(p.grad.abs().max()) for p in model.parameters() if p.grad is not None) > 0

    def of_positions(pos: Tensor) -> Tensor:
        moved = copy.copy(batch)
        moved.pos = pos
        return model(moved)

    assert torch.autograd.gradcheck(of_positions, batch.pos.clone().requires_grad_(), atol=1e-6)


def test_learns_springs_and_survives_a_copy() -> None:
    generator = torch.Generator().manual_seed(0)
    model = build(species=False).float()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(40):
        graphs = []
        for _ in range(16):
            pos = torch.randn(3, 3, generator=generator)
            graphs.append(Data(pos=pos, force=pos.mean(0) - pos))
        batch = Batch.from_data_list(graphs)
        loss = (model(batch) - batch.force).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert sum(losses[-5:]) / 5 < 0.3 * losses[0]
    torch.testing.assert_close(copy.deepcopy(model)(batch), model(batch))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"representation": "scalar", "output_shape": ()}, "declared 'scalar' per node"),
        ({"level": "graph"}, "'covector' per graph"),
        ({"representation": "covector@odd"}, "'covector@odd' per node"),
        ({"output_shape": (2, 3)}, r"of shape \(2, 3\)"),
    ],
)
def test_mistakes(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build(**options)


def test_coordinates_that_lack_or_have_another_width_are_named(ragged: Maker) -> None:
    (graph,) = ragged((4,), torch.float64)
    with pytest.raises(ValueError, match="'pos', which is missing"):
        build()(Data(z=graph.z))
    graph.pos = graph.pos[:, :2]
    with pytest.raises(ValueError, match=r"'pos' has 2 number\(s\) per node"):
        build()(graph)


def test_an_energy_without_coordinates_has_no_forces(ragged: Maker) -> None:
    class Constant(torch.nn.Module):
        def __init__(self, **_: Any) -> None:
            super().__init__()

        def forward(self, data: Data) -> Tensor:
            return torch.zeros(1, dtype=torch.float64)

    with pytest.raises(ValueError, match="energy of Constant does not depend on coordinates"):
        build(energy=Constant)(ragged((4,), torch.float64)[0])
