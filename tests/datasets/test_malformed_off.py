"""Meshes of ModelNet with a mistake: each is refused by file, line and field."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch_geometric.io import read_off

from semola_geo.datasets import ModelNet
from semola_geo.datasets._off import check_off

CORNERS = [" ".join(map(str, c)) for c in itertools.product((0.0, 1.0), (0.0, 2.5), (0.0, 3.0))]
SQUARES = ("4 0 1 3 2", "4 4 6 7 5", "4 0 4 5 1", "4 2 3 7 6", "4 0 2 6 4", "4 1 5 7 3")
LINES = ["OFF", "8 6 0", *CORNERS, *SQUARES]
GOOD = "".join(f"{line}\n" for line in LINES)
FLAT = "OFF\n4 2 0\n0 0 0\n1 1 1\n2 2 2\n0 0 0\n3 0 1 2\n4 0 1 2 3\n"


def line(number: int, text: str | None) -> str:
    """The mesh with another line in the place of one, or without it."""
    lines = [*LINES[: number - 1], *([] if text is None else [text]), *LINES[number:]]
    return "".join(f"{content}\n" for content in lines)


# Content, the line and the field that are to be named, and further words.
CASES: dict[str, tuple[str | bytes, str | None, str | None, str]] = {
    "empty": ("", None, None, "is empty"),
    "white space": (" \n\n", "line 1", None, "begins with OFF.* got ''"),
    "other text": ("hello\nworld\n", "line 1", None, "begins with OFF.* got 'hello'"),
    "another format": ("ply\nformat ascii 1.0\n", "line 1", None, "begins with OFF.* got 'ply'"),
    "binary": (bytes(range(128, 256)) * 9, "line 1", None, "is no text in UTF-8"),
    "UTF-16": (GOOD.encode("utf-16-le"), "line 1", None, "holds a zero byte"),
    "byte-order mark": (b"\xef\xbb\xbf" + GOOD.encode(), "line 1", None, "byte-order mark"),
    "compressed": (b"\x1f\x8b" + GOOD.encode(), None, None, "is compressed with gzip; unpack it"),
    "colours of vertices": ("C" + GOOD, "line 1", None, "without colours or normals, got 'COFF'"),
    "header alone": ("OFF\n", "line 1", "counts", "numbers of vertices, faces and edges"),
    "space behind OFF": (GOOD.replace("OFF\n", "OFF \n"), "line 1", "counts", "behind OFF, got ''"),
    "no counts": (line(2, None), "line 2", "counts", "expected the numbers of vert.*'0.0 0.0 0.0'"),
    "one count": (line(2, "8"), "line 2", "counts", "got '8'"),
    "four counts": (line(2, "8 6 0 0"), "line 2", "counts", "got '8 6 0 0'"),
    "counts in words": (line(2, "eight six 0"), "line 2", "counts", "got 'eight six 0'"),
    "negative count": (line(2, "8 -6 0"), "line 2", "counts", "got '8 -6 0'"),
    "fractional count": (line(2, "8.0 6 0"), "line 2", "counts", r"got '8\.0 6 0'"),
    "count without end": (line(2, f"{'9' * 5000} 6 0"), "line 2", "counts", "got '9999"),
    "huge count": (line(2, f"{10**17} 6 0"), "line 11", "pos", "three coordinates.*'4 0 1 3 2'"),
    "no vertices": ("OFF\n0 0 0\n", "line 2", "counts", "three vertices and a face.* 0 and 0"),
    "no faces": (line(2, "8 0 0"), "line 2", "counts", "three vertices and a face.* 8 and 0"),
    "comment above": (line(2, "# a box\n8 6 0"), "line 2", "counts", "reads no comments: delete"),
    "comment between": (line(11, "# faces\n4 0 1 3 2"), "line 11", "face", "reads no comments"),
    "comment behind": (line(3, "0 0 0 # a"), "line 3", "pos", "'0 0 0 # a'; .* no comments"),
    "blank line between": (line(4, f"\n{CORNERS[1]}"), "line 4", "pos", "delete blank lines"),
    "blank line in faces": (line(12, f"\n{SQUARES[1]}"), "line 12", "face", "delete blank lines"),
    "vertex missing": (line(5, None), "line 10", "pos", "coordinates of a vertex, got '4 0 1 3 2'"),
    "vertex too many": (line(5, "0 1 2\n3 4 5"), "line 11", "face", r"whole numbers, got '1\.0"),
    "two coordinates": (
        line(5, "0 1"),
        "line 5",
        "pos",
        "three coordinates of a vertex, got '0 1'",
    ),
    "four coordinates": (line(5, "0 1 2 1"), "line 5", "pos", "three coordinates.*got '0 1 2 1'"),
    "text": (line(5, "0 one 2"), "line 5", "pos", "three coordinates.*got '0 one 2'"),
    "decimal comma": (line(5, "0 2,5 0"), "line 5", "pos", "got '0 2,5 0'; .*a decimal point"),
    "grouped digits": (line(5, "0 2_5 0"), "line 5", "pos", "got '0 2_5 0'"),
    "NaN": (line(5, "0 nan 0"), "line 5", "pos", "y = nan is not finite"),
    "infinite": (line(10, "0 0 -inf"), "line 10", "pos", "z = -inf is not finite"),
    "huge": (line(3, "1e30 0 0"), "line 3", "pos", r"x = 1e\+30 is too large.*float32"),
    "overflow": (line(3, "1e999 0 0"), "line 3", "pos", "x = inf is not finite"),
    "cut off in vertices": ("".join(f"{x}\n" for x in LINES[:6]), None, "pos", "8 vert.* after 4"),
    "cut off behind vertices": ("".join(f"{x}\n" for x in LINES[:10]), None, "face", "after 0"),
    "cut off in faces": (line(16, None), None, "face", "declares 6 faces, but ends after 5; fetch"),
    "cut off in a line": (GOOD[:-4], "line 16", None, "'4 1 5 ' is not ended.* may be cut off"),
    "last line not ended": (GOOD[:-1], "line 16", None, "'4 1 5 7 3' is not ended.* end the line"),
    "face too many": (GOOD + "3 0 1 2\n", "line 17", None, "'3 0 1 2' comes behind the 8 vert.* 6"),
    "two meshes": (GOOD + GOOD, "line 17", None, "'OFF' comes behind"),
    "corner too large": (line(12, "4 4 6 8 5"), "line 12", "face", "corner 8 is not among the 8"),
    "counted from 1": (line(16, "4 2 6 8 4"), "line 16", "face", "corner 8 .* counted from 0"),
    "negative corner": (line(12, "4 4 -1 7 5"), "line 12", "face", "corner -1 is not among the 8"),
    "corner without end": (line(12, f"3 0 1 {'9' * 5000}"), "line 12", "face", "whole numbers"),
    "fractional corner": (line(12, "4 4 6.5 7 5"), "line 12", "face", r"got '4 4 6\.5 7 5'"),
    "corner missing": (line(12, "4 4 6 7"), "line 12", "face", "declares 4 corners, but 3 numbers"),
    "colours of faces": (line(12, "3 4 6 7 255 0 0"), "line 12", "face", "delete its colours"),
    "five corners": (line(12, "5 4 6 7 5 1"), "line 12", "face", "has 5 corners.*cut the face"),
    "two corners": (line(12, "2 4 6"), "line 12", "face", "has 2 corners, but .* 3 or 4"),
    "no corners": (line(12, "0"), "line 12", "face", "has 0 corners, but .* 3 or 4"),
    "no area": (FLAT, None, "face", "none of 2 faces has an area to draw points from"),
    "no area in float32": (
        FLAT.replace("1 1 1", "1 1 1.000000001"),
        None,
        "face",
        "none of 2 faces has an area",
    ),
}


@pytest.fixture
def root(model_net_root: Path, tmp_path: Path) -> Path:
    shutil.copytree(model_net_root / "raw", tmp_path / "raw")
    return tmp_path


@pytest.mark.parametrize("case", CASES)
def test_malformed_meshes_are_refused_by_name(
    root: Path, refuses_raw: Callable[..., None], case: str
) -> None:
    path = root / "raw" / "sofa" / "train" / "sofa_0001.off"
    refuses_raw(lambda: ModelNet(root), path, *CASES[case])
    assert not list((root / "processed").glob("*.pt"))


def test_a_corrected_mesh_is_read(root: Path) -> None:
    path = root / "raw" / "sofa" / "test" / "sofa_0000.off"
    path.write_text(line(12, "4 4 6 8 5"))
    with pytest.raises(ValueError, match=r"sofa_0000\.off, line 12"):
        ModelNet(root)
    path.write_text(GOOD)
    assert len(ModelNet(root, "test", points=8)) == 10


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        GOOD.replace("OFF\n", "OFF"),
        GOOD.replace("8 6 0", "8 6"),
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("OFF\n", "OFF").replace("\n", "\r\n"),
        GOOD.replace("\n", "\r"),
        GOOD.replace("\n", " \n").replace("OFF ", "OFF"),
        GOOD.replace(" ", "  \t"),
        GOOD.replace("2.5", "2.5e0").replace("1.0", "+1"),
        GOOD + "\n \n",
        line(16, "3 1 5 7"),
        line(16, "3 1 1 1"),
    ],
)
def test_what_files_of_model_net_look_like_is_read(tmp_path: Path, content: str) -> None:
    path = tmp_path / "box.off"
    path.write_bytes(content.encode())
    check_off(path)
    mesh = read_off(str(path))
    corners = torch.tensor([[float(x) for x in corner.split()] for corner in CORNERS])
    assert mesh.pos.equal(corners)
    assert mesh.face.shape == (3, 11 if "\n3 1" in content else 12)


def test_names_and_folders_that_would_be_passed_over(root: Path) -> None:
    raw = root / "raw"
    (raw / ".cache").mkdir()  # Hidden ones are no categories.
    (raw / "bed" / "train" / "._bed_0000.off").write_bytes(b"\0")
    (raw / "README.txt").write_text("me")
    (raw / "bed" / "train" / "Thumbs.db").write_bytes(b"\0")
    shape = raw / "bed" / "train" / "bed_0000.off"
    for name in ("Bed_0000.off", "bed_0000.OFF", "0000.off"):
        renamed = shape.rename(shape.with_name(name))
        with pytest.raises(ValueError, match=rf"{name} would be passed over: .* bed_0001\.off"):
            ModelNet(root)
        renamed.rename(shape)
    (raw / "lamp").mkdir()
    with pytest.raises(ValueError, match=r"has 11 folders \(bath.*lamp.*ModelNet10 has 10 cat"):
        ModelNet(root)
    (raw / "lamp").rmdir()
    with pytest.raises(ValueError, match=r"has 10 folders .*ModelNet40 has 40 categories"):
        ModelNet(root, name="40")
    (raw / "sofa" / "test" / "sofa_0000.off").unlink()
    with pytest.raises(ValueError, match=r"sofa/test holds no shapes sofa_\*\.off"):
        ModelNet(root)
    shutil.rmtree(raw / "desk" / "train")
    with pytest.raises(ValueError, match=r"desk/train holds no shapes desk_\*\.off"):
        ModelNet(root)
    shutil.copytree(raw / "bed" / "train", raw / "desk" / "train")
    for file in (raw / "desk" / "train").glob("bed_*"):
        file.rename(file.with_name(file.name.replace("bed", "desk")))
    shutil.copy(shape, raw / "sofa" / "test" / "sofa_0000.off")
    data = ModelNet(root, points=8)
    assert (len(data), data.categories[:2]) == (18, ["bathtub", "bed"])


def test_no_mesh(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no file .*nowhere\.off"):
        check_off(tmp_path / "nowhere.off")
    with pytest.raises(ValueError, match="is a folder; give the path of a file"):
        check_off(tmp_path)
