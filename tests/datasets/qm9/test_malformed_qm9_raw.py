"""Raw files of PyTorch Geometric's QM9 with a mistake: each is refused by file, line and field."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from semola_geo.datasets import QM9

COUNT = 12
BLOCK = """gdb_{}
 -OEChem-03231823243D

  3  2  0     0  0  0  0  0  0999 V2000
    0.0000    0.0000    0.1174 O   0  0  0  0  0  0  0  0  0  0  0  0
    0.0000    0.7572   -0.4696 H   0  0  0  0  0  0  0  0  0  0  0  0
    0.0000   -0.7572   -0.4696 H   0  0  0  0  0  0  0  0  0  0  0  0
  1  2  1  0  0  0  0
  1  3  1  0  0  0  0
M  END
$$$$
"""
NAMES = (
    "mol_id,A,B,C,mu,alpha,homo,lumo,gap,r2,zpve,"
    "u0,u298,h298,g298,cv,u0_atom,u298_atom,h298_atom,g298_atom\n"
)
ROW = "gdb_{},619867.68,2.0,3.0,4.0,5.5" + 14 * ",0.25" + "\n"
SDF = "".join(BLOCK.format(i + 1) for i in range(COUNT))
CSV = NAMES + "".join(ROW.format(i + 1) for i in range(COUNT))
LIST = [*(9 * ["about this list"]), "  4  C  1.0", "  9  N  2.0", "2 compounds"]
TXT = "\n".join([*LIST, ""])
MOLECULES, SCALARS, LEFT_OUT = "gdb9.sdf", "gdb9.sdf.csv", "uncharacterized.txt"
GOOD = {MOLECULES: SDF, SCALARS: CSV, LEFT_OUT: TXT}
X, FIRST, LAST = "    0.7572", BLOCK.splitlines(True)[4], BLOCK.splitlines(True)[8]

Case = tuple[str | bytes, str | None, str | None, str]


def molecule(old: str, new: str) -> str:
    """A mistake in the third molecule, which begins on line 23."""
    block = BLOCK.format(3)
    assert old in block
    return SDF.replace(block, block.replace(old, new, 1))


def scalar(old: str, new: str) -> str:
    """A mistake in the third row, on line 4."""
    row = ROW.format(3)
    assert old in row
    return CSV.replace(row, row.replace(old, new, 1))


def left_out(number: int, text: str | None) -> str:
    """Another line in the place of one, or none."""
    return "\n".join([*LIST[: number - 1], *([] if text is None else [text]), *LIST[number:], ""])


def cut_off(lines: int) -> str:
    return "".join(SDF.splitlines(keepends=True)[:lines])


THIRD = r"record 2 \(line 23\)"
ATOMS: dict[str, Case] = {
    "empty": ("", None, None, "is empty"),
    "white space": (" \n\n", None, None, "has no molecules"),
    "text": ("hello\nworld\n", "record 0", None, "the file ends without"),
    "binary": (bytes(range(128, 256)) * 9, "line 1", None, "is no text in UTF-8"),
    "UTF-16": (SDF.encode("utf-16-le"), "line 1", None, "holds a zero byte"),
    "compressed": (b"\x1f\x8b" + SDF.encode(), None, None, "is compressed with gzip"),
    "cut off in atoms": (cut_off(28), "record 2", None, r"line 23\): the file ends without"),
    "cut off in bonds": (cut_off(30), "record 2", None, r"line 23\): the file ends without"),
    "cut off behind": (cut_off(22), None, None, "of 12 molecules, but gdb9.sdf has 2 molecules"),
    "end of a molecule": (molecule("M  END\n", ""), THIRD, None, "has no line 'M  END'"),
    "end of a record": (molecule("$$$$\n", ""), THIRD, None, "2 lines 'M  END'"),
    "atoms missing": (molecule(FIRST, ""), THIRD, None, "but has 4 lines"),
    "atom too many": (molecule(FIRST, 2 * FIRST), THIRD, None, "bond 0 joins no two of 3"),
    "no counts": (molecule("  3  2  0 ", "          "), THIRD, None, "numbers of atoms and bonds"),
    "no atoms": (molecule("  3  2", "  0  0"), THIRD, None, "has no atoms"),
    "bond to nowhere": (molecule("  1  3  1", "  1  9  1"), THIRD, None, "bond 1 joins no two"),
    "unknown bond": (molecule("  1  3  1", "  1  3  8"), THIRD, "bond", "bond 1 is none of single"),
    "no number": (molecule(X, "       abc"), THIRD, "pos", "atom 1 has no three coordinates"),
    "decimal comma": (molecule(X, "    0,7572"), THIRD, "pos", "atom 1 has no three"),
    "NaN": (molecule(X, "       nan"), THIRD, None, "RDKit cannot read it|NaN"),
    "huge": (molecule(X, " 1.000e+30"), THIRD, None, "RDKit cannot read it|too large"),
    "far": (molecule(X, " 9999.7572"), THIRD, "pos", r"1e\+04 Å is too large"),
    "unknown element": (molecule(" O  ", " Xx "), THIRD, "z", "atom 0 is 'Xx', which is no elem"),
    "heavy element": (molecule(" O  ", " Br "), THIRD, "z", "atom 0 is 'Br', but QM9 has H, C"),
    "another name": (molecule("gdb_3", "gdb_7"), THIRD, "name", "expected gdb_3,.* got 'gdb_7'"),
    "no name": (molecule("gdb_3", ""), THIRD, "name", "expected gdb_3,.* got ''"),
    "line missing": (molecule("gdb_3\n", ""), r"record 2", None, "numbers of atoms and bonds"),
}
TABLE: dict[str, Case] = {
    "empty": ("", None, None, "is empty"),
    "text": ("hello\nworld\n", "line 1", None, r"needs 20 columns \(mol_id, A.* got 1"),
    "binary": (bytes(range(128, 256)) * 9, "line 1", None, "is no text in UTF-8"),
    "compressed": (b"\x1f\x8b" + CSV.encode(), None, None, "is compressed with gzip"),
    "no header": (CSV.replace(NAMES, ""), "line 1", "mol_id", "expected as column 1, got 'gdb_1'"),
    "columns swapped": (CSV.replace("homo,lumo", "lumo,homo"), "line 1", "homo", "column 7"),
    "column missing": (CSV.replace(",cv", "", 1), "line 1", None, "needs 20 columns"),
    "header alone": (NAMES, None, None, "has properties of 0 molecules, but gdb9.sdf has 12"),
    "cut off": (CSV[:-2], "line 13", None, "'.*' is not ended"),
    "row missing at the end": (CSV.replace(ROW.format(12), ""), None, None, "of 11 molecules"),
    "row missing": (
        CSV.replace(ROW.format(3), ""),
        "line 4",
        "mol_id",
        "expected gdb_3, got 'gdb_4",
    ),
    "row twice": (
        CSV.replace(ROW.format(3), 2 * ROW.format(3)),
        "line 5",
        "mol_id",
        "expected gdb_4",
    ),
    "row too many": (CSV + ROW.format(13), None, None, "of 13 molecules, but gdb9.sdf has 12"),
    "blank line": (scalar("gdb_3", "\ngdb_3"), "line 4", None, "needs 20 columns, got 1"),
    "too few columns": (scalar(",2.0", ""), "line 4", None, "needs 20 columns, got 19"),
    "too many columns": (scalar(",2.0", ",2.0,2.0"), "line 4", None, "needs 20 columns, got 21"),
    "no number": (scalar(",5.5", ",n/a"), "line 4", "alpha", "expected a number, got 'n/a'"),
    "NaN": (scalar(",5.5", ",nan"), "line 4", "alpha", "nan is not finite"),
    "infinite": (scalar(",5.5", ",-inf"), "line 4", "alpha", "-inf is not finite"),
    "huge": (scalar(",5.5", ",1e30"), "line 4", "alpha", r"1e\+30 is too large"),
}
OMITTED: dict[str, Case] = {
    "empty": ("", None, None, "is empty"),
    "text": ("hello\n", None, None, "needs 9 lines, the list of molecules to leave out"),
    "binary": (bytes(range(128, 256)) * 9, "line 1", None, "is no text in UTF-8"),
    "no number": (left_out(10, "four"), "line 10", None, "the number of a molecule.* got 'four'"),
    "blank line": (left_out(10, ""), "line 10", None, "the number of a molecule.* got ''"),
    "molecule 0": (left_out(10, "0 C 1"), "line 10", None, "molecule 0 is not among the 12"),
    "negative": (left_out(10, "-4 C 1"), "line 10", None, "got '-4 C 1'"),
    "of nowhere": (left_out(11, "13 C 1"), "line 11", None, "molecule 13 is not among the 12"),
    "twice": (left_out(11, "4 C 1"), "line 11", None, "molecule 4 is on line 10"),
    "header too short": (left_out(1, None), "line 9", None, "'4  C  1.0' would be passed over"),
    "cut off behind a line": (left_out(12, None), "line 11", None, "would be passed over"),
    "cut off in a line": (TXT[: TXT.index("  2.0")], None, None, "needs 9 lines, the list"),
}
CASES = {
    f"{name}: {case}": (name, content)
    for name, cases in ((MOLECULES, ATOMS), (SCALARS, TABLE), (LEFT_OUT, OMITTED))
    for case, content in cases.items()
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "raw").mkdir()
    for name, content in GOOD.items():
        (tmp_path / "raw" / name).write_text(content)
    return tmp_path


@pytest.mark.parametrize("case", CASES)
def test_malformed_files_are_refused_by_name(
    root: Path, refuses_raw: Callable[..., None], case: str
) -> None:
    name, content = CASES[case]
    refuses_raw(lambda: QM9(source="pyg", root=root), root / "raw" / name, *content)
    assert not list(root.rglob("data_v3.pt"))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_the_files_look_like_is_read(root: Path, end: str) -> None:
    for name, content in GOOD.items():
        (root / "raw" / name).write_bytes(content.replace("\n", end).encode())
    data = QM9("alpha", source="pyg", root=root, orientation="original")
    assert sorted(data._data.idx.tolist()) == [1, 2, 3, 5, 6, 7, 8, 10, 11, 12]
    assert (data[0].z.tolist(), data[0].alpha.item()) == ([8, 1, 1], 5.5)
