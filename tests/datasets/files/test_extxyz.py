"""Extended XYZ: what is read, and what is refused with which words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import ase
import ase.io
import numpy as np
import pytest
import torch
from ase.calculators.singlepoint import SinglePointCalculator
from torch_geometric.loader import DataLoader

from semola_geo.datasets import ExtXYZ

LAYOUT = "Properties=species:S:1:pos:R:3:forces:R:3"
ATOMS = ["H 0 0 0 0.1 0 0", "O 0 0 1 0 0.1 0"]
FRAME = f'2\n{LAYOUT} energy=-1.5 dipole="0 0 1"\n' + "\n".join(ATOMS) + "\n"


def molecules(count: int = 12) -> list[ase.Atoms]:
    generator = np.random.default_rng(0)
    out = []
    for number in range(count):
        size = 2 + number % 3
        atoms = ase.Atoms("HCNO"[:size], generator.normal(size=(size, 3)))
        stress = generator.normal(size=6)
        atoms.calc = SinglePointCalculator(
            atoms,
            energy=float(number),
            forces=generator.normal(size=(size, 3)),
            dipole=generator.normal(size=3),
            charges=generator.normal(size=size),
            stress=stress,
        )
        atoms.info |= {"gap": number + 0.5, "spin": generator.normal(size=3), "tag": f"a{number}"}
        atoms.new_array("axis", generator.normal(size=(size, 3)))
        out.append(atoms)
    return out


@pytest.fixture
def written(tmp_path: Path) -> tuple[Path, list[ase.Atoms]]:
    path, atoms = tmp_path / "mine.extxyz", molecules()
    ase.io.write(path, atoms, format="extxyz")
    return path, ase.io.read(path, ":")


def test_everything_that_ase_wrote_comes_back(written: tuple[Path, list[ase.Atoms]]) -> None:
    path, atoms = written
    data = ExtXYZ(path, fields={"spin": "pseudovector", "axis": "vector"}, dtype=torch.float64)
    assert data.fields == {
        "pos": "point",
        "axis": "vector",
        "gap": "scalar",
        "spin": "pseudovector",
        "energy": "scalar",
        "forces": "covector",
        "dipole": "vector",
        "charges": "scalar",
        "stress": "ij=ji",
    }
    assert len(data) == len(atoms)
    for number, (graph, reference) in enumerate(zip(data, atoms, strict=True)):
        assert int(graph.idx) == number
        assert graph.z.tolist() == reference.numbers.tolist()
        results = reference.calc.results
        for name, expected in {
            "pos": reference.positions,
            "axis": reference.arrays["axis"],
            "gap": [reference.info["gap"]],
            "spin": [reference.info["spin"]],
            "energy": [results["energy"]],
            "forces": results["forces"],
            "dipole": [results["dipole"]],
            "charges": results["charges"],
            "stress": [reference.get_stress(voigt=False)],
        }.items():
            torch.testing.assert_close(graph[name], torch.tensor(np.asarray(expected)))


def test_only_what_is_asked_for_is_served(written: tuple[Path, list[ase.Atoms]]) -> None:
    data = ExtXYZ(written[0], "dipole", inputs="charges", limit=5)
    assert len(data) == 5
    assert data.targets == ("dipole",)
    assert data.fields == {"pos": "point", "dipole": "vector", "charges": "scalar"}
    floating = [k for k, v in data[0].to_dict().items() if torch.is_floating_point(v)]
    assert sorted(floating) == sorted(data.fields)
    summary = data.summary()
    assert "5 graphs" in summary
    for row in (r"forces +- +- +left out +not asked for", r"charges +scalar +\[n\] +input +name"):
        assert re.search(row, summary)


def test_batches(written: tuple[Path, list[ase.Atoms]]) -> None:
    data = ExtXYZ(written[0], ("dipole", "energy", "stress", "forces"))
    batch = next(iter(DataLoader(data, batch_size=12)))
    shapes = {"dipole": (12, 3), "energy": (12,), "stress": (12, 3, 3), "forces": batch.pos.shape}
    assert {name: tuple(batch[name].shape) for name in shapes} == {
        name: tuple(shape) for name, shape in shapes.items()
    }
    assert len(data[[3, 1]]) == 2
    assert data[[3, 1]].fields == data.fields


def test_lattice_becomes_row_vectors_that_turn_as_vectors(tmp_path: Path) -> None:
    cell = np.array([[3.0, 0, 0], [1, 4, 0], [0, 1, 5]])
    path = tmp_path / "crystal.extxyz"
    ase.io.write(path, [ase.Atoms("Na", [[0, 0, 0]], cell=cell, pbc=[1, 1, 0], info={"y": 0.5})])
    data = ExtXYZ(path, "y")
    torch.testing.assert_close(data[0].cell, torch.tensor(cell[None], dtype=torch.float32))
    assert data[0].pbc.tolist() == [[True, True, False]]
    assert data.fields == {"pos": "point", "y": "scalar", "cell": "vector"}
    assert data.targets == ("y",)


@pytest.mark.parametrize(
    "text",
    [
        (3 * FRAME).replace("\n", "\r\n"),
        (3 * FRAME).rstrip("\n"),
        "\n\n".join([FRAME, FRAME, FRAME]) + "\n \n",
        3 * FRAME.replace(" 0 0 1 ", "\t0   0  1e0  "),
        3 * FRAME.replace("-1.5", "-1"),
        FRAME + FRAME.replace("-1.5", "-2") + FRAME,
        3 * FRAME.replace("energy", 'comment="a=1 a=2" energy'),
    ],
    ids=["windows", "no newline", "blank lines", "tabs", "whole", "some whole", "quoted keys"],
)
def test_harmless_oddities_are_read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "odd.extxyz"
    path.write_bytes(text.encode())
    data = ExtXYZ(path, ("energy", "dipole", "forces"))
    assert len(data) == 3
    assert data[2].dipole.tolist() == [[0.0, 0.0, 1.0]]
    assert data[2].pos.tolist() == [[0, 0, 0], [0, 0, 1]]
    assert data[2].energy.dtype == torch.float32


def test_plain_xyz_has_species_and_positions_only(tmp_path: Path) -> None:
    path = tmp_path / "plain.xyz"
    path.write_text("1\nwater? no\nHe 1 2 3\n")
    assert ExtXYZ(path)[0].pos.tolist() == [[1, 2, 3]]


def test_wrong_records_can_be_skipped_and_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "mine.extxyz"
    bad = [FRAME.replace("-1.5", "nan"), FRAME.replace("energy=-1.5", "")]
    path.write_text(bad[0] + FRAME + bad[1] + FRAME)
    with pytest.warns(UserWarning, match=r"skipped 2 record\(s\), the first is record 0.*energy"):
        data = ExtXYZ(path, "energy", on_error="skip")
    assert data.idx.tolist() == [1, 3]
    assert len(data.skipped) == 2
    assert "2 record(s) were skipped" in data.summary()
    path.write_text(bad[0])
    with pytest.raises(ValueError, match=r"no records that can be used; record 0.*energy"):
        ExtXYZ(path, "energy", on_error="skip")


def column(name: str) -> str:
    """A frame whose last three columns have other names."""
    return FRAME.replace(' energy=-1.5 dipole="0 0 1"', "").replace("forces:R:3", name)


@pytest.mark.parametrize(
    ("layout", "name", "declared", "shape"),
    [
        ("energy:R:1:x:R:2", "energy", {}, (2,)),
        ("dipole:R:3", "dipole", {"dipole": "vector"}, (2, 3)),
        ("stress:R:3", "stress", {"stress": "vector"}, (2, 3)),
    ],
)
def test_columns_are_one_row_per_atom_whatever_their_name(
    tmp_path: Path, layout: str, name: str, declared: dict[str, str], shape: tuple[int, ...]
) -> None:
    path = tmp_path / "mine.extxyz"
    path.write_text(column(layout))
    data = ExtXYZ(path, name, fields=declared)
    assert data.meanings[name].level == "node"
    assert data[0][name].shape == shape


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        (column("dipole:R:3"), "dipole", r"\[3\] per node, but .*\[3\] per graph.*'vector'\}"),
        (column("forces:R:1:x:R:2"), "forces", r"\[\] per node, but by its name it is 'covector'"),
        (FRAME.replace("energy", 'cell="9 9 9" energy'), "cell", r"\[3, 3\] per graph, one vector"),
    ],
)
def test_a_known_name_with_another_shape_is_no_scalar(
    tmp_path: Path, text: str, name: str, words: str
) -> None:
    path = tmp_path / "mine.extxyz"
    path.write_text(text)
    with pytest.raises(ValueError, match=f"record 0 .*field '{name}': .*{words}"):
        ExtXYZ(path, name)


AMBIGUOUS = FRAME.replace("energy", 'mystery="1.5 2 3" energy')


@pytest.mark.parametrize("options", [{}, {"targets": "mystery"}, {"on_error": "skip"}])
def test_a_vector_of_unknown_meaning_is_never_guessed(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    path = tmp_path / "mine.extxyz"
    path.write_text(AMBIGUOUS)
    message = r"mine\.extxyz, record 0 .*field 'mystery': .*fields=\{'mystery': 'vector'\}.*data\.f"
    with pytest.raises(ValueError, match=message):
        ExtXYZ(path, **options)


def test_declared_meanings_win(tmp_path: Path) -> None:
    path = tmp_path / "mine.extxyz"
    path.write_text(AMBIGUOUS)
    data = ExtXYZ(path, ("mystery", "dipole"), fields={"mystery": "point", "dipole": "1o"})
    assert data.fields == {"pos": "point", "mystery": "point", "dipole": "1x1o"}
    assert data.meanings["mystery"].why == "declared"
    assert ExtXYZ(path, fields={"mystery": "scalar"})[0].mystery.shape == (1, 3)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"targets": "dipol"},
            ValueError,
            "'dipol': is not in the first record, which has .*dipole",
        ),
        ({"inputs": ["charge"]}, ValueError, "'charge': is not in the first record"),
        ({"fields": {"x": "vector"}}, ValueError, "'x': is not in the first record"),
        (
            {"fields": {"energy": "vector"}},
            ValueError,
            r"needs trailing axes \[3\].*\[\] per graph",
        ),
        ({"fields": {"energy": "magic"}}, ValueError, "unknown representation 'magic'"),
        ({"fields": ["energy"]}, TypeError, "fields maps names to text"),
        ({"levels": {"energy": "atom"}}, ValueError, "choose 'node', 'graph' or 'edge'"),
        ({"targets": ["energy", "energy"]}, ValueError, "names a field twice"),
        ({"targets": [3]}, TypeError, "holds names of fields, got 3"),
        ({"targets": 3}, TypeError, "targets holds names of fields, got 3"),
        ({"inputs": None}, TypeError, "inputs holds names of fields, got None"),
        ({"targets": "z"}, ValueError, "'z': belongs to the geometry, .*leave it out of targets"),
        ({"inputs": ["pos", "z"]}, ValueError, "'z': belongs to the geometry"),
        ({"targets": "edge_index"}, ValueError, "'edge_index': is not in the first record"),
        (
            {"levels": {"energy": "node"}},
            ValueError,
            "'node', but the file has it at level 'graph'",
        ),
        ({"targets": "energy", "inputs": "energy"}, ValueError, "it can be only one"),
        ({"on_error": "ignore"}, ValueError, "on_error='ignore'"),
        ({"limit": 0}, ValueError, "limit counts records"),
        ({"limit": 1.5}, TypeError, "limit counts records, at least 1, or None; got 1.5"),
        ({"limit": "3"}, TypeError, "limit counts records, at least 1, or None; got '3'"),
        ({"dtype": torch.float16}, ValueError, "float16"),
    ],
)
def test_mistakes_in_options_are_explained(
    tmp_path: Path, options: dict[str, Any], error: type, message: str
) -> None:
    path = tmp_path / "mine.extxyz"
    path.write_text(FRAME)
    with pytest.raises(error, match=message):
        ExtXYZ(path, **options)


def test_nothing_is_read_behind_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "mine.extxyz"
    path.write_text(FRAME + "two\n")
    assert len(ExtXYZ(path, "energy", limit=1)) == 1


def test_a_part_has_a_summary_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.extxyz"
    path.write_text(f"1\n{LAYOUT}\n{ATOMS[0]}\n" + 2 * FRAME.replace("energy=-1.5 ", ""))
    data = ExtXYZ(path, "forces")
    for part, words in {(0, 3): "3 graphs, 5 nodes", (1, 3): "2 graphs, 4", (0, 0): "0 gr"}.items():
        assert f": {words}" in data[slice(*part)].summary()
    assert ": 1 graphs, 1 nodes" in ExtXYZ(path, "forces", limit=1).summary()


def test_all_records_need_the_same_fields_when_all_are_wanted(tmp_path: Path) -> None:
    path = tmp_path / "mine.extxyz"
    path.write_text(FRAME + FRAME.replace("energy", "gap=2 energy"))
    with pytest.raises(
        ValueError, match=r"record 1 .*field 'gap': is here, but records before lack"
    ):
        ExtXYZ(path)
    assert "not asked for" in ExtXYZ(path, "energy").summary()
    path.write_text(FRAME.replace("energy", "gap=2 energy") + FRAME.replace("en", "gap=2.5 en"))
    with pytest.raises(ValueError, match="'gap': is a number here, but the first record has whole"):
        ExtXYZ(path)
    assert ExtXYZ(path, "gap").gap.tolist() == [2.0, 2.5]


def test_names_that_pyg_would_change_are_left_out_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.extxyz"
    path.write_text(FRAME.replace("energy", "my_index=0.5 keys=1.5 energy"))
    summary = ExtXYZ(path).summary()
    assert "PyG gives this name a meaning of its own" in summary
    assert "the name is taken" in summary
    for name in ("my_index", "keys"):
        with pytest.raises(ValueError, match=f"record 0 .*field '{name}': .*rename it"):
            ExtXYZ(path, name)
