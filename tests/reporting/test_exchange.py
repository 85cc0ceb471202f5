from __future__ import annotations

import re

import pytest

from semola_geo.reporting import render_html, render_text, verdict_sentence
from semola_geo.reporting.exchange import read_exchange


def trial(cycles, verdict, violation, **changes):
    return {
        "cycles": cycles, "image": [1, 0], "origin": "learned", "verdict": verdict,
        "violation": violation, "interval": [violation - 0.004, violation + 0.004],
        "noise": 0.02, "ratio": violation / 0.02, "support": 0.03, **changes,
    }  # fmt: skip


@pytest.fixture
def ring(make):
    report = make("permutations")
    report["permutations"] |= {
        "cycles": ["(0 1 2 3 4 5 6 7)"],
        "verdicts": [trial("(0 1 2 3 4 5 6 7)", "symmetry", 0.001)],
        "nearest_others": [trial("(0 1)", "no symmetry", 0.4), trial("(2 3)", "no symmetry", 0.5)],
        "tested": {"symmetry": 1, "no symmetry": 28},
    }
    return report


def nothing(make, **tested):
    group = {"order": 1, "name": "trivial", "orbits": [[0], [1]], "tested": tested}
    return make("permutations") | {"permutations": group}


def test_the_group_and_its_evidence_as_text(ring):
    text = render_text(ring)
    assert "D8, order 16" in text and "{0 1 2 3 4 5 6 7}" in text
    row = next(line for line in text.splitlines() if line.startswith("(0 1) "))
    assert "closest other" in row and "no symmetry" in row and "+0.4000" in row
    row = next(line for line in text.splitlines() if line.startswith("(0 1 2 3 4 5 6 7)"))
    assert "generator" in row and "[-0.0030, +0.0050]" in row and "0.03" in row
    assert max(len(line) for line in text.splitlines()) <= 110


def test_the_group_and_its_evidence_on_the_page(ring):
    page = render_html(ring)
    for words in ("Symmetry group", "D8", "(0 1)", "closest other", "28 no symmetry"):
        assert words in page
    assert "No continuous motion" not in page
    heading = re.search(r"<h1>(.*?)</h1>", page)
    assert heading is not None and "permutation group of order 16" in heading.group(1)


def test_nothing_found_says_why(make):
    sentence = verdict_sentence(nothing(make, **{"no symmetry": 28}))
    assert (
        "No exchange of nodes in S(8)" in sentence and "28 of 28 tested are ruled out" in sentence
    )
    weak = nothing(make, **{"undecided: teachers too weak": 3})
    assert "3 of 3 tested are undecided (the trained models are too weak)" in verdict_sentence(weak)
    mixed = nothing(make, **{"untested by this data": 1, "no symmetry": 2})
    assert "1 of 3 tested is untested" in verdict_sentence(mixed)
    assert "trivial" in render_text(mixed) and "trivial" in render_html(mixed)


def test_missing_numbers_and_foreign_content(make, ring):
    ring["permutations"]["verdicts"][0] |= {"violation": float("nan"), "interval": None}
    assert "–" in render_text(ring)
    render_html(ring)
    for value in (None, {}, {"order": "many"}, ["x"]):
        assert read_exchange(value) is None
    with pytest.raises(ValueError, match="is no verdict"):
        read_exchange({"order": 2, "tested": {"perhaps": 1}})
