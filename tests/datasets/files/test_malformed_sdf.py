"""Structure-data files with a mistake: each is refused by file, record and field, or counted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from rdkit import Chem

from semola_geo.datasets import SDF

BLOCK = """
     generated          3D

  3  2  0  0  0  0  0  0  0  0999 V2000
    0.0000    0.0000    0.1174 O   0  0  0  0  0  0  0  0  0  0  0  0
    0.0000    0.7572   -0.4696 H   0  0  0  0  0  0  0  0  0  0  0  0
    0.0000   -0.7572   -0.4696 H   0  0  0  0  0  0  0  0  0  0  0  0
  1  2  1  0
  1  3  1  0
M  END
"""
GOOD = BLOCK + ">  <gap>  (1)\n1.5\n\n>  <dipole>\n0 0 1\n\n$$$$\n"
LINES = GOOD.splitlines(keepends=True)
X, FIRST, LAST = "    0.7572", LINES[4], LINES[8]
FLAT = GOOD.replace("3D", "2D").replace("0.1174", "0.0000").replace("-0.4696", " 0.0000")
V3000 = Chem.MolToV3KMolBlock(Chem.MolFromMolBlock(BLOCK, removeHs=False)) + GOOD[len(BLOCK) :]


def second(old: str, new: str, good: str = GOOD) -> str:
    """A mistake between two good molecules."""
    assert old in good
    return good + good.replace(old, new, 1) + good


CASES: dict[str, tuple[str | bytes, int | None, str | None, str]] = {
    "empty": ("", None, None, "is empty"),
    "white space": (" \n\n", None, None, "has no records"),
    "text": ("hello\r\nworld\r\n", None, None, r"record 0 \(line 1\).*without \$\$\$\$; it is tr"),
    "another format": ("2\n\nH 0 0 0\nH 0 0 1\n", None, None, "record 0 .*truncated"),
    "binary": (bytes(range(128, 256)) * 9, None, None, r"line 1: is no text in UTF-8 \(byte 0x80"),
    "not UTF-8": (
        GOOD.encode() + b"\xe9" + GOOD.encode(),
        None,
        None,
        "line 18: is no text in UTF",
    ),
    "UTF-16": (GOOD.encode("utf-16-le"), None, None, "line [12]: holds a zero byte"),
    "truncated in atoms": (GOOD + "".join(LINES[:6]), None, None, r"record 1 \(line 18\).*truncat"),
    "truncated in bonds": (GOOD + "".join(LINES[:8]), None, None, r"record 1 \(line 18\).*truncat"),
    "truncated in properties": (GOOD + "".join(LINES[:-2]), None, None, r"record 1 \(line 18\)"),
    "truncated alone": ("".join(LINES[:7]), None, None, "record 0 .*truncated"),
    "ends only": (GOOD + "$$$$\n" + GOOD, 1, None, "has no line 'M  END'"),
    "end of a molecule": (second("M  END\n", ""), 1, None, "has no line 'M  END'"),
    "end of a record": (second("$$$$\n", ""), 1, None, r"2 lines 'M  END': \$\$\$\$ is missing"),
    "atoms missing": (second(FIRST, ""), 1, None, "counts 3 atoms and 2 bonds, but has 4 lines"),
    "bonds missing": (second(LAST, ""), 1, None, "counts 3 atoms and 2 bonds, but has 4 lines"),
    "an atom too many": (second(FIRST, 2 * FIRST), 1, None, "bond 0 joins no two of 3 atoms"),
    "a bond too many": (second(LAST, 2 * LAST), 1, None, "counts 3 .*'  1  3  1  0' comes behind"),
    "negative count": (second("  3  2", " -3  2"), 1, None, "needs the numbers of atoms .* on its"),
    "no counts": (second(LINES[3], "\n"), 1, None, "needs the numbers of atoms .* on its"),
    "line missing": (second(LINES[1], ""), 1, None, "needs the numbers of atoms .* on its fourth"),
    "no atoms": (second("  3  2", "  0  0"), 1, None, "has no atoms"),
    "bond to nowhere": (second("  1  3  1", "  1  9  1"), 1, None, "bond 1 joins no two of 3 atom"),
    "bond type": (second("  1  3  1", "  1  3  x"), 1, None, "RDKit cannot read it as a molecule"),
    "version": (second("V2000", "V9000"), 1, None, "RDKit cannot read it as a molecule"),
    "no number": (second(X, "       abc"), 1, "pos", "atom 1 has no three coordinates but '.*abc"),
    "decimal comma": (second(X, "    0,7572"), 1, "pos", "atom 1 has no three .*0,7572"),
    "coordinate missing": (second(X, 10 * " "), 1, "pos", "atom 1 has no three coordinates"),
    "NaN": (second(X, "       nan"), 1, None, "RDKit cannot read it|value"),
    "huge": (second(X, " 1.000e+30"), 1, None, "RDKit cannot read it|too large"),
    "unknown element": (second(" O  ", " Xx "), 1, "z", "atom 0 is 'Xx', which is no element"),
    "dummy atom": (second(" O  ", " R# "), 1, "z", "atom 0 is 'R#', which is no element"),
    "any atom": (second(" O  ", " *  "), 1, "z", r"atom 0 is '\*', which is no element"),
    "V3000 number": (second(" 0.7572", " 0,7572", V3000), 1, "pos", "atom 1 has no three.*0,7572"),
    "V3000 element": (second(" O ", " Xx ", V3000), 1, "z", "atom 0 is 'Xx', which is no element"),
    "property twice": (second(">  <gap>", ">  <gap>\n3\n\n>  <gap>"), 1, "gap", "comes twice"),
    "two levels": (
        second(">  <gap>", ">  <atom.dprop.gap>\n1 1 1\n\n>  <gap>"),
        1,
        "gap",
        "stands for two fields; rename one",
    ),
    "property missing": (second(">  <gap>", ">  <other>"), 1, "gap", "is missing, but records bef"),
    "property without a name": (second("<gap>", "gap"), 1, None, "'>  gap .* belongs to no proper"),
    "property with an open name": (second("<gap>", "<gap"), 1, None, "belongs to no property"),
    "property with an empty name": (second("<gap>", "<>"), 1, None, "belongs to no property"),
    "blank line missing": (second("1.5\n\n", "1.5\n"), 1, "dipole", "needs a blank line before it"),
    "stray line": (second("1.5\n\n", "1.5\n\nstray\n"), 1, "gap", "'stray' belongs to no property"),
    "text target": (second("\n1.5\n", "\nhigh\n"), 1, "gap", "is no number but text: 'high'"),
    "empty target": (second("\n1.5\n", "\n\n"), 1, "gap", "is no number but text: ''"),
    "slip of the pen": (second("\n1.5\n", "\n1_5\n"), 1, "gap", "is no number but text: '1_5'"),
    "comma": (second("\n1.5\n", "\n1,500\n"), 1, "gap", "is no number but text: '1,500' .a decim"),
    "commas": (second("0 0 1\n", "0,5 0 1,5\n"), 1, "dipole", "no number .*: '0,5 0 1,5' .a dec"),
    "NaN target": (second("\n1.5\n", "\nnan\n"), 1, "gap", r"1 value\(s\) are NaN"),
    "infinite target": (second("\n1.5\n", "\n-inf\n"), 1, "gap", r"1 value\(s\) are NaN or inf"),
    "huge target": (second("\n1.5\n", "\n1e30\n"), 1, "gap", r"1e\+30 is too large"),
    "huge integer": (second("\n1.5\n", f"\n{10**30}\n"), 1, "gap", r"1e\+30 is too large"),
    "shape changes": (second("0 0 1\n", "0 1\n"), 1, "dipole", r"has shape \[2\] where \[3\]"),
    "vector of a drawing": (GOOD + FLAT + GOOD, 1, "dipole", "the record has no coordinates"),
}


@pytest.mark.parametrize("case", CASES)
def test_malformed_files_are_refused_by_name(refuses: Callable[..., None], case: str) -> None:
    refuses(SDF, "mine.sdf", CASES[case], targets=("gap", "dipole"))


def test_wrong_declarations_are_no_matter_of_records(refuses: Callable[..., None]) -> None:
    words = r"record 0 \(line 1\), .*declared 'vector', .* needs trailing axes \[3\]"
    refuses(SDF, "mine.sdf", (GOOD, None, "gap", words), targets="gap", fields={"gap": "vector"})
    words = r"record 0 .*has shape \[3\] per graph, and nothing says"
    undeclared = GOOD.replace("dipole", "moment")
    refuses(SDF, "mine.sdf", (undeclared, None, "moment", words), targets="moment")


@pytest.mark.parametrize(
    "content",
    [
        GOOD.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + GOOD.encode(),
        GOOD.rstrip("\n").encode(),
        GOOD.removesuffix("\n$$$$\n").encode(),
        GOOD.replace("$$$$", "$$$$ 1").encode(),
        GOOD.replace("1.5\n", "1.5\n\n\n").encode(),
        ("W\xe4sser" + GOOD).encode(),
        ("W\u2028a\x85s\x0bser" + GOOD).encode(),
        V3000.encode(),
        GOOD.replace(" V2000", "").encode(),
        GOOD.replace("M  END", "M  CHG  1   1   0\nM  END").encode(),
    ],
    ids=[
        "windows",
        "mark",
        "newline",
        "end",
        "tail",
        "blank",
        "accents",
        "separators",
        "V3000",
        "old",
        "charge",
    ],
)
def test_awkward_files_are_read(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.sdf"
    path.write_bytes(content)
    (graph,) = SDF(path, ("gap", "dipole"))
    assert graph.z.tolist() == [8, 1, 1]
    assert graph.pos[1].tolist() == pytest.approx([0, 0.7572, -0.4696])
    assert graph.dipole.tolist() == [[0, 0, 1]]
    assert graph.gap.tolist() == [1.5]


def test_names_that_rdkit_keeps_to_itself_are_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.sdf"
    path.write_text(GOOD.replace("<gap>", "<_gap>"))
    assert SDF(path, "_gap")[0]["_gap"].tolist() == [1.5]


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no file .*nowhere\.sdf"):
        SDF(tmp_path / "nowhere.sdf")
    with pytest.raises(ValueError, match="is a folder; give the path of a file"):
        SDF(tmp_path)
