"""Saved graphs: what is loaded safely, and what is refused with which words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch_geometric.data import Batch, Data, InMemoryDataset

from semola_geo.datasets import QM9XTB, PyGFile


def graph(nodes: int = 4, **others: Any) -> Data:
    generator = torch.Generator().manual_seed(nodes)
    pos = torch.randn(nodes, 3, generator=generator)
    return Data(**{"pos": pos, "y": pos.sum().view(1), "dipole": pos.sum(0)[None]} | others)


GRAPHS = [graph(n, z=torch.arange(1, n + 1), forces=torch.ones(n, 3)) for n in (4, 2, 5)]


def save(content: Any, path: Path) -> None:
    torch.save(content, path)


def save_collated(content: Any, path: Path) -> None:
    InMemoryDataset.save(content, str(path))


@pytest.mark.parametrize("how", [save, save_collated])
def test_a_saved_list_comes_back(tmp_path: Path, how: Callable[[Any, Path], None]) -> None:
    path = tmp_path / "mine.pt"
    how(GRAPHS, path)
    data = PyGFile(path)
    assert data.fields == {"pos": "point", "y": "scalar", "dipole": "vector", "forces": "covector"}
    for one, other in zip(data, GRAPHS, strict=True):
        assert all(one[name].equal(other[name]) for name in other.to_dict())


def test_embedded_molecules_saved_and_read(tmp_path: Path) -> None:
    original = QM9XTB(("dipole", "energy"), limit=5)
    torch.save(list(original), tmp_path / "mine.pt")
    data = PyGFile(tmp_path / "mine.pt")
    assert data.fields == original.fields
    assert data.dipole.equal(original.dipole)


def test_one_graph(tmp_path: Path) -> None:
    save(GRAPHS[0], tmp_path / "mine.pt")
    assert len(PyGFile(tmp_path / "mine.pt", "y")) == 1


def test_edges_and_their_fields(tmp_path: Path) -> None:
    edges = torch.tensor([[0, 1, 1], [1, 0, 3]])
    graphs = [
        graph(4, edge_index=edges, bond=torch.rand(3, 3)),
        graph(5, edge_index=edges[:, :2], bond=torch.rand(2, 3)),
    ]
    save(graphs, tmp_path / "mine.pt")
    data = PyGFile(tmp_path / "mine.pt", "bond", fields={"bond": "vector"})
    for one, other in zip(data, graphs, strict=True):
        assert one.edge_index.equal(other.edge_index)
        assert one.bond.equal(other.bond)
    assert Batch.from_data_list(list(data)).edge_index.max() == 5
    assert "[E, 3]" in data.summary()


def test_plain_numbers_and_halves(tmp_path: Path) -> None:
    pos = torch.ones(2, 3, dtype=torch.float16, requires_grad=True)
    save([graph(2, pos=pos, y=0.5, gap=torch.tensor(2.5))] * 3, tmp_path / "mine.pt")
    data = PyGFile(tmp_path / "mine.pt", ("y", "gap"))
    assert data.y.tolist() == [0.5] * 3
    assert data.gap.tolist() == [2.5] * 3
    assert data.pos.dtype == torch.float32
