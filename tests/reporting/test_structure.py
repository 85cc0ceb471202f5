from __future__ import annotations

import json
import re

import pytest

from semola_geo.algebra import LieAlgebra
from semola_geo.reporting import render_html, render_text
from semola_geo.reporting.space import Space
from semola_geo.reporting.structure import read_structure

# Drawing them takes most of the time of a page.
_NO_FIGURES = {f"generator_{number}": "" for number in range(1, 7)}


def drawn(report):
    return render_html(report, figures=_NO_FIGURES)


def structure_of(name: str, dimension: int = 3):
    algebra = LieAlgebra.from_name(name, dimension=dimension)
    plain = json.loads(json.dumps(algebra.describe().to_dict()))
    found = read_structure(plain, Space(dimension, algebra.affine))
    assert found is not None
    return found, dict(found.facts)


def test_rotations_and_translations_in_words():
    found, facts = structure_of("se(3)")
    assert facts["Semisimple part"].startswith("like so(3), dimension 3; Killing form 3 negative")
    assert facts["Radical, the largest solvable ideal"] == "dimension 3"
    assert facts["Derived series"] == facts["Lower central series"] == "6, 6, …"
    assert facts["Preserved quadratic form"] == "3 positive: a length"
    assert found.basis[3] == ("L4", "translation along x")
    assert ("[L1, L2]", "L3") in found.brackets
    assert ("[L1, L3]", "−L2") in found.brackets
    assert len(found.matrices) == 2


@pytest.mark.parametrize(
    ("name", "dimension", "label", "words"),
    [
        ("se(2)", 3, "Semisimple part", "none: the algebra is solvable"),
        ("se(2)", 3, "Derived series", "3, 2, 0: solvable"),
        ("so(2) + t(1)", 3, "Derived series", "2, 0: abelian"),
        ("so(2) + t(1)", 3, "Fixed axes, moved by no linear part", "z"),
        ("so(2) + t(1)", 3, "Planes kept, one by one", "across z"),
        ("so(2) + so(2)", 4, "Planes kept, one by one", "of x1 and x2; of x3 and x4"),
        ("so(3)", 3, "Radical, the largest solvable ideal", "none: the algebra is semisimple"),
        ("gl(2)", 2, "Centre, what commutes with everything", "dimension 1"),
        ("gl(2)", 2, "Preserved quadratic form", "none"),
        ("t(3)", 3, "Fixed axes, moved by no linear part", "all"),
    ],
)
def test_facts_in_words(name, dimension, label, words):
    facts = structure_of(name, dimension)[1]
    kept = facts[label].split("; ")
    assert sorted(kept) == sorted(words.split("; "))


def test_reports_with_and_without_structure(make):
    report = make("se(3)")
    page = drawn(report)
    assert "<h2>Structure</h2>" in page
    assert '<th scope="row">[L1, L2]</th>' in page
    assert page.index("What was found") < page.index("<h2>Structure") < page.index("The evidence")
    del report["structure"]
    assert "<h2>Structure</h2>" not in drawn(report)


def test_a_span_that_is_not_closed_says_so_first():
    spins = LieAlgebra(LieAlgebra.from_name("so(3)").generators[:2])
    found = read_structure(spins.describe().to_dict(), Space(3, affine=False))
    assert found is not None
    assert found.facts[0][0] == "Closed"
    assert "Semisimple part" not in dict(found.facts)


@pytest.mark.parametrize("bad", ["<b>", 3, ["<b>"], [[None]], {"<b>": "<b>"}])
def test_broken_entries_are_left_out(make, bad):
    structure = dict.fromkeys(make("se(3)")["structure"], bad)
    page = drawn(make("se(3)") | {"structure": structure})
    assert "<b>" not in page
    drawn(make("se(3)") | {"structure": bad})


def test_single_models_on_the_page_and_in_the_text(make):
    report = make("se(3)")
    assert "LieGG" not in drawn(report)
    report["single_model"] = {"liegg": {"dimension": 4}, "liesd": {"dimension": 0}}
    (paragraph,) = re.findall(r"<p[^>]*>(For comparison[^<]*)</p>", drawn(report))
    assert paragraph.endswith("LieGG dimension 4, LieSD dimension 0.")
    assert " ".join(paragraph.split()) in " ".join(render_text(report).split())
