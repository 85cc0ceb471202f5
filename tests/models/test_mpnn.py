"""MPNN: the unconstrained network."""

from __future__ import annotations

import torch
from torch_geometric.data import Batch, Data

from semola_geo.models import MPNN


def test_ragged_batch_equals_single_graphs() -> None:
    generator = torch.Generator().manual_seed(0)
    graphs = [
        Data(pos=torch.randn(n, 3, generator=generator), z=torch.ones(n, dtype=torch.long))
        for n in (1, 4, 7)
    ]
    model = MPNN(representation="vector", level="graph", output_shape=(3,))
    together = model(Batch.from_data_list(graphs))
    alone = torch.cat([model(graph) for graph in graphs])
    assert torch.allclose(together, alone, atol=1e-5)
