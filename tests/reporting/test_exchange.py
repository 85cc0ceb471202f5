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


@pytest.fixture
def product(make):
    """Motions and exchanges in one report."""
    exchange = {
        "order": 12, "name": "S2 x S3", "orbits": [[2, 3, 4], [0, 1]], "cycles": ["(0 1)"],
        "verdicts": [trial("(0 1)", "symmetry", 0.001)],
        "nearest_others": [trial("(0 2)", "no symmetry", 0.4)],
        "tested": {"symmetry": 4, "no symmetry": 6},
    }  # fmt: skip
    return make("se(3)") | {"ambient": "Aff(3) x S(5)", "permutations": exchange}


def test_both_parts_of_a_product_in_one_sentence(product):
    assert verdict_sentence(product) == (
        "The dipole of these molecules is symmetric under rotations and translations, se(3), "
        "dimension 6, and under exchanges of nodes, S2 x S3, order 12; 6 further directions are "
        "ruled out."
    )


def test_both_parts_of_a_product_as_text_and_on_the_page(product):
    text, page = render_text(product), render_html(product)
    for words in ("S2 x S3, order 12", "(0 2)", "rotation", "closest other"):
        assert words in text and words in page
    assert "Aff(3) x S(5)" in page and "Symmetry algebra" in page and "Exchanges of nodes" in page


def test_one_part_without_the_other(make, product):
    alone = product | {"permutations": nothing(make, **{"no symmetry": 10})["permutations"]}
    assert verdict_sentence(alone).endswith(
        "6 further directions are ruled out; no exchange of nodes was found to be a symmetry: "
        "10 of 10 tested are ruled out."
    )
    still = make("none") | {"ambient": "GL(3) x S(5)", "permutations": product["permutations"]}
    assert verdict_sentence(still) == (
        "The target in this data set has no continuous symmetry in GL(3): all 9 directions are "
        "ruled out; exchanges of nodes are symmetries: S2 x S3, order 12."
    )
    weak = make("noise") | {"ambient": "GL(3) x S(5)", "permutations": alone["permutations"]}
    assert "could be established in GL(3):" in verdict_sentence(weak)
    unnamed = product | {"name": "unnamed"}
    assert "without a common name" in verdict_sentence(unnamed)
    assert "exchanges of nodes are symmetries" in verdict_sentence(unnamed)
