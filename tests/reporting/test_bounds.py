"""Pages speak of the bounds that a report was made with."""

from __future__ import annotations

from dataclasses import asdict
from itertools import pairwise

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from semola_geo.discovery import Thresholds
from semola_geo.reporting import render_html, render_text
from semola_geo.reporting.bounds import Bounds, read_bounds
from semola_geo.reporting.figures.evidence import draw_evidence
from semola_geo.reporting.figures.spectrum import draw_spectrum
from semola_geo.reporting.figures.style import figure_style
from semola_geo.reporting.reading import read_report

ENTRY = {"algebra": "se(3)", "dimension": 6, "loss": 0.03, "loss_upper": 0.04}


def words(figure):
    assert figure is not None
    return [text.get_text() for text in figure.axes[0].texts]


def lines(figure):
    """Places of the dashed lines."""
    return [
        float(line.get_xdata()[0]) for line in figure.axes[0].lines if line.get_linestyle() == "--"
    ]


def test_bounds_that_are_not_told_are_those_of_discovery():
    limits = asdict(Thresholds())
    assert asdict(Bounds()) == {name: limits[name] for name in asdict(Bounds())}


@pytest.mark.parametrize(
    "settings", [None, {}, "quick", {"symmetry": "small"}, {"cost": float("nan"), "broken": True}]
)
def test_settings_that_hold_no_bounds_say_nothing(make, settings):
    report = make("se(3)") | {"settings": settings}
    assert read_bounds(read_report(report)) == Bounds()
    page = render_html(report)
    assert "stays below 1 %." in page
    assert "The tolerance, 0.01: " in page and "Between 0.01 and 0.1 a symmetry" in page


def test_page_and_figures_show_the_bounds_that_were_used(make):
    settings = {"symmetry": 0.05, "broken": 0.5, "cost": 0.025}
    report = make("se(3)") | {"settings": settings, "evidence": [ENTRY]}
    page = render_html(report)
    assert "stays below 2.5 %." in page
    assert "The tolerance, 0.05: " in page and "Between 0.05 and 0.5 a symmetry" in page
    assert "not sure: the bound exceeds 2.5 %" in render_text(report)
    view = read_report(report)
    spectrum, evidence = draw_spectrum(view), draw_evidence(view)
    assert {"ε = 0.05", "0.5"} < set(words(spectrum))
    assert lines(spectrum) == [0.05, 0.5]
    assert "allowed: 2.5 %" in words(evidence)
    assert lines(evidence) == [2.5]


def test_a_candidate_passes_by_the_cost_that_was_allowed(make):
    report = make("se(3)") | {"evidence": [ENTRY]}
    assert "not sure: the bound exceeds 1 %" in render_text(report)
    lenient = render_text(report | {"settings": {"cost": 0.05}})
    assert "costs less than allowed" in lenient and "costs nothing" not in lenient


@pytest.mark.parametrize("symmetry", [1e-3, 0.05, 0.09, 0.8])
def test_labels_of_bounds_find_a_place(make, symmetry):
    settings = {"symmetry": symmetry, "broken": max(0.1, 2 * symmetry)}
    with figure_style():
        figure = draw_spectrum(read_report(make("se(3)") | {"settings": settings}))
    assert figure is not None
    renderer = FigureCanvasAgg(figure).get_renderer()
    axes = figure.axes[0]
    boxes = [text.get_window_extent(renderer) for text in axes.texts]
    boxes.sort(key=lambda box: box.x0)
    assert all(left.x1 <= right.x0 for left, right in pairwise(boxes))
    low, high = axes.get_xlim()
    assert low < 0 < symmetry < settings["broken"] < high
    ticks = [label.get_window_extent(renderer) for label in axes.get_xticklabels()]
    assert all(left.x1 <= right.x0 for left, right in pairwise(ticks))
