from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from semola_geo.reporting.figures import draw_figures, standalone_svg
from semola_geo.reporting.figures.flow import flow_planes
from semola_geo.reporting.figures.spectrum import draw_spectrum
from semola_geo.reporting.reading import read_report


def test_every_figure_is_xml_that_follows_the_page(any_report):
    figures = draw_figures(read_report(any_report))
    assert ("spectrum" in figures) == bool(any_report["verdicts"])
    assert sum(name.startswith("generator_") for name in figures) == any_report["dimension"]
    for svg in figures.values():
        root = ET.fromstring(standalone_svg(svg))
        assert root.attrib["aria-label"]
        assert "currentColor" in svg
        assert "#010203" not in svg
        assert "#000000" not in svg
        assert not re.search(r"\d{4}-\d\d-\d\dT", svg)
        assert len(svg) < 60_000


def test_spectrum_marks_every_direction_by_its_verdict(make):
    view = read_report(make("se(3)"))
    figure = draw_spectrum(view)
    assert figure is not None
    axes = figure.axes[0]
    points = [line for line in axes.lines if len(line.get_xdata()) == 1]
    assert [float(line.get_xdata()[0]) for line in points] == [
        row.violation for row in view.directions
    ]
    assert [line.get_color() for line in points] == [row.verdict.color for row in view.directions]
    low, high = axes.get_xlim()
    assert low < min(row.lower for row in view.directions)
    assert high > max(row.upper for row in view.directions)


@pytest.mark.parametrize("scale", [1e-3, 50.0])
def test_motion_does_not_depend_on_units(make, scale):
    report = make("canonical") | {"verdicts": [], "generators": make("se(3)")["generators"][2:4]}
    shifted = report | {"length_scale": report["length_scale"] * scale}
    shifted["generators"] = [
        [[*row[:3], row[3] * scale] for row in matrix] for matrix in report["generators"]
    ]
    one, other = draw_figures(read_report(report)), draw_figures(read_report(shifted))
    for name in ("generator_1", "generator_2"):
        assert _paths(one[name]) == pytest.approx(_paths(other[name]), abs=0.02)


def test_strongest_plane_comes_first():
    linear = np.zeros((3, 3))
    linear[1, 2], linear[2, 1] = -1.0, 1.0
    assert flow_planes(linear, np.zeros(3), limit=3) == [(1, 2)]
    assert flow_planes(np.zeros((3, 3)), np.array([0.0, 0, 1]), limit=3) == [(0, 2), (1, 2)]


def _paths(svg: str) -> list[float]:
    text = " ".join(re.findall(r' d="([^"]*)"', svg))
    return [float(number) for number in re.findall(r"-?\d+\.?\d*", text)]
