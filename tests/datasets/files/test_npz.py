"""Archives of arrays: what is read, and what is refused with which words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from semola_geo.datasets import NPZ

POS = np.random.default_rng(0).normal(size=(6, 3, 3))


def write(folder: Path, **arrays: Any) -> Path:
    path = folder / "mine.npz"
    np.savez(path, **({"pos": POS} | arrays))
    return path


@pytest.mark.parametrize(("nodes", "dimension"), [(1, 1), (2, 2), (5, 3), (3, 3), (4, 7)])
def test_any_dimension(tmp_path: Path, nodes: int, dimension: int) -> None:
    pos = np.random.default_rng(0).normal(size=(6, nodes, dimension))
    path = write(tmp_path, pos=pos, forces=2 * pos, energy=np.arange(6), z=np.full(nodes, 8))
    data = NPZ(path, ("forces", "energy"), dtype=torch.float64)
    assert data.fields == {"pos": "point", "forces": "covector", "energy": "scalar"}
    for number, graph in enumerate(data):
        torch.testing.assert_close(graph.pos, torch.tensor(pos[number]))
        torch.testing.assert_close(graph.forces, 2 * graph.pos)
        assert graph.energy.tolist() == [number]
        assert graph.z.tolist() == [8] * nodes


def test_species_of_each_graph(tmp_path: Path) -> None:
    species = np.random.default_rng(0).integers(1, 9, (6, 3))
    data = NPZ(write(tmp_path, z=species, y=np.zeros(6)), "y")
    assert data[4].z.tolist() == species[4].tolist()


def test_names_and_declarations_tell_levels_where_shapes_do_not(tmp_path: Path) -> None:
    """Three nodes in three dimensions: a row of three numbers may be either."""
    path = write(tmp_path, dipole=POS[:, 0], charges=POS[:, :, 0], torque=POS[:, 1])
    data = NPZ(path, fields={"torque": "pseudovector"})
    assert data[0].dipole.shape == data[0].torque.shape == (1, 3)
    assert data[0].charges.shape == (3,)


def test_levels_can_be_declared(tmp_path: Path) -> None:
    path = write(tmp_path, f=POS, q=POS[:, 0])
    with pytest.raises(
        ValueError, match=r"'q': has shape \[3\] in a graph of 3 nodes: one row per"
    ):
        NPZ(path, "q")
    with pytest.raises(ValueError, match=r"'f': has shape \[3, 3\] .*levels=.*data\.levels"):
        NPZ(path, "f")
    assert NPZ(path, "f", fields={"f": "vector"})[0].f.shape == (3, 3)
    three = NPZ(path, "f", fields={"f": "vector"}, levels={"f": "graph"})
    assert three[0].f.shape == (1, 3, 3)
    data = NPZ(path, fields={"f": "vector"}, levels={"f": "node", "q": "node"})
    assert data[0].f.shape == (3, 3)
    assert data[0].q.shape == (3,)
    assert NPZ(path, "f", fields={"f": "ij"})[0].f.shape == (1, 3, 3)
    with pytest.raises(ValueError, match="level 'edge'"):
        NPZ(path, "q", levels={"q": "edge"})


def test_symmetric_tensors_may_be_flat(tmp_path: Path) -> None:
    tensors = POS + POS.swapaxes(1, 2)
    data = NPZ(write(tmp_path, polarizability=tensors.reshape(6, 9)), dtype=torch.float64)
    torch.testing.assert_close(data[2].polarizability, torch.tensor(tensors[None, 2]))
    with pytest.raises(ValueError, match="'polarizability': is not symmetric"):
        NPZ(write(tmp_path, polarizability=POS))


def with_value(value: float, where: tuple[int, ...]) -> np.ndarray[Any, Any]:
    array = POS.copy()
    array[where] = value
    return array


Y = np.zeros(6)


def test_wrong_records_can_be_skipped(tmp_path: Path) -> None:
    path = write(tmp_path, pos=with_value(np.nan, (2, 0, 0)), y=Y)
    with pytest.warns(UserWarning, match=r"skipped 1 record\(s\).*record 2, field 'pos'"):
        data = NPZ(path, "y", on_error="skip")
    assert data.idx.tolist() == [0, 1, 3, 4, 5]


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (-17617379 - np.arange(6) / 10, r"is up to 17617379\.5 .*differs by 0\.5.* in steps of 2"),
        (1e9 + Y + np.arange(6), "is up to 1e.09 and .*subtract a reference"),
        (Y + 1e-50, "is 1e-50 at most, whose square is zero in float32; take another unit"),
        (1e-30 * np.arange(6), "is 5e-30 at most"),
    ],
)
def test_what_rounding_destroys_is_told(tmp_path: Path, y: Any, words: str) -> None:
    path = write(tmp_path, y=y)
    with pytest.warns(UserWarning, match=rf"mine\.npz, field 'y': {words}.*dtype=torch\.float64"):
        NPZ(path, "y")


@pytest.mark.parametrize(
    "y",
    [Y, Y + 1e9, 1e9 + 1e-7 * np.arange(6), 1e4 + np.arange(6), np.array([1, 1e-50, 0, 0, 0, 0])],
    ids=["zero", "constant", "noise", "offset", "beside"],
)
def test_what_rounding_leaves_is_not(
    tmp_path: Path, y: Any, recwarn: pytest.WarningsRecorder
) -> None:
    NPZ(write(tmp_path, y=y), "y")
    NPZ(write(tmp_path, y=-17617379 - np.arange(6) / 10), "y", dtype=torch.float64)
    assert not recwarn.list


def test_lattices_and_their_flags(tmp_path: Path) -> None:
    cell, pbc = np.broadcast_to(np.eye(3), (6, 3, 3)), np.ones((6, 3), bool)
    data = NPZ(write(tmp_path, cell=cell, pbc=pbc, y=Y), "y")
    assert data[0].cell.shape == (1, 3, 3)
    assert data[0].pbc.tolist() == [[True] * 3]
    with pytest.raises(ValueError, match=r"record 0, field 'pbc': needs 3 values"):
        NPZ(write(tmp_path, cell=cell, pbc=pbc[:, :2], y=Y), "y")


def test_positions_may_be_declared_otherwise(tmp_path: Path) -> None:
    """Displacements from an equilibrium are vectors, which translations leave alone."""
    data = NPZ(write(tmp_path, y=Y), "y", fields={"pos": "vector"})
    assert data.fields == {"pos": "vector", "y": "scalar"}
    assert re.search(r"pos +vector", data.summary())


def test_a_single_number_is_one_however_it_is_stored(tmp_path: Path) -> None:
    data = NPZ(write(tmp_path, y=Y[:, None], q=np.zeros((6, 3, 1))), levels={"q": "node"})
    assert data.fields == {"pos": "point", "y": "scalar", "q": "scalar"}
    assert data[0].y.shape == (1, 1)
    assert data[0].q.shape == (3, 1)


def test_the_lattice_can_be_a_target_and_positions_cannot(tmp_path: Path) -> None:
    path = write(tmp_path, cell=np.broadcast_to(np.eye(3), (6, 3, 3)), y=Y)
    assert NPZ(path, "y").targets == ("y",)
    assert NPZ(path, "cell").targets == ("cell",)
    with pytest.raises(ValueError, match="'pos' is what models read"):
        NPZ(path, "pos")
