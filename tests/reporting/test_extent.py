"""Ranges of learned groups, in words."""

from __future__ import annotations

from typing import Any

import pytest

from semola_geo.reporting.extent import candidate_sentence, extent_words


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, ""),
        ({"extents": None, "extents_range_degrees": [None]}, ""),
        ({"extents": [1.25]}, "extent 1.25"),
        ({"extents": [None, 0.5], "extents_range_degrees": [37.4]}, "learned up to ±37°"),
        ({"extents_range_degrees": [185.0]}, "learned all round"),
    ],
)
def test_what_is_not_known_is_left_out(data: dict[str, Any], expected: str) -> None:
    assert extent_words(data, 0) == expected


@pytest.mark.parametrize(
    ("candidate", "expected"),
    [
        (None, ""),
        ("so(2)", ""),
        ({"dimension": 1}, ""),
        ({"name": "shear"}, ""),
        ({"name": "shear", "extents_range_degrees": [None]}, ""),
        (
            {"name": "se(2)", "extents_range_degrees": [None, 30.0, 12.0]},
            "Joint learning with se(2), which is not established as a whole, turned the data by up "
            "to ±12° to ±30° along its rotations.",
        ),
    ],
)
def test_a_candidate_is_no_finding(candidate: object, expected: str) -> None:
    assert candidate_sentence(candidate) == expected
