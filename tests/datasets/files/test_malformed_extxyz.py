"""Extended XYZ files with a mistake: each is refused by file, record and field, or counted."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from semola_geo.datasets import ExtXYZ

LAYOUT = "Properties=species:S:1:pos:R:3:forces:R:3"
ATOMS = ["H 0 0 0 0.1 0 0", "O 0 0 1 0 0.1 0"]
FRAME = f'2\n{LAYOUT} energy=-1.5 dipole="0 0 1"\n' + "\n".join(ATOMS) + "\n"
PERIODIC = FRAME.replace("energy", 'Lattice="3 0 0 0 3 0 0 0 3" energy')
TARGETS = ("energy", "dipole", "forces")


def second(old: str, new: str) -> str:
    """A mistake between two good frames."""
    assert old in FRAME
    return FRAME + FRAME.replace(old, new) + FRAME


def stress(text: str) -> str:
    return FRAME + FRAME.replace("energy", f"stress={text} energy") + FRAME


def z(numbers: str) -> str:
    """Species and atomic numbers beside each other, as QUIP writes them."""
    frame = FRAME.replace("species:S:1:", "species:S:1:Z:I:1:")
    for symbol, number in zip("HO", numbers, strict=True):
        frame = frame.replace(f"{symbol} 0 0", f"{symbol} {number} 0 0")
    return frame


CASES: dict[str, tuple[str | bytes, int | None, str | None, str]] = {
    "empty": ("", None, None, "is empty"),
    "white space": (" \n\n", None, None, "has no records"),
    "truncated behind a line": (
        FRAME + FRAME[:-20],
        None,
        None,
        r"record 1 \(line 5\): the file ends after 2 of 3 lines; it is truncated",
    ),
    "truncated in a line": (FRAME + FRAME[:-5], 1, None, "atom 1 has 6 columns, .* declares 7"),
    "truncated behind a header": (FRAME + "2\n", None, None, r"record 1 \(line 5\).*0 of 3 lines"),
    "truncated in a comment": (FRAME + FRAME[:20], None, None, r"record 1 \(line 5\).*1 of 3"),
    "too few columns": (second("0.1 0 0", "0.1 0"), 1, None, "atom 0 has 6 columns.*declares 7"),
    "too many columns": (second("0.1 0 0", "0.1 0 0 9"), 1, None, "atom 0 has 8 columns"),
    "no number": (second("0.1 0 0", "abc 0 0"), 1, "forces", "atom 0 has 'abc', which is no num"),
    "NaN position": (second("H 0 0 0", "H 0 nan 0"), 1, "pos", r"1 value\(s\) are NaN"),
    "infinite position": (
        second("H 0 0 0", "H 0 -inf 0"),
        1,
        "pos",
        r"1 value\(s\) are NaN or inf",
    ),
    "NaN target": (second("-1.5", "nan"), 1, "energy", r"1 value\(s\) are NaN.*on_error='skip'"),
    "infinite target": (second("0.1 0 0", "inf 0 0"), 1, "forces", r"1 value\(s\) are NaN"),
    "overflowing target": (second("-1.5", "1e999"), 1, "energy", r"1 value\(s\) are NaN or infin"),
    "huge position": (second("H 0 0 0", "H 0 1e30 0"), 1, "pos", r"1e\+30 is too large.*float64"),
    "huge target": (second("-1.5", "1e200"), 1, "energy", r"1e\+200 is too large: its square"),
    "unknown element": (second("O 0", "Xx 0"), 1, "z", "atom 1 is 'Xx', which is no element"),
    "numbered element": (second("O 0", "O2 0"), 1, "z", "atom 1 is 'O2', which is no element"),
    "dummy atom": (second("O 0", "X 0"), 1, "z", "atom 1 is 'X', which is no element"),
    "elements disagree": (z("18") + z("17") + z("18"), 1, "z", "atom 1 is 'O' by species and 7 by"),
    "no atoms": (FRAME + f"0\n{LAYOUT}\n" + FRAME, 1, None, "has no atoms"),
    "no header": (FRAME + "two\n" + FRAME, None, None, "line 5: expected the number.*'two'"),
    "negative header": ("-2\n" + FRAME, None, None, "line 1: expected the number of.*got '-2'"),
    "endless header": (FRAME + 30 * "9" + "\n" + FRAME, None, None, r"record 1 \(line 5\).*trunc"),
    "frame too long": (FRAME + "H 0 0 0 0 0 0\n" + FRAME, None, None, "line 5: .*another number"),
    "frame too short": (
        FRAME.replace("2", "3", 1) + FRAME,
        None,
        None,
        "atom 2 has 1 columns|line",
    ),
    "lattice in one": (FRAME + PERIODIC + FRAME, 1, "cell", "is here, but records before lack it"),
    "lattice in others": (PERIODIC + FRAME + PERIODIC, 1, "cell", "is missing, but records before"),
    "lattice of 8": (
        PERIODIC + PERIODIC.replace('0 0 3"', '0 3"') + PERIODIC,
        1,
        "Lattice",
        "nine numbers",
    ),
    "NaN lattice": (PERIODIC + PERIODIC.replace('"3', '"nan'), 1, "cell", r"1 value\(s\) are NaN"),
    "periods without a lattice": (
        second("energy", 'pbc="T T F" energy'),
        1,
        "pbc",
        "is periodic, but there is no cell; give one, or set",
    ),
    "not UTF-8": (
        FRAME.encode() + FRAME.replace("energy", "who=\xe9 energy").encode("latin-1"),
        None,
        None,
        r"line 6: is no text in UTF-8 \(byte 0xe9\); save",
    ),
    "binary": (bytes(range(128, 256)) * 20, None, None, r"line 1: is no text in UTF-8"),
    "UTF-16": (FRAME.encode("utf-16-le"), None, None, "line 1: holds a zero byte"),
    "gzip": (gzip.compress(FRAME.encode()), None, None, "is compressed with gzip; unpack it"),
    "zeros of a crash": (FRAME + 500 * "\0", None, None, "line 5: holds a zero byte.*damaged"),
    "another format": ("Molecule\n\n\n  1  0  0  0\n", None, None, "line 1: expected the number"),
    "key twice": (second("energy", "energy=3 energy"), 1, "energy", "comes twice in the comment"),
    "key hidden by a quote": (
        second("energy", 'name="water energy'),
        1,
        None,
        "a quote in the comment line is opened and never closed",
    ),
    "key hidden by a bracket": (
        second("energy", "name=[water energy"),
        1,
        None,
        r"a bracket in the comment line is opened and never closed: '\[water",
    ),
    "column twice": (second("forces:R:3", "pos:R:3"), 1, "pos", "comes twice in Properties="),
    "column under two names": (second("forces", "positions"), 1, "pos", "comes twice in Propert"),
    "column and key": (second("energy", "forces=3 energy"), 1, "forces", "stands for two fields"),
    "column type": (second("forces:R:3", "forces:Q:3"), 1, None, "Unknown property type"),
    "column count": (
        second("pos:R:3:forces:R:3", "pos:R:x"),
        1,
        None,
        "no list of name:type:count",
    ),
    "no positions": (second("pos:R:3", "place:R:3"), 1, "pos", "needs pos:R:3 in Properties"),
    "flat positions": (second("pos:R:3:", "pos:R:2:q:R:1:"), 1, "pos", "needs pos:R:3 in Prop"),
    "no elements": (second("species:S:1", "name:S:1"), 1, "z", "needs species:S:1 or Z:I:1"),
    "field missing": (
        second("energy=-1.5", ""),
        1,
        "energy",
        "is missing, but records before have",
    ),
    "field empty": (second("-1.5", '""'), 1, "energy", "has no value in the comment"),
    "shape changes": (second('0 0 1"', '0 1"'), 1, "dipole", r"has shape \[2\] where \[3\]"),
    "text": (second('"0 0 1"', "up"), 1, "dipole", "is no number but text: 'up'"),
    "Fortran": (second("-1.5", "-1.5D0"), 1, "energy", "is no number but text: '-1.5D0'"),
    "logical": (second("-1.5", "T"), 1, "energy", "is no number but true or false: 'True'"),
    "asymmetric stress": (stress('"1 2 3 4 5 6 7 8 9"'), 1, "stress", "is not symmetric"),
    "asymmetric stress of commas": (stress("1,2,3,4,5,6,7,8,9"), 1, "stress", "is not symmetric"),
    "asymmetric stress in brackets": (stress("[1 2 3 4 5 6 7 8 9]"), 1, "stress", "is not symmet"),
    "asymmetric stress of a quoted key": (
        stress('1 "stress"="1 2 3 4 5 6 7 8 9"').replace("stress=1 ", ""),
        1,
        "stress",
        "is not symmetric",
    ),
    "asymmetric small stress": (stress('"1e-7 2e-7 0 0 0 0 0 0 0"'), 1, "stress", "is not symmet"),
    "decimal comma": (second("-1.5", "-1,5"), 1, "energy", "text: '-1,5' .a decimal comma"),
    "decimal commas": (second('0 0 1"', '0,5 1,5"'), 1, "dipole", "'0,5 1,5' .a decimal comma"),
    "slip of the pen": (second("-1.5", "-1_5"), 1, "energy", "is no number but text: '-1_5'"),
    "slip in a column": (second("0.1 0 0", "1_5 0 0"), 1, "forces", "atom 0 has '1_5', which is"),
    "slip in the lattice": (
        PERIODIC + PERIODIC.replace('"3', '"3_0') + PERIODIC,
        1,
        "Lattice",
        "needs nine numbers with spaces between, got '3_0 0",
    ),
    "logical positions": (second("pos:R", "pos:L"), 1, "pos", "is of type L .*needs type R"),
    "logical forces": (second("forces:R", "forces:L"), 1, "forces", "is of type L .*needs type R"),
    "logical charges": (
        second("forces:R:3", "charges:L:1:x:R:2"),
        1,
        "charge",
        "is of type L .*needs type R",
    ),
    "species of halves": (
        second("species:S:1", "Z:R:1"),
        1,
        "Z",
        "is of type R .*needs type I",
    ),
    "column hidden by a key": (
        second("forces:R:3", "dipole:R:3"),
        1,
        "dipole",
        "stands for two fields",
    ),
    "asymmetric stress in quotes": (stress("'1 2 3 4 5 6 7 8 9'"), 1, "stress", "is not symmetric"),
    "asymmetric stress in braces": (stress("{1 2 3 4 5 6 7 8 9}"), 1, "stress", "is not symmetric"),
    "stress of six": (stress('"1 2 3 4 5 6"'), 1, "stress", "needs nine numbers in quotes"),
}


@pytest.mark.parametrize("case", CASES)
def test_malformed_files_are_refused_by_name(refuses: Callable[..., None], case: str) -> None:
    refuses(ExtXYZ, "mine.extxyz", CASES[case], targets=TARGETS)


UNDECLARED = FRAME.replace("energy", 'mystery="1.5 2 3" energy')


@pytest.mark.parametrize(
    ("field", "options", "words"),
    [
        ("mystery", {}, r"has shape \[3\] per graph, and nothing says how it turns"),
        ("energy", {"fields": {"energy": "vector"}}, r"declared 'vector', .*trailing axes \[3\]"),
        ("dipole", {"fields": {"dipole": "ij"}}, r"declared 'ij', .*trailing axes \[3, 3\]"),
        ("forces", {"fields": {"forces": "magic"}}, "unknown representation 'magic'"),
        ("forces", {"levels": {"forces": "graph"}}, "'graph', but the file has it at level 'node'"),
    ],
)
def test_wrong_declarations_are_no_matter_of_records(
    refuses: Callable[..., None], field: str, options: dict[str, dict[str, str]], words: str
) -> None:
    case = (2 * UNDECLARED, None, field, rf"record 0 \(line 1\), .*{words}")
    refuses(ExtXYZ, "mine.extxyz", case, targets=field, **options)


@pytest.mark.parametrize(
    "text",
    [
        FRAME.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + FRAME.encode(),
        FRAME.rstrip("\n").encode(),
        ("\n" + FRAME + " \n").encode(),
        FRAME.replace("-1.5 ", '-1.5 who="\xe9" ').encode(),
        FRAME.replace("H 0", "h 0").encode(),
        z("18").encode(),
        FRAME.replace('1"', "1\" name=Ala's").encode(),
        FRAME.replace('"0 0 1"', "{0 0 1}").encode(),
        FRAME.replace('"0 0 1"', "[0 0 1] name=n[").encode(),
        FRAME.replace('"0 0 1"', "0,0,1").encode(),
        FRAME.replace("energy", r'name="the \"first\" one" pair=1,2 energy').encode(),
        FRAME.replace("energy", 'stress="1e-7 2e-7 0 2e-7 0 0 0 0 0" energy').encode(),
        FRAME.replace("S:1:", "S:1:n_1:S:1:").replace("H", "H a_b").replace("O", "O c_d").encode(),
        z("18").replace("energy", "Z=4 energy").encode(),
        FRAME.replace("energy", 'pbc="F F F" energy').encode(),
        FRAME.replace("energy=", "smiles=C=C=O energy = ").encode(),
    ],
    ids=[
        "windows",
        "mark",
        "no newline",
        "blank",
        "accents",
        "case",
        "Z",
        "quote",
        "brace",
        "bracket",
        "commas",
        "escaped",
        "stress",
        "underscores",
        "key named Z",
        "pbc",
        "smiles",
    ],
)
def test_awkward_files_are_read(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "mine.extxyz"
    path.write_bytes(text)
    (graph,) = ExtXYZ(path, TARGETS)
    assert graph.z.tolist() == [1, 8]
    assert graph.pos.tolist() == [[0, 0, 0], [0, 0, 1]]
    assert graph.dipole.tolist() == [[0, 0, 1]]
    assert graph.energy.tolist() == [-1.5]


def test_constraints_are_told(tmp_path: Path) -> None:
    path = tmp_path / "mine.extxyz"
    layout = LAYOUT.replace("forces:R:3", "move_mask:L:1")
    path.write_text(f"1\n{layout} energy=0.5\nH 0 0 0 F\n")
    assert (
        "constraints  -               -       left out  text: 'FixAtoms" in ExtXYZ(path).summary()
    )


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no file .*nowhere\.extxyz; a relative path"):
        ExtXYZ(tmp_path / "nowhere.extxyz")
    folder = tmp_path / "mine.extxyz"
    folder.mkdir()
    with pytest.raises(ValueError, match=r"mine\.extxyz is a folder; give the path of a file"):
        ExtXYZ(folder)
    shutil.rmtree(folder)
    with pytest.raises(TypeError, match="path must be the path of a file, got int"):
        ExtXYZ(3)  # type: ignore[arg-type]
