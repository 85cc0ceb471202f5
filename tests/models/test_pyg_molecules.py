"""SchNetModel and ViSNetModel: PyG's networks without its compiled extras."""

from __future__ import annotations

import copy
import io
import pickle
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor
from torch_geometric.data import Batch, Data

from semola_geo.discovery.networks import candidate_factories
from semola_geo.models import ConservativeForces, SchNetModel, ViSNetModel

Maker = Callable[..., list[Data]]

KINDS = [SchNetModel, ViSNetModel]
SMALL: dict[str, Any] = {"hidden": 8, "num_layers": 2}


def build(kind: Any, **options: Any) -> Any:
    torch.manual_seed(0)
    known: dict[str, Any] = {"representation": "scalar", "level": "graph", "output_shape": ()}
    return kind(**{**known, **SMALL, **options}).double()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("improper", [False, True])
def test_invariance_is_exact(
    kind: Any, improper: bool, ragged: Maker, isometry: tuple[Tensor, Tensor]
) -> None:
    matrix, shift = isometry if improper else (-isometry[0], isometry[1])
    batch = Batch.from_data_list(ragged((5, 1, 4), torch.float64))
    options = {"lmax": 2} if kind is ViSNetModel else {}
    model = build(kind, **options)
    moved = batch.clone()
    moved.pos = batch.pos @ matrix.T + shift
    before = model(batch)
    assert before.std() > 1e-5
    assert torch.allclose(model(moved), before, atol=1e-10, rtol=0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_batch_equals_single_graphs_without_gradients(
    kind: Any, dtype: torch.dtype, ragged: Maker
) -> None:
    graphs = ragged(dtype=dtype)
    model = build(kind, output_shape=(1,)).to(dtype)
    empty = Data(**{name: value[:0] for name, value in graphs[0].to_dict().items()})
    with torch.no_grad():
        together = model(Batch.from_data_list([*graphs, empty]))
        alone = torch.cat([model(graph) for graph in graphs])
    assert together.shape == (4, 1) and together.dtype == dtype and float(together[3]) == 0
    assert torch.allclose(together[:3], alone, atol=1e-5 if dtype == torch.float32 else 1e-12)
    with pytest.raises(ValueError, match="'pos' has no rows"):
        model(empty)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_happens_beyond_the_cutoff_nor_jumps_at_it(kind: Any) -> None:
    model = build(kind, cutoff=2.0)

    def energy(distance: float) -> Tensor:
        pos = torch.tensor([[0.0, 0, 0], [distance, 0, 0]], dtype=torch.float64)
        return model(Data(pos=pos, z=torch.tensor([1, 8]))).detach()

    assert torch.allclose(energy(2.5), energy(3.9), atol=1e-12)
    assert torch.allclose(energy(2.0 - 1e-4), energy(2.0 + 1e-4), atol=1e-5)
    assert not torch.allclose(energy(1.0), energy(2.5), atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_forces_by_the_gradient(kind: Any, ragged: Maker) -> None:
    batch = Batch.from_data_list(ragged((4, 1), torch.float64))
    torch.manual_seed(0)
    forces = ConservativeForces(
        representation="covector",
        level="node",
        output_shape=(3,),
        energy=partial(kind, **SMALL),
    ).double()

    def energy(pos: Tensor) -> Tensor:
        moved = copy.copy(batch)
        moved.pos = pos
        return forces.energy(moved).sum()

    step = torch.zeros_like(batch.pos)
    step[1, 2] = 1e-5
    slope = (energy(batch.pos + step) - energy(batch.pos - step)) / 2e-5
    torch.testing.assert_close(forces(batch)[1, 2], -slope, atol=1e-8, rtol=1e-6)
    forces(batch).square().sum().backward()


@pytest.mark.parametrize("kind", KINDS)
def test_copies_and_fresh_weights(kind: Any, ragged: Maker) -> None:
    (graph,) = ragged((4,), torch.float64)
    model = build(kind)
    expected = model(graph)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert torch.allclose(other(graph), expected)
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    file.seek(0)
    fields = {"pos": "point", "energy": "scalar"}
    (factory,) = candidate_factories(model, [graph], fields, "energy", "SE(3)")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fresh = factory(1)
    assert not torch.allclose(fresh(graph), expected)
    fresh.load_state_dict(torch.load(file, weights_only=True))
    assert torch.allclose(fresh(graph), expected)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"representation": "vector", "output_shape": (3,)}, "declared 'vector' per graph"),
        ({"level": "node"}, "'scalar' per node"),
        ({"output_shape": (2,)}, r"of shape \(2,\); use E3NNModel"),
        ({"species": False}, "species 'z', which the data lack"),
        ({"node_inputs": {"spin": ("scalar", ())}}, "not spin; use E3NNModel"),
        ({"cutoff": 0.0}, "radius must be positive"),
    ],
)
def test_mistakes(kind: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build(kind, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dimension": 2}, "d = 3 only, got d = 2"),
        ({"num_heads": 3}, "multiple of num_heads"),
        ({"lmax": 3}, "lmax must be 1 or 2"),
    ],
)
def test_mistakes_of_visnet(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build(ViSNetModel, **options)


@pytest.mark.parametrize("kind", KINDS)
def test_fields_that_do_not_fit_are_named(kind: Any, ragged: Maker) -> None:
    (graph,) = ragged((4,), torch.float64)
    mistakes: list[tuple[dict[str, Any], str]] = [
        ({"pos": None}, "'pos', which is missing"),
        ({"z": None}, "'z', which is missing"),
        ({"z": graph.z + 95}, "the network knows 0 to 99"),
        ({"pos": graph.pos[:, :2]}, r"'pos' has 2 number\(s\) per node"),
    ]
    for change, message in mistakes:
        with pytest.raises(ValueError, match=message):
            build(kind)(Data(**{**graph.to_dict(), **change}))


def test_nodes_at_the_same_place() -> None:
    graph = Data(pos=torch.zeros(2, 3, dtype=torch.float64), z=torch.tensor([1, 8]))
    with pytest.raises(ValueError, match="two nodes of one graph at the same place"):
        build(ViSNetModel)(graph)
    graph.pos.requires_grad_()
    build(SchNetModel)(graph).sum().backward()
    assert bool(graph.pos.grad.isfinite().all())
