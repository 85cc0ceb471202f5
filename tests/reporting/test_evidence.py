"""What enforcing a candidate says, and when it says nothing."""

from __future__ import annotations

import pytest

from semola_geo.reporting import render_html, render_text
from semola_geo.reporting.figures import evidence_rows
from semola_geo.reporting.figures.evidence import draw_evidence
from semola_geo.reporting.reading import read_report

BLUE, RED, GREY = "#0072b2", "#d55e00", "#808080"


@pytest.fixture
def tried(make):
    """A report whose only candidate costs as much as given, and has further entries."""

    def made(loss, upper, **more):
        entry = {"algebra": "se(3)", "dimension": 6, "loss": loss, "loss_upper": upper}
        return make("se(3)") | {"evidence": [entry | more]}

    return made


def mark(report):
    """Colour and filling of the one mark of the figure."""
    figure = draw_evidence(read_report(report))
    assert figure is not None
    (point,) = [line for line in figure.axes[0].lines if len(line.get_xdata()) == 1]
    return point.get_color(), point.get_fillstyle()


@pytest.mark.parametrize(
    "obstacle", ["augmentation shrank", "span not closed", "learned nothing", None]
)
def test_what_is_no_evidence_does_not_pass_however_little_it_costs(tried, obstacle):
    report = tried(0.0, 0.0, telling=False, obstacle=obstacle)
    (row,) = evidence_rows(read_report(report))
    assert not row.passed
    words = f"no evidence: {obstacle or 'not told why'}"
    text, page = render_text(report), render_html(report)
    assert words in text and words in page
    assert "costs nothing" not in text and "enforcing it costs nothing</td>" not in page
    assert "Hollow and grey" in page
    assert max(len(line) for line in text.splitlines()) <= 100
    assert mark(report) == (GREY, "none")


def test_a_loss_that_was_not_measured_may_still_be_no_evidence(tried):
    report = tried(None, None, telling=False, obstacle="learned nothing")
    assert "no evidence: learned nothing" in render_text(report)


def test_a_veto_counts_even_where_the_augmentation_shrank(tried):
    report = tried(0.03, 0.04, telling=False, obstacle="augmentation shrank", refuted=True)
    assert "enforcing it costs accuracy" in render_text(report)
    assert "no evidence" not in render_text(report)
    assert mark(report) == (RED, "full")


def test_older_reports_do_not_say_what_is_telling(tried):
    report = tried(0.0, 0.005)
    assert "enforcing it costs nothing" in render_text(report)
    assert "Hollow" not in render_html(report)
    assert mark(report) == (BLUE, "full")
