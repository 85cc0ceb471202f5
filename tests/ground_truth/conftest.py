"""A finished cell of a suite, as figures, numbers and tables read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

MakeCell = Callable[..., dict[str, Any]]


@pytest.fixture
def cell() -> MakeCell:
    """Make a cell of a run that found so(3), but for what is given by name."""

    def make(task: str = "so3_scalar", **changes: Any) -> dict[str, Any]:
        plain = {
            "task": task,
            "size": 2000,
            "noise": 0.0,
            "seed": 0,
            "discovery": {},
            "outcome": "right",
            "dimension": 3,
            "true_dimension": 3,
            "name": "so(3)",
            "true_name": "so(3)",
            "angle": 0.5,
            "directions": [],
            "reflections": None,
            "strength": None,
            "evidence": [{"algebra": "so(3)", "dimension": 3}],
            "single_model": {},
            "seconds": 1.0,
        }
        return {**plain, **changes}

    return make
