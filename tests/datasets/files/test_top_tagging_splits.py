"""The published splits of jets: a column, three files, or a random cut without either."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from semola_geo.datasets import TopTagging
from semola_geo.datasets.files import top_tagging

COUNT = 40
CODES = np.arange(COUNT) * 7 % 5 % 3
NUMBERS = {
    name: np.flatnonzero(code == CODES).tolist()
    for name, code in {"train": 0, "test": 1, "val": 2}.items()
}


def frame(**columns: Any) -> pd.DataFrame:
    massless = {"E_0": 1.0 + np.arange(COUNT), "PX_0": 0.0, "PY_0": 0.0}
    label = np.arange(COUNT) % 2
    given = {**massless, "PZ_0": massless["E_0"], "ttv": CODES, "is_signal_new": label} | columns
    return pd.DataFrame({name: column for name, column in given.items() if column is not None})


def saved(path: Path, **columns: Any) -> Path:
    """A file of jets whose energies are their numbers, and one."""
    given = frame(**columns)
    if path.suffix == ".h5":
        given.to_hdf(path, key="table", format="table")
    else:
        given.to_parquet(path)
    return path


def numbers(data: TopTagging) -> list[int]:
    found: list[int] = data.idx.tolist()
    assert [float(graph.pos[0, 0]) for graph in data] == [number + 1.0 for number in found]
    return found


@pytest.mark.parametrize("ending", ["parquet", "h5"])
@pytest.mark.parametrize("dtype", ["int64", "int8", "float32", "category"])
def test_the_column_tells_the_split(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str, dtype: str
) -> None:
    monkeypatch.setattr(top_tagging, "_ROWS", 7)
    path = saved(tmp_path / f"mine.{ending}", ttv=pd.Series(CODES).astype(dtype))
    for split, expected in NUMBERS.items():
        data = TopTagging(path, split=split, seed=3)  # type: ignore[arg-type]
        assert numbers(data) == expected
        assert "ttv" not in data.fields
    assert numbers(TopTagging(path)) == list(range(COUNT))
    assert numbers(TopTagging(path, split="val", limit=3)) == NUMBERS["val"][:3]


@pytest.mark.parametrize("ending", ["parquet", "h5"])
def test_without_the_column_a_seed_cuts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.setattr(top_tagging, "_ROWS", 7)
    path = saved(tmp_path / f"mine.{ending}", ttv=None)
    parts = {
        split: numbers(TopTagging(path, split=split))  # type: ignore[arg-type]
        for split in NUMBERS
    }
    assert [len(parts[name]) for name in ("train", "val", "test")] == [30, 4, 6]
    assert sorted(number for part in parts.values() for number in part) == list(range(COUNT))
    assert numbers(TopTagging(path, split="test")) == parts["test"]
    assert numbers(TopTagging(path, split="test", seed=1)) != parts["test"]


@pytest.mark.parametrize("column", [True, False])
def test_every_split_has_its_file(tmp_path: Path, column: bool) -> None:
    codes = {"train": 0, "test": 1, "val": 2}
    files = {
        split: saved(tmp_path / f"{split}.parquet", ttv=code if column else None, PZ_0=-code / 2)
        for split, code in codes.items()
    }
    for split, code in codes.items():
        data = TopTagging(files, split=split)  # type: ignore[arg-type]
        assert data.path == files[split]
        assert numbers(data) == list(range(COUNT))
        assert float(data[3].pos[0, 3]) == -code / 2


def test_files_that_are_mixed_up_are_told(tmp_path: Path) -> None:
    files = {
        split: saved(tmp_path / f"{split}.parquet", ttv=code)
        for split, code in {"train": 0, "test": 2, "val": 1}.items()
    }
    TopTagging(files, split="train")
    words = r"val\.parquet, record 0, field 'ttv': is 1 \(test\), but the file is .* of val"
    for option in ("raise", "skip"):
        with pytest.raises(ValueError, match=words):
            TopTagging(files, split="val", on_error=option)  # type: ignore[arg-type]


@pytest.mark.parametrize("code", [3, -1, 0.5, math.nan, math.inf])
def test_other_codes_are_wrong_records(tmp_path: Path, code: float) -> None:
    codes = CODES.astype(float)
    codes[4] = code
    path = saved(tmp_path / "mine.parquet", ttv=codes)
    with pytest.raises(ValueError, match=r"record 4, field 'ttv': is .*; it is 0 \(train\), 1"):
        TopTagging(path, split="train")
    with pytest.warns(UserWarning, match=r"skipped 1 record\(s\).*record 4, field 'ttv'"):
        data = TopTagging(path, split="train", on_error="skip")
    assert numbers(data) == [number for number in NUMBERS["train"] if number != 4]
    assert len(TopTagging(path)) == COUNT  # Nobody asked.


def test_mistakes_about_splits(tmp_path: Path) -> None:
    path = saved(tmp_path / "train.parquet", ttv=0)
    with pytest.raises(ValueError, match="no record belongs to split='val'; the public data come"):
        TopTagging(path, split="val")
    with pytest.raises(ValueError, match="split='dev' is unknown; choose one of train, val, test"):
        TopTagging(path, split="dev")  # type: ignore[arg-type]
    two = {"train": path, "test": path}
    with pytest.raises(ValueError, match="path has files for train, test; give one file, or one"):
        TopTagging(two, split="test")
    with pytest.raises(ValueError, match="needs three different files"):
        TopTagging(two | {"val": path}, split="test")
    three = {name: tmp_path / f"{name}.parquet" for name in NUMBERS}
    with pytest.raises(ValueError, match="choose split='train', 'val' or 'test'"):
        TopTagging(three)
    with pytest.raises(FileNotFoundError, match=r"no file .*val\.parquet"):
        TopTagging(three, split="val")
    with pytest.raises(TypeError, match=r"path\['val'\] must be the path of a file, got int"):
        TopTagging(three | {"val": 3}, split="val")  # type: ignore[dict-item]
    text = saved(tmp_path / "text.parquet", ttv="train")
    with pytest.raises(ValueError, match=r"text\.parquet, column 'ttv': needs numbers"):
        TopTagging(text, split="train")
    few = tmp_path / "few.parquet"
    frame(ttv=None).head(9).to_parquet(few)
    with pytest.raises(ValueError, match=r"few\.parquet: 9 graph\(s\) are too few to split"):
        TopTagging(few, split="train")
