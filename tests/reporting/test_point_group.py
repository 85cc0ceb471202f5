"""Finite point groups in sentence, text and page."""

from __future__ import annotations

import pytest

from semola_geo.reporting import example_report, render_html, render_text, verdict_sentence


def element(symbol, verdict="symmetry", violation=0.001):
    return {
        "symbol": symbol, "description": f"operation {symbol}", "matrix": None,
        "verdict": verdict, "violation": violation,
        "interval": [violation - 0.002, violation + 0.002], "noise": 0.01, "support": 0.02,
    }  # fmt: skip


def report(verdict, group="", order=1, elements=(), others=(), **more):
    entry = {
        "kind": "point group", "group": group, "verdict": verdict, "order": order,
        "hermann_mauguin": {"C_3v": "3m"}.get(group), "operations": {"E": 1, "C_3": 2, "σ": 3},
        "descriptions": ["operation C_3", "operation σ"], "elements": list(elements),
        "nearest_others": list(others), "silent": 0.0, "searched": 4000,
    }  # fmt: skip
    return example_report() | {"ambient": "O(3)", "components": [entry | more]}


def test_a_group_is_named_and_its_worst_elements_are_shown():
    members = [element("C_3"), element("C_3", violation=0.003), *[element("σ")] * 3]
    given = report("symmetry", "C_3v", 6, members, [element("S_3", "no symmetry", 0.7)])
    sentence = verdict_sentence(given)
    assert sentence.endswith("are symmetries: the point group C_3v (3m).")
    text, page = render_text(given), render_html(given)
    assert "1 E + 2 C_3 + 3 σ" in text and "4,000 elements of O(3)" in text
    assert "worst of 2" in text and "+0.0030" in text and "closest other" in text
    assert all(len(line) <= 100 for line in text.splitlines())
    assert "C_3v (3m), order 6" in page and "worst of 3" in page
    assert "kind point group" not in page, "told in a table, not as raw values"


def test_a_part_of_an_open_group_is_called_a_part():
    others = [element("i", "undecided: teachers too weak", 0.01)]
    given = report("symmetry", "", 6, [element("C_3")] * 2, others, name="C_3v", complete=False)
    sentence = verdict_sentence(given)
    assert sentence.endswith("symmetries, the point group C_3v; a larger group is left open.")
    assert "at least C_3v" in render_text(given) and "at least C_3v" in render_html(given)


@pytest.mark.parametrize(
    ("verdict", "group", "words"),
    [
        ("no symmetry", "C_1", "is a symmetry: the closest is violated by 34 %."),
        ("undecided: teachers too weak", "", "finite symmetries are undecided."),
        ("untested by this data", "", "finite symmetries are untested by this data."),
        ("approximate symmetry", "", "hold only approximately, the closest ones included."),
    ],
)
def test_what_was_not_found_is_said(verdict, group, words):
    given = report(verdict, group, others=[element("σ", "no symmetry", 0.34)])
    assert verdict_sentence(given).endswith(words)
    assert "operation σ" in render_text(given) and "operation σ" in render_html(given)


def test_silence_of_the_data_is_told():
    given = report("untested by this data", silent=0.8)
    assert "80 % of O(3) leave the data" in render_text(given)


def test_reports_without_point_groups_read_as_before():
    assert "origin" not in verdict_sentence(example_report())
    assert "Rotations and reflections about the origin" not in render_html(example_report())
