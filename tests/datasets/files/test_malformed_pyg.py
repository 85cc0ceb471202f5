"""Saved graphs with a mistake: each is refused by file, record and field, or counted."""

from __future__ import annotations

import gzip
import io
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch_geometric.data import Batch, Data, HeteroData

from semola_geo.datasets import PyGFile


class Bomb:
    def __reduce__(self) -> Any:
        return os.mkdir, ("bomb",)


def saved(content: Any) -> bytes:
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


def graph(nodes: int = 4, **others: Any) -> Data:
    generator = torch.Generator().manual_seed(nodes)
    pos = torch.randn(nodes, 3, generator=generator)
    return Data(**{"pos": pos, "y": pos.sum().view(1)} | others)


def second(**others: Any) -> bytes:
    """A mistake between two good graphs."""
    return saved([graph(4), graph(5, **others), graph(3)])


def without(name: str) -> bytes:
    graphs = [graph(4), graph(5), graph(3)]
    del graphs[1][name]
    return saved(graphs)


def all_with(**others: Any) -> bytes:
    """Graphs of which the second is wrong in a field that all have."""
    name, (good, bad) = next(iter(others.items()))
    return saved([graph(4, **{name: good}), graph(4, **{name: bad}), graph(4, **{name: good})])


def collated(**slices: Any) -> bytes:
    """Three graphs of 4, 5 and 3 nodes in one, cut by these slices."""
    storage = {"pos": torch.randn(12, 3), "y": torch.ones(3)}
    cuts = {"pos": torch.tensor([0, 4, 9, 12]), "y": torch.arange(4)} | slices
    return saved((storage, {k: v for k, v in cuts.items() if v is not None}, Data))


def ends(*places: int) -> Tensor:
    return torch.tensor(places)


def edge_fields(good: Tensor, bad: Tensor) -> bytes:
    return saved([graph(edge_index=EDGES, edge_attr=values) for values in (good, bad, good)])


EDGES = torch.tensor([[0, 1], [1, 2]])
NESTED = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])
ONES = torch.ones(4, dtype=torch.long)
LONELY = torch.ones(4)
GOOD = saved([graph(4), graph(5)])
UNSAFE = "cannot be loaded safely"
ONLY = "only Data can be read"

CASES: dict[str, tuple[bytes, int | None, str | None, str]] = {
    "empty": (b"", None, None, "is empty"),
    "gzip": (gzip.compress(GOOD), None, None, "is compressed with gzip; unpack it"),
    "text": (b"text\r\n", None, None, "is no file that torch.save wrote|cannot be loaded safely"),
    "rubbish": (b"\0\1\2rubbish", None, None, f"is no file that torch.save wrote|{UNSAFE}"),
    "plain pickle": (pickle.dumps([1.5], protocol=4), None, None, f"{UNSAFE}.*PyTorch did not wr"),
    "truncated early": (GOOD[:50], None, None, "is no file that torch.save wrote"),
    "truncated in the middle": (GOOD[: len(GOOD) // 2], None, None, "is no file that torch.save"),
    "truncated late": (GOOD[:-1], None, None, "is no file that torch.save wrote"),
    "code": (saved(Bomb()), None, None, rf"{UNSAFE} \(it holds a posix.mkdir\).*weights_only=Fal"),
    "code in a graph": (second(tag=Bomb()), None, None, rf"{UNSAFE} \(it holds a posix.mkdir\)"),
    "code in a pickle": (pickle.dumps(Bomb(), protocol=2), None, None, UNSAFE),
    "code in an old pickle": (pickle.dumps([Bomb()], protocol=0), None, None, UNSAFE),
    "arrays": (second(tag=np.zeros(3)), None, None, f"{UNSAFE}.*numpy"),
    "batch": (saved(Batch.from_data_list([graph()])), None, None, f"{UNSAFE}.*save a list of pl"),
    "tensor": (saved(torch.zeros(3)), None, None, "holds a Tensor, not a list of Data; save one"),
    "state dict": (saved({"weight": torch.zeros(3)}), None, None, "holds a dict, not a list of"),
    "list of tensors": (saved([torch.zeros(3)]), None, None, f"record 0: is a Tensor; {ONLY}"),
    "mixed list": (saved([graph(), "graph"]), None, None, f"record 1: is a str; {ONLY}"),
    "list of lists": (saved([[graph()]]), None, None, f"record 0: is a list; {ONLY}"),
    "heterogeneous": (saved([HeteroData()]), None, None, f"record 0: is a HeteroData; {ONLY}"),
    "empty list": (saved([]), None, None, "has no records"),
    "no slices": (collated(pos=None), None, "pos", "its slices are no list of whole numbers"),
    "slices of fewer": (collated(y=ends(0, 1, 3)), None, "pos", "other numbers of graphs: 'y': 2"),
    "slices too far": (collated(pos=ends(0, 4, 9, 99)), None, "pos", "do not run from 0 to its 12"),
    "slices too short": (collated(pos=ends(0, 4, 9, 11)), None, "pos", "do not run from 0 to its"),
    "slices from 1": (collated(pos=ends(1, 4, 9, 12)), None, "pos", "do not run from 0 to its 12"),
    "slices backwards": (collated(pos=ends(0, 9, 4, 12)), None, "pos", "do not run from 0 to its"),
    "slices of halves": (collated(pos=ends(0, 4, 9, 12) + 0.5), None, "pos", "no list of whole"),
    "no pos": (without("pos"), 1, "pos", r"needs a tensor \[n, d\], got NoneType"),
    "flat pos": (second(pos=torch.zeros(3)), 1, "pos", r"needs a tensor \[n, d\], got \[3\]"),
    "other dimension": (second(pos=torch.zeros(5, 2)), 1, "pos", "has d = 2, the records before"),
    "logical pos": (second(pos=torch.ones(5, 3) > 0), 1, "pos", "needs real numbers, got torch.b"),
    "no nodes": (second(pos=torch.zeros(0, 3)), 1, None, "has no nodes"),
    "NaN": (second(pos=torch.full((5, 3), torch.nan)), 1, "pos", r"15 value\(s\) are NaN"),
    "infinite": (second(y=torch.tensor([torch.inf])), 1, "y", r"1 value\(s\) are NaN or infin"),
    "huge": (second(pos=torch.full((5, 3), 1e30)), 1, "pos", r"1e\+30 is too large"),
    "huge target": (second(y=torch.tensor([1e80]).double() * 1e50), 1, "y", "value|too large"),
    "missing": (without("y"), 1, "y", "is missing, but records before have it"),
    "text target": (second(y="high"), 1, "y", "is no number but text: 'high'"),
    "logical": (second(y=torch.tensor([True])), 1, "y", "is no number but true or false: "),
    "complex": (second(y=torch.ones(1) * 1j), 1, "y", "is no number but complex numbers"),
    "without content": (second(y=torch.ones(1, device="meta")), 1, "y", "that NumPy cannot hold"),
    "shape": (second(y=torch.zeros(1, 2)), 1, "y", r"has shape \[2\] where \[\] is expected"),
    "no leading axis": (
        saved([graph(y=torch.zeros(3))] * 2),
        None,
        "y",
        r"record 0, .*\[1, 3\], n",
    ),
    "species in one": (second(z=torch.ones(5).long()), 1, "z", "is here, but records before lack"),
    "float species": (all_with(z=(ONES, LONELY)), 1, "z", "needs a tensor of integers, got torch."),
    "element": (all_with(z=(ONES, 119 * ONES)), 1, "z", "atom 0 has atomic number 119"),
    "negative element": (all_with(z=(ONES, -ONES)), 1, "z", "atom 0 has atomic number -1"),
    "species shape": (all_with(z=(ONES, ONES[:3])), 1, "z", r"has shape \[3\] for 4 nodes"),
    "edges in one": (second(edge_index=EDGES), 1, "edge_index", "is here, but records before"),
    "pos without axes": (second(pos=torch.tensor(1.0)), 1, "pos", r"a tensor \[n, d\], got \[\]"),
    "nested pos": (second(pos=NESTED), 1, "pos", r"a tensor \[n, d\], got a nested one"),
    "nested target": (second(y=NESTED), 1, "y", "is a nested tensor; save one with rows of equal"),
    "edges without axes": (
        all_with(edge_index=(EDGES, torch.tensor(1))),
        1,
        "edge_index",
        r"needs shape \[2, E\], got \[\]",
    ),
    "sparse adjacency": (
        all_with(edge_index=(EDGES, torch.eye(4).long().to_sparse())),
        1,
        "edge_index",
        r"needs shape \[2, E\], got \[4, 4\]",
    ),
    "edge field without axes": (
        edge_fields(torch.ones(2), torch.tensor(1.0)),
        1,
        "edge_attr",
        r"has shape \[\] where \[2\] is",
    ),
    "edge field of others": (
        edge_fields(torch.ones(2), torch.ones(3)),
        None,
        "edge_attr",
        r"record 0, .*has shape \[2\]: one row per node \(4\), per edge \(2\) or a leading axis",
    ),
    "edge to nowhere": (all_with(edge_index=(EDGES, EDGES + 7)), 1, "edge_index", "names node 9 o"),
    "negative edge": (all_with(edge_index=(EDGES, -EDGES)), 1, "edge_index", "names node -2 of 4"),
    "edge shape": (
        all_with(edge_index=(EDGES, EDGES[0])),
        1,
        "edge_index",
        r"needs shape \[2, E\]",
    ),
    "dipole without a leading axis": (
        saved([graph(3, dipole=torch.ones(3))]),
        None,
        "dipole",
        r"record 0, .*shape \[\] per node, but by its name it is 'vector' with shape \[3\] per",
    ),
    "box lengths": (saved([graph(cell=torch.ones(1, 3))]), None, "cell", r"is diag\(a, b, "),
    "undeclared": (
        saved([graph(y=torch.zeros(1, 5))]),
        None,
        "y",
        r"record 0, .*\[5\] per graph, a",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_malformed_files_are_refused_by_name(
    refuses: Callable[..., None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, case: str
) -> None:
    monkeypatch.chdir(tmp_path)
    field = CASES[case][2]
    targets = ("y", field) if field in ("dipole", "edge_attr") else "y"
    refuses(PyGFile, "mine.pt", CASES[case], targets=targets)
    assert not Path("bomb").exists()


def test_wrong_declarations_are_no_matter_of_records(refuses: Callable[..., None]) -> None:
    case = (GOOD, None, "y", r"record 0, .*declared 'vector', .* needs trailing axes \[3\]")
    refuses(PyGFile, "mine.pt", case, targets="y", fields={"y": "vector"})


def test_unusual_numbers_are_read(tmp_path: Path) -> None:
    small = torch.full((1,), 0.5).to(torch.float8_e4m3fn)
    sparse = torch.eye(3).to_sparse_csr()
    torch.save([Data(pos=sparse, y=small, count=torch.tensor([3]))], tmp_path / "mine.pt")
    (data,) = PyGFile(tmp_path / "mine.pt", ("y", "count"))
    assert data.pos.equal(torch.eye(3))
    assert (data.y.tolist(), data["count"].tolist()) == ([0.5], [3.0])


def test_collated_graphs_come_back(tmp_path: Path) -> None:
    path = tmp_path / "mine.pt"
    path.write_bytes(collated())
    assert [len(data.pos) for data in PyGFile(path)] == [4, 5, 3]


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no file .*nowhere\.pt"):
        PyGFile(tmp_path / "nowhere.pt")
    with pytest.raises(ValueError, match="is a folder; give the path of a file"):
        PyGFile(tmp_path)
