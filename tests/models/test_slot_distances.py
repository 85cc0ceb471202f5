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
