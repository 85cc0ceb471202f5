from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import matplotlib
import numpy as np
import pytest

from semola_geo.reporting import render_html, render_text, report_json, verdict_sentence

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Checker(HTMLParser):
    """Keeps a stack of open tags, and every attribute that could load something."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.loads: list[str] = []
        self.ids: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        self._look(attrs)

    def handle_startendtag(self, tag, attrs):
        self.tags.add(tag)
        self._look(attrs)

    def _look(self, attrs):
        for key, value in attrs:
            if key in {"src", "href", "srcset", "xlink:href", "action", "data"}:
                self.loads.append(value)
            if key == "id":
                self.ids.append(value)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag


def check(page: str) -> Checker:
    checker = Checker()
    checker.feed(page)
    checker.close()
    assert checker.open == []
    return checker


def test_every_kind_of_report_is_well_formed_and_self_contained(any_page):
    page = any_page
    checker = check(page)
    assert all(load.startswith("#") or load == "data:," for load in checker.loads)
    assert "http" not in page
    assert "@import" not in page
    assert all(target.startswith("#") for target in re.findall(r"url\(([^)]*)\)", page))
    assert not checker.tags & {"script", "iframe", "object", "embed", "img"}
    assert len(checker.ids) == len(set(checker.ids))
    assert set(re.findall(r'(?:url\(|href=")#([^)"]+)', page)) <= set(checker.ids)


def test_the_sentence_stands_first(any_report, any_page):
    page = any_page
    heading = re.search(r"<h1>(.*?)</h1>", page)
    assert heading is not None
    assert heading.group(1) == verdict_sentence(any_report)
    assert page.index("<h1>") < page.index("<h2>")


def test_same_report_same_bytes_whatever_the_callers_style(make, page):
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.hashsalt": "x"}):
        assert render_html(make("plane")) == page("plane")


def test_a_saved_report_renders_the_same_page(any_report, any_page):
    assert render_html(json.loads(report_json(any_report))) == any_page


def test_text_is_escaped(make):
    attack = "<script>alert('&')</script>"
    report = make("plane") | {
        "name": attack,
        "target": attack,
        "ambient": "GL(2)",
        "objects": attack,
        "notes": [attack],
        "settings": {attack: attack},
        "versions": {attack: attack},
        "candidate": {attack: [attack]},
        "components": [attack],
        "permutations": {attack: attack},
        "evidence": [{"algebra": attack, "loss": 0.2, "loss_upper": 0.3}],
    }
    report["verdicts"][0] |= {"label": attack, "evidence": {attack: attack}}
    page = render_html(report)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    check(page)


@pytest.mark.parametrize(
    "settings",
    [{"support": "pose statistics"}, {"support": 0.2, "support_method": "pose statistics"}],
)
def test_the_method_of_the_support_has_a_row_of_its_own(make, settings):
    page = render_html(make("plane") | {"settings": settings})
    assert '<th scope="row">support method</th><td>pose statistics</td>' in page
    told = isinstance(settings["support"], float)
    assert ('<th scope="row">support</th><td>0.2</td>' in page) == told


def test_silence_is_explained(page):
    assert "Untested by this data (9)" in page("canonical")
    assert "The true group may be larger" in page("noise")
    assert "They are not counted in the dimension" in page("plane")
    assert "cannot say" not in page("none")


def test_a_claim_that_the_verdicts_do_not_carry_is_flagged(make, page):
    assert "Caution." not in page("se(3)")
    report = make("noise") | {"dimension": 3, "name": "so(3)"}
    flagged = render_html(report)
    assert "claims dimension 3, but 0 directions" in flagged
    assert "explains less than 10 %" in flagged
    assert "CAUTION" in render_text(report)


def test_optional_parts_appear_only_with_their_data(page):
    full, bare = page("se(3)"), page("none")
    for words in ("Does it hold up on data", "learned up to ±86°", "enforcing it costs accuracy"):
        assert words in full
        assert words not in bare


def test_minimal_report_and_missing_numbers():
    check(render_html({"ambient": "GL(2)", "name": None, "dimension": 0, "verdicts": []}))
    row = {"direction": np.eye(2), "verdict": "symmetry", "violation": float("nan")}
    report = {"ambient": "GL(2)", "name": "scaling", "dimension": 1, "verdicts": [row]}
    assert "not measured" in render_html(report)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"verdicts": [{"verdict": "maybe"}]}, ValueError, "no verdict"),
        ({"generators": [[[1.0, 2.0]]]}, ValueError, "generators"),
        ({"generators": [[["a"]]]}, ValueError, "generators"),
    ],
)
def test_broken_reports_are_refused(make, change, error, words):
    with pytest.raises(error, match=words):
        render_html(make("none") | change)


def test_missing_keys_and_wrong_type_are_named(make):
    report = make("none")
    del report["verdicts"]
    with pytest.raises(ValueError, match="verdicts"):
        render_html(report)
    with pytest.raises(TypeError, match="mapping"):
        render_html([report])


def test_what_labels_say_is_explained_where_they_were_asked(make):
    report = make("se(3)")
    explained = "nothing of an error that all teachers share"
    assert explained not in render_html(report)
    report["verdicts"][6]["evidence"] = "held-out labels bear out 97 % of it, at least 81 %"
    page = render_html(report)
    assert "held-out labels bear out 97 % of it" in page
    assert explained in page
