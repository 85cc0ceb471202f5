"""Whether a mesh in an OFF file is whole, before PyTorch Geometric reads it."""

from __future__ import annotations

import math
from array import array
from codecs import BOM_UTF8
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from semola_geo.datasets.files.errors import existing_file
from semola_geo.datasets.files.text import text_lines

__all__ = ["check_off"]

_AXES = "xyz"
_CORNERS = (3, 4)
_DIGITS = 19  # More than fit into 64 bits.
_LARGEST = 1e18  # Squares of coordinates fit into float32 below this.


def check_off(path: str | Path) -> None:
    r"""Refuse a mesh that PyTorch Geometric would read wrongly or not at all.

    It passes over faces of five corners and more, lines beyond those that are declared, faces that
    are missing, and a last line without an end. Lines are read one by one, and only positions kept.

    Args:
        path: An OFF file of triangles and quadrilaterals: ``OFF``, the numbers of vertices, faces
            and edges (on the next line, or behind ``OFF`` as in many files of ModelNet), a line of
            three coordinates for each vertex, and one for each face: the number of its corners,
            then their vertices, counted from 0. Blank lines may follow. Any line ends.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is anything else, or a coordinate is not finite or above 1e18, or no
            face has an area; names file, line and field.

    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "chair_0001.off"
    >>> _ = file.write_text("OFF3 1 0\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n")
    >>> check_off(file)
    >>> _ = file.write_text("OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 0\n3 0 1 3\n")
    >>> check_off(file)
    Traceback (most recent call last):
    ValueError: ...chair_0001.off, line 6, field 'face': corner 3 is not among the 3 vertices, ...
    """
    file = existing_file(path)
    lines = _lines(file)
    vertices, faces = _counts(file, lines)
    # In float32, as PyTorch Geometric has them: what is too near becomes one point.
    pos = array("f")
    for done in range(vertices):
        number, line = next(lines, (0, ""))
        if not number:
            raise _cut_off(file, "vertices", vertices, done)
        pos.extend(_coordinates(file, number, line))
    flat = True
    for done in range(faces):
        number, line = next(lines, (0, ""))
        if not number:
            raise _cut_off(file, "faces", faces, done)
        corners = _corners(file, number, line, vertices)
        flat = flat and not _has_area(pos, corners)
    for number, line in lines:
        if line.strip():
            raise _mistake(
                file,
                number,
                None,
                f"{line.strip()[:40]!r} comes behind the {vertices} vertices and {faces} faces "
                "that the file declares; correct the counts in its header, or delete the line",
            )
    if flat:
        raise ValueError(
            f"{file}, field 'face': none of {faces} faces has an area to draw points from; leave "
            "the shape out, or fetch it again"
        )


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text_lines(file), start=1):
        if not line.endswith("\n"):
            raise _mistake(
                file,
                number,
                None,
                f"{line[-40:]!r} is not ended, so that the file may be cut off, and PyTorch "
                "Geometric would pass over it; end the line if it is whole, or fetch the file "
                "again",
            )
        yield number, line


def _counts(file: Path, lines: Iterator[tuple[int, str]]) -> tuple[int, int]:
    number, line = next(lines)
    # A byte-order mark is no content for us, but part of the first word for PyTorch Geometric.
    with file.open("rb") as content:
        marked = content.read(len(BOM_UTF8)) == BOM_UTF8
    if marked:
        raise _mistake(
            file, number, None, "begins with a byte-order mark; save the file without one"
        )
    if not line.startswith("OFF"):
        raise _mistake(
            file,
            number,
            None,
            f"a mesh in the format OFF begins with OFF, and without colours or normals, got "
            f"{line.strip()[:40]!r}",
        )
    # PyTorch Geometric takes "OFF " for the beginning of the counts.
    if line == "OFF\n":
        number, line = next(lines, (number, ""))
    else:
        line = line[3:]
    parts = line.split()
    if len(parts) not in (2, 3) or not all(_whole(part) for part in parts):
        raise _mistake(
            file,
            number,
            "counts",
            "expected the numbers of vertices, faces and edges behind OFF, got "
            f"{line.strip()[:40]!r}{_hint(line)}",
        )
    vertices, faces = int(parts[0]), int(parts[1])
    if vertices < 3 or faces < 1:
        raise _mistake(
            file,
            number,
            "counts",
            f"a surface needs three vertices and a face at least, got {vertices} and {faces}",
        )
    return vertices, faces


def _coordinates(file: Path, number: int, line: str) -> list[float]:
    parts = line.split()
    try:
        values = [float(part) for part in parts]
    except ValueError:
        values = []
    if len(values) != 3 or "_" in line:
        raise _mistake(
            file,
            number,
            "pos",
            f"expected the three coordinates of a vertex, got {line.strip()[:40]!r}{_hint(line)}",
        )
    for axis, value in zip(_AXES, values, strict=True):
        if not math.isfinite(value):
            raise _mistake(file, number, "pos", f"{axis} = {value} is not finite; correct it")
        if abs(value) > _LARGEST:
            raise _mistake(
                file,
                number,
                "pos",
                f"{axis} = {value:.3g} is too large: its square does not fit into float32; correct "
                "it, or take another unit",
            )
    return values


def _corners(file: Path, number: int, line: str, vertices: int) -> list[int]:
    parts = line.split()
    # int() also takes signs, which are to be told as corners out of range.
    if not parts or "_" in line or not all(_whole(part.removeprefix("-")) for part in parts):
        raise _mistake(
            file,
            number,
            "face",
            "expected the number of corners and their vertices, whole numbers, got "
            f"{line.strip()[:40]!r}{_hint(line)}",
        )
    count, *corners = map(int, parts)
    if count not in _CORNERS:
        raise _mistake(
            file,
            number,
            "face",
            f"has {count} corners, but PyTorch Geometric reads 3 or 4 and passes over all others; "
            "cut the face into triangles",
        )
    if len(corners) != count:
        raise _mistake(
            file,
            number,
            "face",
            f"declares {count} corners, but {len(corners)} numbers follow; complete the face, or "
            "delete its colours",
        )
    for corner in corners:
        if not 0 <= corner < vertices:
            raise _mistake(
                file,
                number,
                "face",
                f"corner {corner} is not among the {vertices} vertices, which are counted from 0",
            )
    return corners


def _has_area(pos: array[float], corners: list[int]) -> bool:
    first, *others = (pos[3 * corner : 3 * corner + 3] for corner in corners)
    edges = [[b - a for a, b in zip(first, other, strict=True)] for other in others]
    for (a, b, c), (d, e, f) in pairwise(edges):
        if math.hypot(b * f - c * e, c * d - a * f, a * e - b * d) > 0:
            return True
    return False


def _whole(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < _DIGITS


def _hint(line: str) -> str:
    if "#" in line:
        return "; PyTorch Geometric reads no comments: delete them"
    if not line.strip():
        return "; the line is blank or missing: delete blank lines, or fetch the file again"
    if "," in line:
        return "; numbers have a decimal point and are separated by spaces"
    return ""


def _cut_off(file: Path, what: str, declared: int, found: int) -> ValueError:
    return ValueError(
        f"{file}, field '{'pos' if what == 'vertices' else 'face'}': declares {declared} {what}, "
        f"but ends after {found}; fetch the file again, or correct the counts"
    )


def _mistake(file: Path, number: int, field: str | None, problem: str) -> ValueError:
    where = "" if field is None else f", field {field!r}"
    return ValueError(f"{file}, line {number}{where}: {problem}")
