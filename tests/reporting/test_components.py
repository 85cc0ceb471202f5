"""Reflections in sentence, text and page."""

from __future__ import annotations

import pytest

from semola_geo.reporting import example_report, render_html, render_text, verdict_sentence


def report(verdict, group="", **more):
    entry = {
        "kind": "reflections", "element": "inversion", "whole": True, "verdict": verdict,
        "violation": 0.002, "interval": [-0.003, 0.007], "noise": 0.04, "support": 0.03,
        "group": group, "note": "", "matrix": None,
    }  # fmt: skip
    return example_report() | {"ambient": "E(3)", "components": [entry | more]}


@pytest.mark.parametrize(
    ("verdict", "group", "words"),
    [
        ("symmetry", "E(3)", "se(3) with reflections: E(3)."),
        ("no symmetry", "SE(3)", "reflections are ruled out: SE(3)."),
        ("undecided: teachers too weak", "", "reflections are undecided."),
        ("untested by this data", "", "reflections are untested by this data."),
        ("approximate symmetry", "", "reflections hold only approximately."),
    ],
)
def test_the_sentence_ends_with_the_component(verdict, group, words):
    given = report(verdict, group)
    assert verdict_sentence(given).endswith(words)
    text, page = render_text(given), render_html(given)
    assert "inversion" in text and "[-0.0030, +0.0070]" in text
    assert all(len(line) <= 100 for line in text.splitlines())
    assert verdict in page and "Leaves the data" in page
    assert "kind reflections" not in page, "told in a table, not as raw values"
    if group:
        assert f"{group}: " in page


def test_what_was_not_looked_for_is_said():
    note = "mirror planes in general position were not looked for"
    given = report(
        None, element="reflection", whole=False, violation=None, interval=None, note=note
    )
    assert "reflections were not looked for" in verdict_sentence(given)
    assert note in render_text(given) and note in render_html(given)


def test_a_single_element_is_not_called_all_reflections():
    given = report("symmetry", whole=False)
    assert verdict_sentence(given).endswith("the inversion is part of it.")


def test_reports_without_reflections_read_as_before():
    assert "eflection" not in verdict_sentence(example_report())
    assert "<h3>Reflections</h3>" not in render_html(example_report())
