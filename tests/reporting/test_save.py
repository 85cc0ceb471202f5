from __future__ import annotations

import json

import pytest

from semola_geo.reporting import report_json, save_report
from semola_geo.reporting.plain import to_plain


def test_writes_json_page_and_figures_the_same_every_time(make, tmp_path):
    first = save_report(make("plane"), tmp_path / "one" / "deep")
    second = save_report(make("plane"), tmp_path / "two")
    names = [path.relative_to(tmp_path / "two").as_posix() for path in second]
    assert names == ["report.json", "report.html", "figures/spectrum.svg", "figures/support.svg"]
    assert [a.read_bytes() for a in first] == [b.read_bytes() for b in second]


def test_json_round_trips(any_report, tmp_path):
    path = save_report(any_report, tmp_path)[0]
    assert json.loads(path.read_text(encoding="utf-8")) == to_plain(any_report)


def test_figures_of_an_earlier_report_do_not_survive(make, tmp_path):
    save_report(make("se(3)"), tmp_path)
    (tmp_path / "figures" / "mine.svg").write_text("kept")
    written = save_report(make("plane"), tmp_path)
    left = {path.name for path in (tmp_path / "figures").iterdir()}
    assert left == {"mine.svg"} | {path.name for path in written if path.suffix == ".svg"}


def test_broken_report_writes_nothing(tmp_path):
    with pytest.raises(ValueError, match="ambient"):
        save_report({"name": "so(3)"}, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_json_text_keeps_strings_and_joins_numbers_only():
    value = {"text": "[\n 1,\n 2]", "rows": [[1.0, -2e-9], [None, 3]], "words": ["a", "b"]}
    text = report_json(value | {"nan": float("inf")})
    assert json.loads(text) == value | {"nan": None}
    assert "[1.0, -2e-09]" in text
    assert "[null, 3]" in text
