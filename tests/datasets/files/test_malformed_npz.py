"""Archives of arrays with a mistake: each is refused by file, record and field, or counted."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from semola_geo.datasets import NPZ

POS = np.random.default_rng(0).normal(size=(6, 3, 3))
Y = np.arange(6) + 0.5
CELL = np.broadcast_to(np.eye(3), (6, 3, 3))


def archive(**arrays: Any) -> bytes:
    """``pos`` and ``y`` with further arrays, or with others in their place."""
    buffer = io.BytesIO()
    given = {"pos": POS, "y": Y} | arrays
    np.savez(buffer, **{name: array for name, array in given.items() if array is not None})
    return buffer.getvalue()


def at(array: np.ndarray[Any, Any], record: int, value: float) -> np.ndarray[Any, Any]:
    changed = array.copy()
    changed[record].flat[0] = value
    return changed


def member(name: str, content: bytes, **arrays: Any) -> bytes:
    """An archive with one more file inside."""
    buffer = io.BytesIO(archive(**arrays))
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "a") as target:
        warnings.simplefilter("ignore")
        target.writestr(name, content)
    return buffer.getvalue()


def header(shape: tuple[int, ...]) -> bytes:
    """An array of six numbers that says it has this shape."""
    buffer = io.BytesIO()
    told = {"descr": "<f8", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(buffer, told)
    return buffer.getvalue() + bytes(48)


def compressed() -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, pos=POS, y=Y)
    return buffer.getvalue()


def single() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, POS)
    return buffer.getvalue()


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :]


GOOD, SMALL = archive(), compressed()
STRUCTURED = np.zeros(6, [("a", float)])
OBJECTS = np.array([{}] * 6)
RAGGED = np.array([[1], [1, 2]], dtype=object)

CASES: dict[str, tuple[bytes, int | None, str | None, str]] = {
    "empty": (b"", None, None, "is empty"),
    "text": (b"pos,y\n1,2\r\n", None, None, r"is no \.npz archive; write one with"),
    "binary rubbish": (bytes(range(256)) * 9, None, None, r"is no \.npz archive"),
    "one array": (single(), None, None, r"is no \.npz archive"),
    "truncated early": (GOOD[:100], None, None, r"is no \.npz archive"),
    "truncated late": (GOOD[:-40], None, None, r"is no \.npz archive"),
    "damaged": (flipped(GOOD, 200), None, None, "is damaged: BadZipFile: Bad CRC"),
    "damaged stream": (flipped(SMALL, 300), None, None, "is damaged: "),
    "no pos": (archive(pos=None), None, None, "has no array 'pos'.*it has y"),
    "no arrays": (archive(pos=None, y=None), None, None, "has no array 'pos'.*it has nothing"),
    "other files": (member("read.txt", b"me"), None, "read.txt", "is no array with a name"),
    "pickle": (member("q.npy", b"\x80\x04]."), None, "q", "is no array with a name"),
    "no name": (archive(**{"": Y}), None, "", "is no array with a name"),
    "twice": (member("y.npy", header((6,))), None, "y", "is in the archive twice"),
    "header too long": (member("q.npy", header((7,))), None, "q", "cannot be read: .*expected 56"),
    "header of terabytes": (member("q.npy", header((10**14,))), None, "q", "larger than the mem"),
    "header without end": (member("q.npy", header((10**20,))), None, "q", "larger than the mem"),
    "negative header": (member("q.npy", header((-6,))), None, "q", "cannot be read: .*negative"),
    "objects": (archive(y=OBJECTS), None, "y", "is an array of Python objects, which could run"),
    "objects beside": (archive(q=OBJECTS), None, "q", "is an array of Python objects"),
    "ragged": (archive(pos=RAGGED), None, "pos", "is an array of Python objects"),
    "flat pos": (archive(pos=POS[0]), None, "pos", r"needs shape \[N, n, d\], got \[3, 3\]"),
    "no dimension": (archive(pos=POS[..., :0]), None, "pos", r"needs shape \[N, n, d\]"),
    "no nodes": (archive(pos=POS[:, :0]), None, None, "no records that can be used|has no nodes"),
    "no graphs": (archive(pos=POS[:0], y=Y[:0]), None, None, "has no records"),
    "text pos": (archive(pos=POS.astype(str)), None, "pos", "needs numbers, got <U"),
    "complex pos": (archive(pos=POS + 0j), None, "pos", "needs numbers, got complex"),
    "logical pos": (archive(pos=POS > 0), None, "pos", "needs numbers, got bool"),
    "NaN": (archive(pos=at(POS, 2, np.nan)), 2, "pos", r"1 value\(s\) are NaN"),
    "infinite": (archive(pos=at(POS, 0, np.inf)), 0, "pos", r"1 value\(s\) are NaN or infinite"),
    "NaN target": (archive(y=at(Y[:, None], 3, np.nan)), 3, "y", r"1 value\(s\) are NaN"),
    "infinite target": (archive(y=at(Y[:, None], 5, -np.inf)), 5, "y", r"1 value\(s\) are NaN"),
    "huge": (archive(pos=at(POS, 4, 1e30)), 4, "pos", r"1e\+30 is too large.*float32"),
    "huge target": (archive(y=at(Y[:, None], 1, 1e60)), 1, "y", r"1e\+60 is too large"),
    "lengths": (archive(y=Y[:5]), None, "y", r"has shape \[5\], but pos has 6 graphs of 3"),
    "single number": (archive(y=1.0), None, "y", r"has shape \[\], but pos has 6 graphs"),
    "text target": (archive(y=Y.astype(str)), None, "y", "text: '0.5'"),
    "logical target": (archive(y=Y > 0), None, "y", "true or false: 'True'"),
    "complex target": (archive(y=Y + 1j), None, "y", "complex numbers"),
    "structured target": (archive(y=STRUCTURED), None, "y", "text: "),
    "float species": (archive(z=np.ones(3)), None, "z", "atomic numbers are integers, got float"),
    "species of others": (archive(z=np.ones(4, int)), None, "z", r"has shape \[4\]"),
    "padding": (
        archive(z=np.where(np.arange(18).reshape(6, 3) == 8, 0, 1)),
        2,
        "z",
        "atom 2 has atomic number 0",
    ),
    "unknown element": (archive(z=at(np.ones((6, 3), int), 4, 119)), 4, "z", "atom 0 .* 119"),
    "negative element": (archive(z=at(np.ones((6, 3), int), 4, -6)), 4, "z", "atom 0 .* -6"),
    "NaN cell": (archive(cell=at(CELL, 1, np.nan)), 1, "cell", r"1 value\(s\) are NaN"),
    "box lengths": (
        archive(cell=np.ones((6, 3))),
        None,
        "cell",
        r"record 0, .*\[3\] per graph or \[\] per node, but .*\[3, 3\] per graph.* is diag\(a, b",
    ),
    "cell of two vectors": (archive(cell=CELL[:, :2]), None, "cell", r"shape \[2, 3\] per graph"),
    "flags": (archive(pbc=np.ones((6, 2), bool)), None, "pbc", "record 0, .*needs 3 values"),
    "undeclared": (archive(y=np.zeros((6, 2))), None, "y", r"record 0, .*has shape \[2\] per gra"),
}


@pytest.mark.parametrize("case", CASES)
def test_malformed_files_are_refused_by_name(refuses: Callable[..., None], case: str) -> None:
    refuses(NPZ, "mine.npz", CASES[case], targets="y")


def test_wrong_declarations_are_no_matter_of_records(refuses: Callable[..., None]) -> None:
    case = (GOOD, None, "y", r"record 0, .*declared 'vector', .* needs trailing axes \[3\]")
    refuses(NPZ, "mine.npz", case, targets="y", fields={"y": "vector"})


def test_integers_and_other_byte_orders_are_numbers(tmp_path: Path) -> None:
    path = tmp_path / "mine.npz"
    path.write_bytes(archive(pos=POS.astype(">f2"), y=np.arange(6, dtype=">i2")))
    data = NPZ(path, "y")
    assert data.y.tolist() == [0, 1, 2, 3, 4, 5]
    np.testing.assert_allclose(data[5].pos, POS[5], atol=1e-2)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no file .*nowhere\.npz"):
        NPZ(tmp_path / "nowhere.npz")
    with pytest.raises(ValueError, match="is a folder; give the path of a file"):
        NPZ(tmp_path)
