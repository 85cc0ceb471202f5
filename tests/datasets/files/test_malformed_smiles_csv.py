"""Tables of SMILES with a mistake: each is refused by file, record and field, or counted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from semola_geo.datasets import SmilesCSV

GOOD = "smiles,gap,name\nC,1.5,methane\n"


def second(row: str) -> str:
    """A mistake between two good rows."""
    return f"{GOOD}{row}\nO,2.5,water\n"


CASES: dict[str, tuple[str | bytes, int | None, str | None, str]] = {
    "empty": ("", None, None, "is empty"),
    "header only": ("smiles,gap\n", None, None, "has no records"),
    "no header": ("C,1.5\nO,2\n", None, None, "line 1: there is no column 'smiles' among 'C', '1"),
    "other delimiter": (GOOD.replace(",", "\t"), None, None, "line 1: there is no .*delimiter="),
    "column twice": (GOOD.replace("name", "gap"), None, None, "line 1: column 'gap' comes twice"),
    "two columns of SMILES": (
        GOOD.replace("smiles", "SMILES").replace("name", "Smiles"),
        None,
        None,
        "line 1: 'smiles' may be any of the columns 'SMILES', 'Smiles'; name one exactly",
    ),
    "target column missing": (GOOD.replace("gap", "gp"), None, "gap", "record 0.*is not in the fi"),
    "too few columns": (second("C,1"), 1, None, r"\(line 3\): has 2 columns, the first line 3"),
    "too many columns": (second("C,1,x,y"), 1, None, r"\(line 3\): has 4 columns"),
    "truncated": (f"{GOOD}O,2", 1, None, "has 2 columns, the first line 3"),
    "truncated in a name": (GOOD[:7], None, None, "has no records"),
    "open quote": (second('C,1,"never\nends'), None, None, "line 5: is no table"),
    "stray quote": (second('C,1,"a"b'), None, None, "line 3: is no table"),
    "no SMILES": (second("hello,1,x"), 1, "smiles", "RDKit cannot read 'hello' as SMILES"),
    "empty SMILES": (second(",1,x"), 1, "smiles", "RDKit cannot read '' as SMILES"),
    "unknown element": (second("[Xx],1,x"), 1, "smiles", r"RDKit cannot read '\[Xx\]'"),
    "valence": (second("C(C)(C)(C)(C)C,1,x"), 1, "smiles", "RDKit cannot read"),
    "open ring": (second("C1CC,1,x"), 1, "smiles", "RDKit cannot read 'C1CC'"),
    "text": (second("C,high,x"), 1, "gap", "is no number but text: 'high'"),
    "no value": (second("C,,x"), 1, "gap", "is no number but text: ''"),
    "slip of the pen": (second("C,1_5,x"), 1, "gap", "is no number but text: '1_5'"),
    "NaN": (second("C,nan,x"), 1, "gap", r"1 value\(s\) are NaN"),
    "infinite": (second("C,-inf,x"), 1, "gap", r"1 value\(s\) are NaN or infinite"),
    "overflow": (second("C,1e999,x"), 1, "gap", r"1 value\(s\) are NaN or infinite"),
    "huge": (second("C,1e30,x"), 1, "gap", r"1e\+30 is too large: its square does not fit"),
    "huge integer": (second(f"C,{10**30},x"), 1, "gap", r"1e\+30 is too large"),
    "several numbers": (second("C,1 2,x"), 1, "gap", r"has shape \[2\] where \[\] is expected"),
    "decimal comma": (second('C,"1,5",x'), 1, "gap", "is no number but text: '1,5' .a decimal com"),
    "thousands": (second('C,"1,500.0",x'), 1, "gap", r"'1,500\.0' .*decimal comma, or thousands"),
    "dummy atom": (second("C*,1,x"), 1, None, "RDKit|atom 1 has atomic number 0"),
    "not UTF-8": (second("C,1,\xe9").encode("latin-1"), None, None, r"line 3: .*\(byte 0xe9\)"),
    "binary": (bytes(range(128, 256)) * 9, None, None, "line 1: is no text in UTF-8"),
    "zero bytes": (second("C,\0,x"), None, None, "line 3: holds a zero byte"),
    "UTF-16": (GOOD.encode("utf-16"), None, None, r"line 1: is no text in UTF-8 \(byte 0xff\)"),
    "zip": (b"PK\3\4" + bytes(60), None, None, "line 1: holds a zero byte"),
}


@pytest.mark.parametrize("case", CASES)
def test_malformed_files_are_refused_by_name(refuses: Callable[..., None], case: str) -> None:
    refuses(SmilesCSV, "mine.csv", CASES[case], targets="gap")


def test_wrong_declarations_are_no_matter_of_records(refuses: Callable[..., None]) -> None:
    words = r"record 0 \(line 2\), .*declared 'vector', .* needs trailing axes \[3\]"
    case = (GOOD, None, "gap", words)
    refuses(SmilesCSV, "mine.csv", case, targets="gap", fields={"gap": "vector"})


def test_numbers_only_further_down_are_no_silent_loss(refuses: Callable[..., None]) -> None:
    """What is text in the first row is left out, and the others must agree with that."""
    case = (GOOD.replace("1.5", "?") + "O,2.5,water\nC,?,x\n", 1, "gap", "first record has text")
    refuses(SmilesCSV, "mine.csv", case)


@pytest.mark.parametrize(
    "content",
    [
        GOOD.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + GOOD.encode(),
        GOOD.rstrip("\n").encode(),
        (GOOD + "\n  \n").encode(),
        GOOD.replace("methane", "m\xe9thane").encode(),
        GOOD.replace("methane", '"methane,\ngas"').encode(),
        GOOD.replace("smiles", "SMILES").encode(),
    ],
    ids=["windows", "mark", "newline", "blank", "accents", "quoted", "case"],
)
def test_awkward_files_are_read(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(content)
    (graph,) = SmilesCSV(path, "gap")
    assert graph.z.tolist() == [6, 1, 1, 1, 1]
    assert graph.gap.tolist() == [1.5]


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no file .*nowhere\.csv"):
        SmilesCSV(tmp_path / "nowhere.csv")
    with pytest.raises(ValueError, match="is a folder; give the path of a file"):
        SmilesCSV(tmp_path)
