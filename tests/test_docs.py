"""Pages of docs/ show figures that exist, are small, and have a place for their numbers."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import semola_geo
from semola_geo.ground_truth.figures import FIGURES

DOCS = Path(semola_geo.__file__).resolve().parents[1] / "docs"


@pytest.fixture
def page() -> str:
    if not DOCS.is_dir():
        pytest.skip("not a source tree")
    return (DOCS / "objections.md").read_text()


def test_every_objection_has_a_figure(page: str) -> None:
    named = re.findall(r"!\[[^]]+\]\((\S+)\)", page)
    assert len(named) == page.count("\n## ") == 5
    assert {Path(name).stem for name in named} == {*FIGURES, "loss_balancing"}
    for name in named:
        path = DOCS / name
        assert path.stat().st_size < 100_000
        assert ET.fromstring(path.read_text()).attrib["aria-label"]


def test_numbers_of_a_suite_can_be_pasted(page: str) -> None:
    marked = re.findall(r"<!-- table (\w+) -->\n.*?<!-- end -->", page, re.DOTALL)
    assert set(marked) == {*FIGURES, "information", "intervals", "pooled", "strength"}
