"""A cell is judged by the bounds that discovery was given; nothing is trained."""

from __future__ import annotations

from typing import Any

import pytest

from semola_geo.discovery import Thresholds
from semola_geo.ground_truth import cell as cells


@pytest.mark.parametrize(
    ("options", "expected"),
    [({}, Thresholds()), ({"thresholds": {"symmetry": 0.05}}, Thresholds(symmetry=0.05))],
)
def test_discovery_and_score_share_their_bounds(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], expected: Thresholds
) -> None:
    given: list[Any] = []

    def discover_symmetry(*_: Any, thresholds: Thresholds, **rest: Any) -> None:
        assert rest == {"progress": False, "steps": 4}
        given.append(thresholds)

    def score(task: Any, report: None, thresholds: Thresholds) -> dict[str, Any]:
        given.append(thresholds)
        return {}

    monkeypatch.setattr(cells, "discover_symmetry", discover_symmetry)
    monkeypatch.setattr(cells, "score", score)
    config = {"task": "so3_scalar", "size": 20, "noise": 0.0, "seed": 0}
    cells.run_cell({**config, "discovery": {"steps": 4, **options}})
    assert given == [expected, expected]
