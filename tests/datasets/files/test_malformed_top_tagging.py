"""Files of jets with a mistake, real ones: each is refused by file, record, field, or counted."""

from __future__ import annotations

import os
import pickle
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tables

from semola_geo.datasets import TopTagging

ENDINGS = ("parquet", "h5")
COUNT, SLOTS = 6, 4
WIDTHS = (2, 1, 3, 4, 2, 1)
Frame = pd.DataFrame


def jets(slots: int = SLOTS) -> Frame:
    """Massless constituents, the rest of the row filled with zeros."""
    momenta = np.random.default_rng(0).normal(size=(COUNT, slots, 3))
    energies = np.linalg.norm(momenta, axis=2, keepdims=True)
    full = np.concatenate([energies, momenta], 2)
    full[np.arange(slots) >= np.array(WIDTHS)[:, None]] = 0
    names = [f"{part}_{i}" for i in range(slots) for part in ("E", "PX", "PY", "PZ")]
    frame = Frame(full.reshape(COUNT, -1), columns=names)
    return frame.assign(ttv=[0, 0, 1, 2, 0, 1], is_signal_new=[0, 1] * 3)


def write(frame: Frame, path: Path, **options: Any) -> None:
    if path.suffix == ".h5":
        frame.to_hdf(path, key="table", format="table", **options)
    else:
        frame.to_parquet(path, **options)


def at(name: str, value: float, record: int = 2) -> Callable[[], Frame]:
    def changed() -> Frame:
        frame = jets().astype({name: float})
        frame.loc[record, name] = value
        return frame

    return changed


def zeros(slots: tuple[int, ...], record: int = 2) -> Callable[[], Frame]:
    def changed() -> Frame:
        frame = jets()
        frame.loc[record, [f"{part}_{i}" for i in slots for part in ("E", "PX", "PY", "PZ")]] = 0
        return frame

    return changed


def text(name: str, value: str = "fast") -> Callable[[], Frame]:
    return lambda: jets().astype({name: object}).assign(**{name: value})


def without(*names: str) -> Callable[[], Frame]:
    return lambda: jets().drop(columns=list(names))


def twice() -> Frame:
    frame = jets()
    return frame.rename(columns={"ttv": "is_signal_new"})


# Frame, record, field, words
FRAMES: dict[str, tuple[Callable[[], Frame], int | None, str | None, str]] = {
    "no rows": (lambda: jets().head(0), None, None, "has no records|holds 0 tables"),
    "no momenta": (lambda: jets()[["ttv", "is_signal_new"]], None, None, "no column 'E_0'"),
    "no first constituent": (
        without("E_0"),
        None,
        None,
        "there is no column 'E_0'; every constituent",
    ),
    "no PZ": (without("PZ_3"), None, None, "there is no column 'PZ_3'; every constituent i"),
    "energy of the last missing": (without("E_3"), None, None, "'PX_3' belongs to no constituent"),
    "constituent left over": (lambda: jets().assign(PX_9=1.0), None, None, "'PX_9' belongs to no"),
    "constituent with a hole": (lambda: jets().assign(E_9=1.0), None, None, "no column 'E_4'"),
    "no label": (without("is_signal_new"), None, "is_signal_new", "record 0.*is not in th"),
    "columns twice": (twice, None, None, "column 'is_signal_new': comes twice; rename one"),
    "text in an energy": (text("E_1"), None, None, "column 'E_1': needs numbers, got (object|str)"),
    "numbers as text": (text("PX_0", "1.5"), None, None, "column 'PX_0': needs numbers"),
    "logical momentum": (lambda: jets().assign(PY_0=True), None, None, "'PY_0': needs numbers"),
    "text as label": (text("is_signal_new", "top"), None, "is_signal_new", "a label is 0 or 1"),
    "NaN energy": (at("E_0", np.nan), 2, "pos", r"1 value\(s\) are NaN"),
    "NaN momentum": (at("PZ_1", np.nan), 2, "pos", r"1 value\(s\) are NaN"),
    "NaN in the padding": (at("PZ_3", np.nan), 2, "E_3", "is 0, but energies are positive"),
    "infinite energy": (at("E_0", np.inf, 5), 5, "pos", r"1 value\(s\) are NaN or infinite"),
    "infinite momentum": (at("PX_0", -np.inf), 2, "pos", r"1 value\(s\) are NaN or infinite"),
    "huge energy": (at("E_2", 1e30), 2, "pos", r"1e\+30 is too large.*float32"),
    "overflow": (at("E_2", 1e300), 2, "pos", r"1e\+300 is too large"),
    "negative energy": (at("E_1", -3.0), 2, "E_1", "is -3, but energies are positive"),
    "no energy": (at("E_0", 0.0, 0), 0, "E_0", "is 0, but energies are positive"),
    "space-like": (at("PX_1", 50.0), 2, "E_1", r"less than the momentum 50.*space-like"),
    "space-like and huge": (at("PX_1", 1e200), 2, "E_1", r"less than the momentum 1e\+200"),
    "no constituents": (zeros((0, 1, 2)), 2, "E_0", "is a jet without constituents"),
    "hole in a jet": (zeros((1,)), 2, "E_1", "is a constituent of zeros before others"),
    "zero first": (zeros((0,), 3), 3, "E_0", "is a constituent of zeros before others"),
    "third class": (at("is_signal_new", 2), 2, "is_signal_new", r"is 2\.0; a label is 0 or 1"),
    "signs as labels": (at("is_signal_new", -1), 2, "is_signal_new", "is -1.0; a label is 0 or 1"),
    "probability": (at("is_signal_new", 0.5, 4), 4, "is_signal_new", "is 0.5; a label is 0 or 1"),
    "label missing": (at("is_signal_new", np.nan), 2, "is_signal_new", "is nan; a label is 0 or 1"),
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("case", FRAMES)
def test_malformed_tables_are_refused_by_name(
    refuses: Callable[..., None], case: str, ending: str
) -> None:
    frame, record, field, words = FRAMES[case]
    if case == "columns twice" and ending == "parquet":
        # pandas refuses to write it, others do not.
        columns = frame()
        names, arrays = list(columns), [columns.iloc[:, i] for i in range(columns.shape[1])]

        def writer(path: Path) -> None:
            pq.write_table(pa.Table.from_arrays([pa.array(a) for a in arrays], names), path)

    else:

        def writer(path: Path) -> None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Of pandas, about such frames.
                write(frame(), path)

    refuses(TopTagging, f"mine.{ending}", (writer, record, field, words))


def content(ending: str, tmp_path: Path) -> bytes:
    path = tmp_path / f"good.{ending}"
    write(jets(), path)
    return path.read_bytes()


CUTS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda good: b"", "is empty"),
    "text": (lambda good: b"E_0,PX_0,PY_0,PZ_0\n1,0,0,1\n", "is neither Parquet nor HDF5"),
    "a notice of a web server": (lambda good: b"<!DOCTYPE html>", "is neither Parquet nor HDF5"),
    "pickle": (lambda good: pickle.dumps([1.0]), "is neither Parquet nor HDF5"),
    "gzip": (lambda good: b"\x1f\x8b" + good, "is compressed with gzip; unpack it"),
    "head alone": (lambda good: good[:8], "cannot be read: "),
    "truncated early": (lambda good: good[:100], "cannot be read: "),
    "truncated in the middle": (lambda good: good[: len(good) // 2], "cannot be read: "),
    "last bytes missing": (lambda good: good[:-40], "cannot be read: "),
    "rubbish behind the head": (lambda good: good[:8] + bytes(range(256)) * 9, "cannot be read: "),
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("case", CUTS)
def test_what_is_no_whole_file_is_refused(
    refuses: Callable[..., None], tmp_path: Path, case: str, ending: str
) -> None:
    spoil, words = CUTS[case]
    given = spoil(content(ending, tmp_path))
    refuses(TopTagging, f"mine.{ending}", (given, None, None, words))


def several(path: Path) -> None:
    for key in ("train", "test"):
        jets().to_hdf(path, key=key, format="table")


def fixed(path: Path) -> None:
    jets().to_hdf(path, key="table", format="fixed")


def series(path: Path) -> None:
    jets()["E_0"].to_hdf(path, key="table", format="table")


def arrays(path: Path) -> None:
    with tables.open_file(path, "w") as file:
        file.create_array("/", "E_0", np.ones(3))


def nothing(path: Path) -> None:
    tables.open_file(path, "w").close()


def emptied(path: Path) -> None:
    write(jets(), path)
    with tables.open_file(path, "a") as file:
        file.root.table.table.remove_rows(0, COUNT)


def elsewhere(path: Path) -> None:
    write(jets(), path)
    with tables.open_file(path, "a") as file:
        file.create_external_link("/", "other", "other.h5:/table")


def loop(path: Path) -> None:
    write(jets(), path)
    with tables.open_file(path, "a") as file:
        file.create_hard_link("/table", "again", "/")


HDF5: dict[str, tuple[Callable[[Path], None], str]] = {
    "several tables": (several, r"holds 2 tables \(/(train, /test|test, /train)\); save one"),
    "fixed format": (fixed, "is in the fixed format of pandas.*format='table'"),
    "a series": (series, "holds no frame but a series_table"),
    "arrays of PyTables": (arrays, r"holds 0 tables \(none of pandas\)"),
    "nothing inside": (nothing, r"holds 0 tables \(none of pandas\)"),
    "rows removed": (emptied, "has no records"),
    "link to another file": (elsewhere, "'/other' is a link to another file"),
    "group inside itself": (loop, "'/table/again' is another name of a group"),
}


@pytest.mark.parametrize("case", HDF5)
def test_other_hdf5_is_refused(refuses: Callable[..., None], case: str) -> None:
    writer, words = HDF5[case]
    refuses(TopTagging, "mine.h5", (writer, None, None, words))


class Bomb:
    """Makes a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.mark),)


def plant(path: Path, place: str, name: str, bomb: Bomb, protocol: int = 0) -> None:
    frame = jets()
    frame["ttv"] = frame["ttv"].astype("category")  # Kept in a table of its own.
    write(frame, path)
    with tables.open_file(path, "a") as file:
        node = file.get_node(place)
        node._v_attrs._g_setattr(node, name, np.bytes_(pickle.dumps(bomb, protocol)))


PLACES = [
    ("/", "TITLE"),
    ("/", "FILTERS"),
    ("/", "note"),
    ("/table", "info"),
    ("/table", "note"),
    ("/table/table", "FIELD_0_FILL"),
    ("/table/meta", "note"),
    ("/table/meta/values_block_1/meta/table", "note"),
]


def explodes(path: Path) -> None:
    with pd.HDFStore(path, mode="r") as store:
        store.get("table")


@pytest.mark.parametrize(("place", "name"), PLACES)
def test_pickled_objects_are_refused_before_they_run(tmp_path: Path, place: str, name: str) -> None:
    path, mark = tmp_path / "bomb.h5", tmp_path / "mark"
    plant(path, place, name, Bomb(mark))
    words = rf"bomb\.h5: an attribute of '{place}' is a pickled .* imports '(posix|nt)\.mkdir'"
    for option in ("raise", "skip"):
        with pytest.raises(ValueError, match=words):
            TopTagging(path, on_error=option)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=words):
        TopTagging(path, split="train")
    assert not mark.exists()
    # The bomb is a real one, and PyTables is as it was.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            explodes(path)
        except Exception as error:
            assert not isinstance(error, FileExistsError)
    assert mark.exists()


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol_of_pickle_is_looked_through(tmp_path: Path, protocol: int) -> None:
    path, mark = tmp_path / "bomb.h5", tmp_path / "mark"
    plant(path, "/table", "note", Bomb(mark), protocol)
    with pytest.raises(ValueError, match="is a pickled Python object"):
        TopTagging(path)
    assert not mark.exists()


def test_what_pytables_hides_is_looked_through(tmp_path: Path) -> None:
    path, mark = tmp_path / "bomb.h5", tmp_path / "mark"
    plant(path, "/table/_i_table/index/sorted", "note", Bomb(mark))
    with pytest.raises(ValueError, match=r"of '/table/_i_table/index.*' is a pickled"):
        TopTagging(path)
    assert not mark.exists()


def test_arrays_of_objects_are_refused_before_they_run(tmp_path: Path) -> None:
    path, mark = tmp_path / "bomb.h5", tmp_path / "mark"
    write(jets(), path)
    with tables.open_file(path, "a") as file:
        file.create_vlarray("/table", "objects", tables.ObjectAtom()).append(Bomb(mark))
    with pytest.raises(ValueError, match="'/table/objects' is an array of Python objects"):
        TopTagging(path)
    assert not mark.exists()


def test_a_text_that_ends_as_pickles_do_is_no_danger(tmp_path: Path) -> None:
    path = tmp_path / "mine.h5"
    write(jets(), path)
    with tables.open_file(path, "a") as file:
        root = file.root
        root._v_attrs._g_setattr(root, "note", np.bytes_(b"Jets of a simulation."))
        root._v_attrs._g_setattr(root, "year", np.bytes_(pickle.dumps({"year": [2017, None]}, 0)))
        file.create_soft_link("/", "same", "/table")
    assert len(TopTagging(path)) == COUNT


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_file(tmp_path: Path, ending: str) -> None:
    with pytest.raises(FileNotFoundError, match=rf"no file .*nowhere\.{ending}"):
        TopTagging(tmp_path / f"nowhere.{ending}")
    (tmp_path / f"folder.{ending}").mkdir()
    with pytest.raises(ValueError, match="is a folder; give the path of a file"):
        TopTagging(tmp_path / f"folder.{ending}")
    with pytest.raises(TypeError, match="path must be the path of a file, got int"):
        TopTagging(3)  # type: ignore[arg-type]


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_looks_odd_and_is_none_of_it_is_read(tmp_path: Path, ending: str) -> None:
    """Any number of constituents in any order, columns in any order, any name of the file."""
    frame = jets(210)
    path = tmp_path / f"mine.{ending}"
    write(frame[list(frame.columns[::-1])], path)
    path = path.rename(tmp_path / f"mine.{ENDINGS[ending == 'parquet']}")
    data = TopTagging(path)
    assert [graph.num_nodes for graph in data] == list(WIDTHS)
    transverse = [np.hypot(*graph.pos[:, 1:3].numpy().T) for graph in data]
    assert any((np.diff(t) > 0).any() for t in transverse)
    leading = TopTagging(path, leading=1)
    for graph, t in zip(leading, transverse, strict=True):
        assert float(np.hypot(*graph.pos[0, 1:3].numpy())) == pytest.approx(float(t.max()))


@pytest.mark.parametrize("ending", ENDINGS)
def test_single_precision_of_massless_constituents_is_not_space_like(
    tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"mine.{ending}"
    frame = jets()
    columns = frame.columns[: 4 * SLOTS]
    write(frame.astype(dict.fromkeys(columns, np.float32)), path)
    assert len(TopTagging(path)) == COUNT
