"""Tables of ``qm9pack`` with a mistake: each is refused by file, line and column."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from semola_geo.datasets import QM9
from semola_geo.datasets.qm9._pack_row import COLUMNS

PROPERTIES = [column for column, _ in COLUMNS.values()]
HEADER = ",".join(["XYZ_file", "Index", "SMILES", "Elements", "XYZ_Ang", *PROPERTIES]) + "\n"
ELEMENTS, XYZ = "['O','H','H']", "[[0.,0.1,0.],[0.9,0.,0.],[-0.9,0.,0.]]"


def row(index: int | str, *, smiles: str = "O", elements: str = ELEMENTS, xyz: str = XYZ) -> str:
    cells = [f'"{index}.xyz"', str(index), f'"{smiles}"', f'"{elements}"', f'"{xyz}"']
    return ",".join([*cells, *(f"{0.5 + i}" for i in range(len(PROPERTIES)))]) + "\n"


def second(wrong: str) -> str:
    """A mistake between good rows."""
    return HEADER + row(1) + wrong + "".join(row(i) for i in range(3, 15))


def value(text: str) -> str:
    """A polarizability, the second property, that is wrong."""
    assert ",1.5," in row(2)
    return second(row(2).replace(",1.5,", f",{text},"))


GOOD = second(row(2))
ALPHA = "Polarizability_bohr3"

# Content, the line and the column that are to be named, and further words.
CASES: dict[str, tuple[str | bytes, str | None, str | None, str]] = {
    "empty": ("", None, None, "is empty"),
    "white space": (" \n\n", "line 1", "Index", "the column is there 0 times"),
    "mark alone": (b"\xef\xbb\xbf\n", "line 1", "Index", "the column is there 0 times"),
    "text": ("hello\nworld\n", "line 1", "Index", "0 times; is it a table of qm9pack"),
    "binary": (bytes(range(128, 256)) * 9 + b"\n", "line 1", None, "is no text in UTF-8"),
    "UTF-16": (GOOD.encode("utf-16-le") + b"\n", "line 1", None, "holds a zero byte"),
    "compressed": (b"\x1f\x8b" + GOOD.encode(), None, None, "is compressed with gzip; unpack it"),
    "header alone": (HEADER, None, None, "holds no molecules"),
    "cut off in a number": (GOOD[:-3], None, None, "last line is not ended"),
    "cut off in quotes": (second(row(2)[:40]), "line 3", None, "is no table: Error: |columns"),
    "cut off row": (GOOD + ",".join(row(15).split(",")[:-2]) + "\n", "line 16", None, "columns"),
    "blank line": (second("\n" + row(2)), "line 3", None, "has 0 columns.* blank lines"),
    "too many columns": (second(row(2).replace("\n", ",1\n")), "line 3", None, "has 21 columns"),
    "column missing": (GOOD.replace("HOMO_au", "homo", 1), "line 1", "HOMO_au", "there 0 times"),
    "column twice": (GOOD.replace("XYZ_file", "Index"), "line 1", "Index", "there 2 times"),
    "semicolons": (GOOD.replace(",", ";"), "line 1", "Index", "there 0 times"),
    "no number": (value("n/a"), "line 3", ALPHA, "expected a number, got 'n/a'"),
    "blank number": (value(""), "line 3", ALPHA, "expected a number, got ''"),
    "grouped digits": (value("1_5"), "line 3", ALPHA, "expected a number, got '1_5'"),
    "NaN": (value("nan"), "line 3", ALPHA, "nan is not finite"),
    "infinite": (value("-inf"), "line 3", ALPHA, "-inf is not finite"),
    "huge": (value("1e30"), "line 3", ALPHA, r"1e\+30 is too large"),
    "unknown element": (
        second(row(2, elements="['O','Xx','H']")),
        "line 3",
        "Elements",
        "atom 1 is 'Xx', but QM9 has H, C, N, O, F only",
    ),
    "small letter": (second(row(2, elements="['o','H','H']")), "line 3", "Elements", "atom 0 is"),
    "heavy element": (second(row(2, elements="['Br','H','H']")), "line 3", "Elements", "is 'Br'"),
    "no atoms": (second(row(2, elements="[]", xyz="[]")), "line 3", "Elements", "has no atoms"),
    "atom missing": (second(row(2, elements="['O']")), "line 3", "XYZ_Ang", "9 coord.* 1 atoms"),
    "no positions": (second(row(2, xyz="[]")), "line 3", "XYZ_Ang", "expected .* got '\\[\\]'"),
    "text position": (
        second(row(2, xyz="[[0,one,1]]")),
        "line 3",
        "XYZ_Ang",
        "expected .* 'one|in",
    ),
    "NaN position": (
        second(row(2, xyz=XYZ.replace("0.1", "nan"))),
        "line 3",
        "XYZ_Ang",
        r"1 value\(s\) are NaN",
    ),
    "huge position": (
        second(row(2, xyz=XYZ.replace("0.1", "1e30"))),
        "line 3",
        "XYZ_Ang",
        r"1e\+30 Å is too large",
    ),
    "one place": (
        second(row(2, xyz="[[0,0,0],[0,0,0],[0,0,0]]")),
        "line 3",
        "XYZ_Ang",
        "all 3 atoms are in one place",
    ),
    "no SMILES": (second(row(2, smiles=" ")), "line 3", "SMILES", "is empty"),
    "number twice": (second(row(1)), "line 3", "Index", r"1 is in qm9_part1\.csv, line 2 already"),
    "number 0": (second(row(0)), "line 3", "Index", "expected a number from 1, got '0'"),
    "negative number": (second(row(-2)), "line 3", "Index", "expected a number from 1, got '-2'"),
    "number in words": (second(row("two")), "line 3", "Index", "from 1, got 'two'"),
    "number without end": (second(row("9" * 5000)), "line 3", "Index", "from 1, got '999"),
}


@pytest.mark.parametrize("case", CASES)
def test_malformed_tables_are_refused_by_name(
    tmp_path: Path, refuses_raw: Callable[..., None], case: str
) -> None:
    refuses_raw(lambda: QM9(root=tmp_path), tmp_path / "qm9_part1.csv", *CASES[case])


@pytest.mark.parametrize(
    "content",
    [GOOD, GOOD.replace("\n", "\r\n"), "\ufeff" + GOOD, GOOD.replace("','", "', '")],
)
def test_what_tables_look_like_is_read(tmp_path: Path, content: str) -> None:
    (tmp_path / "qm9_part1.csv").write_bytes(content.encode())
    data = QM9("alpha", root=tmp_path, orientation="original")
    assert sorted(data._data.idx.tolist()) == list(range(1, 15))
    assert (data[0].z.tolist(), data[0].alpha.item()) == ([8, 1, 1], 1.5)


def test_every_part_is_checked(tmp_path: Path, refuses_raw: Callable[..., None]) -> None:
    (tmp_path / "qm9_part1.csv").write_text(GOOD)
    path = tmp_path / "qm9_part2.csv"
    words = r"3 is in qm9_part1\.csv, line 4 already"
    refuses_raw(lambda: QM9(root=tmp_path), path, HEADER + row(3), "line 2", "Index", words)
    refuses_raw(lambda: QM9(root=tmp_path), path, HEADER, None, None, "holds no molecules")
