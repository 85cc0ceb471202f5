"""SlotDistances: knows space, and no permutation."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch_geometric.data import Batch, Data

from semola_geo.models import SlotDistances


def build(**options: Any) -> SlotDistances:
    torch.manual_seed(0)
    known: dict[str, Any] = {"representation": "scalar", "level": "graph", "output_shape": ()}
    return SlotDistances(**{**known, "num_nodes": 4, **options}).double().eval()


def test_invariant_in_space_and_not_under_permutations() -> None:
    pos = torch.randn(4, 3, dtype=torch.float64)
    turn = torch.linalg.qr(torch.randn(3, 3, dtype=torch.float64)).Q
    model = build()
    before = model(Data(pos=pos))
    for moved in (pos @ turn.T + 5, pos * torch.tensor([1.0, 1.0, -1.0])):
        torch.testing.assert_close(model(Data(pos=moved)), before)
    assert abs(model(Data(pos=pos.flip(0))) - before) > 1e-3


def test_batch_equals_single_graphs() -> None:
    graphs = [Data(pos=torch.randn(4, 3, dtype=torch.float64)) for _ in range(5)]
    model = build(output_shape=(2,))
    together = model(Batch.from_data_list(graphs))
    assert together.shape == (5, 2)
    torch.testing.assert_close(together, torch.cat([model(graph) for graph in graphs]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"representation": "vector"}, "'vector' per graph; use SlotMLP"),
        ({"representation": "ij", "level": "node"}, "'ij' per node; use SlotMLP"),
        ({"level": "node"}, "'scalar' per node; use SlotMLP"),
        ({"num_nodes": 1}, "at least 2"),
    ],
)
def test_mistakes(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build(**options)


def test_wrong_size_names_the_graph() -> None:
    graphs = [Data(pos=torch.randn(n, 3, dtype=torch.float64)) for n in (4, 3)]
    with pytest.raises(ValueError, match="graph 1 of the batch has 3"):
        build()(Batch.from_data_list(graphs))


def forces(**options: Any) -> SlotDistances:
    return build(representation="covector@slot", level="node", output_shape=(3,), **options)


def test_vectors_of_nodes_are_a_gradient() -> None:
    pos = torch.randn(4, 3, dtype=torch.float64)
    model = forces()
    step = 1e-5 * torch.eye(12, dtype=torch.float64).reshape(12, 4, 3)
    slopes = [(model._potential(pos + s) - model._potential(pos - s)).sum() / 2e-5 for s in step]
    torch.testing.assert_close(model(Data(pos=pos)), -torch.stack(slopes).reshape(4, 3))


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
def test_vectors_need_no_gradient_outside(context: Any) -> None:
    pos = torch.randn(4, 3, dtype=torch.float64)
    model = forces()
    with context():
        answer = model(Data(pos=pos.clone()))
    assert not answer.requires_grad
    torch.testing.assert_close(answer.clone(), model(Data(pos=pos)))


def test_vectors_turn_with_space_and_ignore_the_batch() -> None:
    graphs = [Data(pos=torch.randn(4, 3, dtype=torch.float64)) for _ in range(5)]
    turn = torch.linalg.qr(torch.randn(3, 3, dtype=torch.float64)).Q
    model = forces()
    together = model(Batch.from_data_list(graphs))
    torch.testing.assert_close(together, torch.cat([model(graph) for graph in graphs]))
    turned = [Data(pos=graph.pos @ turn.T + 1) for graph in graphs]
    torch.testing.assert_close(model(Batch.from_data_list(turned)), together @ turn.T)


def test_vectors_are_trained() -> None:
    graphs = Batch.from_data_list([Data(pos=torch.randn(4, 3).double()) for _ in range(8)])
    model = forces().train()
    model(graphs).square().sum().backward()
    slopes = [p.grad for p in model.parameters() if p.grad is not None]
    assert slopes and all(bool(s.isfinite().all()) for s in slopes)
    pos = graphs.pos.clone().requires_grad_()
    assert model.eval()(Data(pos=pos[:4])).requires_grad


def test_vectors_of_another_space_are_refused() -> None:
    with pytest.raises(ValueError, match=r"vectors of shape \(3,\), but 'pos' has \(2,\)"):
        forces()(Data(pos=torch.randn(4, 2, dtype=torch.float64)))
