"""Saved graphs: what is loaded safely, and what is refused with which words."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch_geometric.data import Batch, Data, HeteroData, InMemoryDataset

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


class Bomb:
    def __reduce__(self) -> Any:
        return os.mkdir, ("bomb",)


def bad(**others: Any) -> list[Data]:
    return [graph(4), graph(5, **others)]


def without(name: str) -> list[Data]:
    graphs = [graph(4), graph(5)]
    del graphs[1][name]
    return graphs


EDGE = torch.tensor([[0], [9]])
MALFORMED: dict[str, tuple[Any, str]] = {
    "code": (Bomb(), r"cannot be loaded safely \(it holds a posix.mkdir\).*weights_only=False"),
    "code in a graph": ([graph(tag=Bomb())], "cannot be loaded safely"),
    "numpy": ([graph(tag=np.zeros(3))], "cannot be loaded safely.*numpy"),
    "tensor": (torch.zeros(3), "holds a Tensor, not a list of Data"),
    "state dict": ({"weight": torch.zeros(3)}, "holds a dict, not a list of Data"),
    "list of tensors": ([torch.zeros(3)], "record 0: is a Tensor; only Data"),
    "mixed list": ([graph(), "graph"], "record 1: is a str; only Data"),
    "heterogeneous": ([HeteroData()], "record 0: is a HeteroData; only Data"),
    "empty list": ([], "has no records"),
    "no pos": (without("pos"), r"record 1, field 'pos': needs a tensor \[n, d\], got NoneType"),
    "flat pos": (bad(pos=torch.zeros(3)), r"record 1, field 'pos': needs .* got \[3\]"),
    "other dimension": (bad(pos=torch.zeros(5, 2)), "record 1, field 'pos': has d = 2"),
    "logical pos": (bad(pos=torch.ones(5, 3) > 0), "record 1, field 'pos': needs real numbers"),
    "no nodes": (bad(pos=torch.zeros(0, 3)), "record 1: has no nodes"),
    "NaN": (bad(pos=torch.full((5, 3), torch.nan)), "record 1, field 'pos': 15 value"),
    "infinite": (bad(y=torch.tensor([torch.inf])), "record 1, field 'y': 1 value"),
    "huge": (bad(y=torch.tensor([1e80], dtype=torch.float64)), "record 1, field 'y': 1e.80 does"),
    "missing": (without("y"), "record 1, field 'y': is missing"),
    "text": (bad(y="high"), "record 1, field 'y': is no number but text: 'high'"),
    "logical": (bad(y=torch.tensor([True])), "record 1, field 'y': is no number but true or false"),
    "shape": (bad(y=torch.zeros(1, 2)), r"record 1, field 'y': has shape \[2\] where \[\]"),
    "no leading axis": (
        [graph(4, y=torch.zeros(3))],
        r"record 0, field 'y': has shape \[3\].*\[1, 3\]",
    ),
    "species": (bad(z=torch.ones(5).long()), "record 1, field 'z': is here, but"),
    "float species": ([graph(4, z=torch.ones(4))], "record 0, field 'z': needs .*integers"),
    "element": ([graph(2, z=torch.tensor([1, 119]))], "record 0, field 'z': atom 1 .*119"),
    "species shape": ([graph(2, z=torch.ones(2, 1).long())], r"field 'z': has shape \[2, 1\]"),
    "edges": ([graph(4, edge_index=EDGE)], "record 0, field 'edge_index': names node 9 of 4"),
    "edges in one": (bad(edge_index=EDGE % 2), "record 1, field 'edge_index': is here, but"),
    "edge shape": ([graph(4, edge_index=EDGE.T)], r"'edge_index': needs shape \[2, E\]"),
    "ambiguous": (
        [graph(4, y=torch.zeros(1, 5))],
        r"record 0, field 'y': has shape \[5\] per graph, and nothing says",
    ),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_files_are_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    content, message = MALFORMED[case]
    monkeypatch.chdir(tmp_path)
    torch.save(content, "mine.pt")
    with pytest.raises(ValueError, match=rf"mine\.pt.*{message}"):
        PyGFile(Path("mine.pt"), "y")
    assert not Path("bomb").exists()


@pytest.mark.parametrize(
    "content", [b"", b"\0\1\2rubbish", b"text\r\n", pickle.dumps([1], protocol=2)]
)
def test_files_of_other_programs(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.pt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"mine\.pt (is empty|is no file that|cannot be|holds a)"):
        PyGFile(path)


def test_truncated(tmp_path: Path) -> None:
    path = tmp_path / "mine.pt"
    torch.save(GRAPHS, path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match=r"mine\.pt is no file that torch\.save wrote"):
        PyGFile(path)
