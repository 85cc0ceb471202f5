"""Files of superpixels with a mistake: each is refused by file, record and field."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from semola_geo.datasets import MNISTSuperpixels

EDGES = torch.tensor([[0, 1, 2], [1, 2, 0]])
POS = torch.tensor([[0.0, 13.5], [27.0, 1.0], [5.0, 20.0]])
NAN = torch.tensor([[0.5], [torch.nan], [0.5]])


def digit(**fields: Any) -> dict[str, Any]:
    """A digit with other fields in the place of its own."""
    given = {"x": torch.full((3, 1), 0.5), "pos": POS, "edge_index": EDGES, "y": torch.tensor([7])}
    return {name: value for name, value in (given | fields).items() if value is not None}


def saved(content: Any, **options: Any) -> bytes:
    buffer = io.BytesIO()
    torch.save(content, buffer, **options)
    return buffer.getvalue()


def with_test_digit(**fields: Any) -> bytes:
    return saved([GOOD, [digit(), digit(**fields)]])


def flipped(content: bytes) -> bytes:
    """A file with damage in its list of contents."""
    place = content.index(b"data.pkl") + 40
    return content[:place] + bytes(40) + content[place + 40 :]


GOOD = [digit() for _ in range(24)]
FILE = saved([GOOD, GOOD[:3]])
SECOND = "test record 1"

# Content, the record and the field that are to be named, and further words.
CASES: dict[str, tuple[bytes, str | None, str | None, str]] = {
    "empty": (b"", None, None, "is empty"),
    "text": (b"digit,x,y\r\n7,1,2\r\n", None, None, "cannot be read as tensors|is damaged"),
    "web page": (b"<!DOCTYPE html>\n", None, None, "cannot be read as tensors|is damaged"),
    "binary rubbish": (bytes(range(256)) * 9, None, None, "cannot be read as tensors|is damaged"),
    "compressed": (b"\x1f\x8b" + FILE, None, None, "is compressed with gzip; unpack it"),
    "cut off early": (FILE[:100], None, None, "is damaged or cut off: .*fetch it again"),
    "cut off late": (FILE[:-40], None, None, "is damaged or cut off: .*fetch it again"),
    "damaged": (flipped(FILE), None, None, "cannot be read as tensors|is damaged"),
    "objects": (saved([GOOD, [datetime.date(1, 1, 1)]]), None, None, "could run any code"),
    "one tensor": (saved(torch.ones(3)), None, None, "needs two lists of digits, .* got Tensor"),
    "one part": (saved([GOOD]), None, None, "needs two lists of digits, .* got 1 entries"),
    "three parts": (saved([GOOD] * 3), None, None, "needs two lists .* got 3 entries"),
    "no test digits": (saved([GOOD, []]), None, None, "has no list of test digits"),
    "parts by name": (saved([GOOD, {"test": GOOD}]), None, None, "has no list of test digits"),
    "tuples": (saved([[(1, 2)], GOOD]), "training record 0", None, "needs a dictionary .* tuple"),
    "no brightness": (with_test_digit(x=None), SECOND, "x", "is missing; the record has pos, edge"),
    "no places": (with_test_digit(pos=None), SECOND, "pos", "is missing; the record has x, edge"),
    "no edges": (with_test_digit(edge_index=None), SECOND, "edge_index", "is missing"),
    "no class": (with_test_digit(y=None), SECOND, "y", "is missing; the record has x, pos, edge"),
    "number": (with_test_digit(y=7), SECOND, "y", "needs a tensor, got int"),
    "no patches": (
        with_test_digit(x=torch.ones(0, 1), pos=POS[:0]),
        SECOND,
        "pos",
        r"needs shape \[n, 2\].* got \[0, 2\]",
    ),
    "in space": (with_test_digit(pos=torch.ones(3, 3)), SECOND, "pos", r"needs .* got \[3, 3\]"),
    "flat": (with_test_digit(pos=torch.ones(6)), SECOND, "pos", r"needs .* got \[6\]"),
    "patches differ": (with_test_digit(pos=POS[:2]), SECOND, "x", r"\[3, 1\], but 'pos' has 2"),
    "colours": (with_test_digit(x=torch.ones(3, 3)), SECOND, "x", r"has shape \[3, 3\], but"),
    "NaN": (with_test_digit(x=NAN), SECOND, "x", r"1 value\(s\) are NaN or infinite"),
    "NaN place": (with_test_digit(pos=POS * torch.nan), SECOND, "pos", r"6 value\(s\) are NaN"),
    "infinite": (with_test_digit(pos=POS / 0), SECOND, "pos", "are NaN or infinite"),
    "huge": (with_test_digit(pos=1e30 * POS), SECOND, "pos", r"from 0 to 2\.7e\+31, but is pixels"),
    "huge brightness": (with_test_digit(x=torch.full((3, 1), 1e30)), SECOND, "x", "a brightness"),
    "negative": (with_test_digit(x=-torch.ones(3, 1)), SECOND, "x", "from -1 to -1, but is a br"),
    "integer places": (with_test_digit(pos=POS.long()), SECOND, "pos", "needs floating-point"),
    "edge to nowhere": (with_test_digit(edge_index=EDGES + 1), SECOND, "edge_index", "patch 3 is"),
    "negative edge": (with_test_digit(edge_index=EDGES - 1), SECOND, "edge_index", "patch -1 is"),
    "edges as pairs": (with_test_digit(edge_index=EDGES.T), SECOND, "edge_index", r"got \[3, 2\]"),
    "edges in floats": (with_test_digit(edge_index=EDGES / 1), SECOND, "edge_index", "float32"),
    "class 10": (with_test_digit(y=torch.tensor([10])), SECOND, "y", "class 10 is no digit from"),
    "class -1": (with_test_digit(y=torch.tensor([-1])), SECOND, "y", "class -1 is no digit from"),
    "class 2.5": (with_test_digit(y=torch.tensor([2.5])), SECOND, "y", r"class 2\.5 is no digit"),
    "class NaN": (with_test_digit(y=torch.tensor([np.nan])), SECOND, "y", "class nan is no digit"),
    "two classes": (with_test_digit(y=torch.tensor([1, 2])), SECOND, "y", r"got shape \[2\]"),
}


@pytest.mark.parametrize("case", CASES)
def test_malformed_files_are_refused_by_name(
    tmp_path: Path, refuses_raw: Callable[..., None], case: str
) -> None:
    path = tmp_path / "raw" / "MNISTSuperpixels.pt"
    path.parent.mkdir()
    refuses_raw(lambda: MNISTSuperpixels(tmp_path), path, *CASES[case])
    assert not list(tmp_path.rglob("*_data.pt"))


@pytest.mark.parametrize(
    "content",
    [
        FILE,
        saved((GOOD, GOOD[:3]), _use_new_zipfile_serialization=False),
        saved([GOOD, [digit(x=torch.ones(3), y=torch.tensor(7))] * 3]),
        saved([GOOD, [digit(edge_index=EDGES[:, :0], edge_attr=None)] * 3]),
    ],
)
def test_what_torch_saves_is_read(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "raw" / "MNISTSuperpixels.pt"
    path.parent.mkdir()
    path.write_bytes(content)
    assert MNISTSuperpixels(tmp_path, "test")[2].label.item() == 7
