"""Reports of every kind a discovery can end in."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest

from semola_geo.reporting import example_report, render_html

Report = dict[str, Any]


def units(size: int, rows: int | None = None) -> list[np.ndarray]:
    """The elementary matrices, rows first; the last row stays zero for affine algebras."""
    found = []
    for row, column in product(range(rows or size), range(size)):
        matrix = np.zeros((size, size))
        matrix[row, column] = 1.0
        found.append(matrix)
    return found


def verdict(matrix: np.ndarray, text: str, violation: float | None, support: float) -> Report:
    interval = None if violation is None else [violation - 0.02, violation + 0.02]
    return {
        "direction": matrix.tolist(),
        "verdict": text,
        "violation": violation,
        "interval": interval,
        "support": support,
    }


def assemble(ambient: str, name: str, rows: list[Report], **more: Any) -> Report:
    found = [row["direction"] for row in rows if row["verdict"] == "symmetry"]
    return {
        "ambient": ambient,
        "name": name,
        "dimension": len(found),
        "generators": found,
        "length_scale": 1.0,
        "eigenvalues": [row["violation"] for row in rows],
        "intervals": [row["interval"] for row in rows],
        "noise": [0.01] * len(rows),
        "ratio": [1.0] * len(rows),
        "support": [row["support"] for row in rows],
        "verdicts": rows,
        "components": [],
        "permutations": None,
        "teacher_r2": [0.9, 0.92],
        "seed": 0,
        "versions": {"torch": "2"},
        **more,
    }


def no_symmetry() -> Report:
    rows = [verdict(m, "no symmetry", 0.3 + 0.1 * i, 0.2) for i, m in enumerate(units(3))]
    return assemble("GL(3)", "trivial", rows)


def pure_noise() -> Report:
    text = "undecided: teachers too weak"
    rows = [verdict(m, text, 0.05 * i - 0.2, 0.1) for i, m in enumerate(units(3))]
    return assemble("GL(3)", "trivial", rows, teacher_r2=-0.03)


def canonical_pose() -> Report:
    rows = []
    for matrix in units(4, rows=3):
        if matrix[:, 3].any():
            rows.append(verdict(matrix, "symmetry", -0.001, 0.02))
        else:
            rows.append(verdict(matrix, "untested by this data", None, 0.97))
    return assemble("Aff(3)", "t(3)", rows, target="dipole")


def weak_field_in_the_plane() -> Report:
    spin, scaling = np.array([[0.0, -1], [1, 0]]), np.eye(2)
    rows = [
        verdict(spin, "approximate symmetry", 0.04, 0.05),
        verdict(scaling, "no symmetry", 1.4, 0.1),
        verdict(np.diag([1.0, -1]), "undecided: teachers too weak", 0.05, 0.1),
    ]
    return assemble("GL(2)", "trivial", rows)


def lorentz() -> Report:
    rows = []
    for i, j in [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]:
        matrix = np.zeros((4, 4))
        matrix[i, j], matrix[j, i] = 1.0, 1.0 if i == 0 else -1.0
        rows.append(verdict(matrix, "symmetry", 0.002, 0.1))
    return assemble("SO(1,3)", "so(1,3)", rows, target="mass")


def node_exchanges() -> Report:
    group = {"order": 16, "name": "D8", "orbits": [[0, 1, 2, 3, 4, 5, 6, 7]], "generators": []}
    return assemble("S(8)", "trivial", [], permutations=group)


MAKERS: dict[str, Callable[[], Report]] = {
    "se(3)": example_report,
    "none": no_symmetry,
    "noise": pure_noise,
    "canonical": canonical_pose,
    "plane": weak_field_in_the_plane,
    "lorentz": lorentz,
    "permutations": node_exchanges,
}


@cache
def page_of(name: str) -> str:
    return render_html(MAKERS[name]())


@pytest.fixture(params=MAKERS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def any_report(kind: str) -> Report:
    return MAKERS[kind]()


@pytest.fixture
def any_page(kind: str) -> str:
    return page_of(kind)


@pytest.fixture
def page() -> Callable[[str], str]:
    return page_of


@pytest.fixture
def make() -> Callable[[str], Report]:
    return lambda name: MAKERS[name]()
