"""Jets: from tables of 200 columns of constituents to graphs, and what is refused."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from semola_geo.datasets import TopTagging
from semola_geo.datasets.files import top_tagging

SIZES = (3, 1, 5, 2, 4)
NAMES = ("E", "PX", "PY", "PZ")


def jets(sizes: tuple[int, ...] = SIZES) -> list[np.ndarray[Any, Any]]:
    """Massless constituents, exact in float32."""
    generator = np.random.default_rng(0)
    momenta = [generator.normal(size=(n, 3)).astype(np.float32).astype(float) for n in sizes]
    energies = [np.float32(np.linalg.norm(p, axis=1)).astype(float) for p in momenta]
    return [np.column_stack(both) for both in zip(energies, momenta, strict=True)]


def table(slots: int = 6, **others: Any) -> dict[str, np.ndarray[Any, Any]]:
    padded = np.zeros((len(SIZES), slots, 4))
    for row, jet in enumerate(jets()):
        padded[row, : len(jet)] = jet
    columns = {f"{NAMES[c]}_{i}": padded[:, i, c] for i in range(slots) for c in range(4)}
    label = np.arange(len(SIZES)) % 2
    return {**columns, "ttv": 0 * label, "is_signal_new": label} | others


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Put a table in the place of a file, in chunks of two rows."""
    path = tmp_path / "mine.parquet"
    path.write_bytes(b"PAR1")

    def put(columns: dict[str, np.ndarray[Any, Any]]) -> Path:
        def chunks(_: Path, rows: int) -> Iterator[dict[str, np.ndarray[Any, Any]]]:
            for start in range(0, len(SIZES), 2):
                yield {name: column[start : start + 2] for name, column in columns.items()}

        monkeypatch.setattr(top_tagging, "table_chunks", chunks)
        return path

    return put


def check(data: TopTagging) -> None:
    assert data.fields == {"pos": "vector", "is_signal_new": "scalar"}
    assert data.targets == ("is_signal_new",)
    assert len(data) == len(SIZES)
    for number, (graph, expected) in enumerate(zip(data, jets(), strict=True)):
        assert graph.pos.tolist() == expected.tolist()
        assert graph.is_signal_new.tolist() == [number % 2]
        assert graph.idx.tolist() == [number]


def test_padding_goes_and_everything_else_stays(given: Any) -> None:
    data = TopTagging(given(table()))
    check(data)
    assert "ttv            -               -       left out  not asked for" in data.summary()
    summary = TopTagging(given(table()), None).summary()
    assert "left out  whole numbers; name it in targets or inputs to have it" in summary


def test_leading_constituents_have_the_largest_transverse_momentum(given: Any) -> None:
    data = TopTagging(given(table()), leading=2, dtype=torch.float64)
    for graph, jet in zip(data, jets(), strict=True):
        transverse = np.hypot(jet[:, 1], jet[:, 2])
        kept = np.isin(transverse, np.sort(transverse)[-2:])
        assert graph.pos.tolist() == jet[kept].tolist()


def test_other_columns_are_fields(given: Any) -> None:
    mass = np.linspace(170, 180, len(SIZES))
    data = TopTagging(given(table(mass=mass)), "is_signal_new", inputs="mass", limit=3)
    assert data.mass.tolist() == pytest.approx(mass[:3])
    assert data.fields == {"pos": "vector", "is_signal_new": "scalar", "mass": "scalar"}


def at(name: str, value: float, record: int = 2) -> dict[str, np.ndarray[Any, Any]]:
    columns = table()
    columns[name] = columns[name].astype(float)
    columns[name][record] = value
    return columns


def emptied() -> dict[str, np.ndarray[Any, Any]]:
    columns = table()
    for name in columns:
        if name.split("_")[0] in NAMES:
            columns[name] = np.where(np.arange(len(SIZES)) == 2, 0, columns[name])
    return columns


def gap() -> dict[str, np.ndarray[Any, Any]]:
    columns = table()
    for name in NAMES:
        columns[f"{name}_1"] = np.where(np.arange(len(SIZES)) == 2, 0, columns[f"{name}_1"])
    return columns


WRONG: dict[str, tuple[Any, str, str]] = {
    "no constituents": (emptied, "E_0", "is a jet without constituents: all momenta are zero"),
    "a gap": (gap, "E_1", "is a constituent of zeros before others"),
    "negative energy": (lambda: at("E_1", -3.0), "E_1", "is -3, but energies are positive"),
    "NaN": (lambda: at("PX_3", np.nan), "pos", r"1 value\(s\) are NaN"),
    "infinite": (lambda: at("E_0", np.inf), "pos", r"1 value\(s\) are NaN or infinite"),
    "huge": (lambda: at("E_0", 1e30), "pos", r"1e\+30 is too large"),
    "label": (lambda: at("is_signal_new", 2), "is_signal_new", "is 2.0; a label is 0 or 1"),
    "no label": (lambda: at("is_signal_new", np.nan), "is_signal_new", "is nan; a label is 0 or 1"),
}


@pytest.mark.parametrize("leading", [None, 2])
@pytest.mark.parametrize("case", WRONG)
def test_wrong_jets_are_refused_by_name_or_counted(
    given: Any, case: str, leading: int | None
) -> None:
    columns, field, words = WRONG[case]
    path = given(columns())
    with pytest.raises(ValueError, match=rf"mine\.parquet, record 2, field '{field}': {words}"):
        TopTagging(path, leading=leading)
    with pytest.warns(UserWarning, match=r"skipped 1 record\(s\).*record 2"):
        assert TopTagging(path, leading=leading, on_error="skip").idx.tolist() == [0, 1, 3, 4]


def without(*names: str) -> dict[str, np.ndarray[Any, Any]]:
    return {name: column for name, column in table().items() if name not in names}


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (without("PX_0"), "there is no column 'PX_0'; every constituent"),
        (without("PZ_5"), "there is no column 'PZ_5'"),
        (without("E_3"), "there is no column 'E_3'"),
        (without("E_5"), "column 'PX_5' belongs to no constituent, because E_5 is missing"),
        (without("is_signal_new"), "record 0, field 'is_signal_new': is not in the first record"),
        ({"a": np.zeros(5)}, "there is no column 'E_0'"),
        (table(PY_2=np.array(["x"] * 5)), "column 'PY_2': needs numbers, got <U1"),
    ],
)
def test_wrong_columns_are_named(given: Any, columns: Any, words: str) -> None:
    with pytest.raises(ValueError, match=rf"mine\.parquet.*({words})"):
        TopTagging(given(columns))


@pytest.mark.parametrize(
    ("head", "library"), [(b"PAR1", "pyarrow"), (b"\x89HDF\r\n\x1a\n", "tables")]
)
def test_a_missing_library_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: bytes, library: str
) -> None:
    for name in ("pyarrow.parquet", "tables"):
        monkeypatch.setitem(sys.modules, name, None)
    path = tmp_path / "mine.h5"
    path.write_bytes(head + bytes(99))
    with pytest.raises(ImportError, match=rf"needs {library} .*semola_geo\[jets\]"):
        TopTagging(path)


def test_mistakes_in_files_and_options(tmp_path: Path) -> None:
    path = tmp_path / "mine.h5"
    path.write_text("E_0,PX_0\n")
    with pytest.raises(ValueError, match=r"mine\.h5 is neither Parquet nor HDF5"):
        TopTagging(path)
    with pytest.raises(ValueError, match="leading counts constituents"):
        TopTagging(path, leading=0)
    with pytest.raises(TypeError, match="fields maps names to text"):
        TopTagging(path, fields=["pos"])  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError, match=r"no file .*nowhere\.parquet"):
        TopTagging(tmp_path / "nowhere.parquet")


@pytest.mark.parametrize("ending", ["parquet", "h5"])
def test_files_of_pandas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    monkeypatch.setattr(top_tagging, "_ROWS", 2)
    path = tmp_path / f"mine.{ending}"
    frame = pd.DataFrame(table(200))
    frame["ttv"] = frame["ttv"].astype("category")
    if ending == "h5":
        frame.to_hdf(path, key="table", format="table")
    else:
        frame.to_parquet(path)
    check(TopTagging(path))
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ValueError, match=rf"mine\.{ending} cannot be read"):
        TopTagging(path)
