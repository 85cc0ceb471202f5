"""An illustrative report, for documentation and for trying the renderers."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from semola_geo.algebra import LieAlgebra

__all__ = ["example_report"]

_ROTATIONS = ((0.10, 0.20, 0.97), (0.98, -0.10, -0.08), (0.08, 0.97, -0.21))
_SHIFTS = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
_STRETCHES = ("1 0 0 0 1 0 0 0 1", "0 1 0 1 0 0 0 0 0", "0 0 1 0 0 0 1 0 0",
              "0 0 0 0 0 1 0 1 0", "1 0 0 0 -1 0 0 0 0", "1 0 0 0 1 0 0 0 -2")  # fmt: skip


def example_report() -> dict[str, Any]:
    """The JSON of a made-up discovery: se(3) inside Aff(3), six directions ruled out.

    The numbers are illustrative and were not measured; the report says so itself.

    >>> example_report()["dimension"]
    6
    """
    generators = [_affine(_cross(axis)) for axis in _ROTATIONS]
    generators += [_affine(np.zeros((3, 3)), shift) for shift in _SHIFTS]
    false = [_affine(np.array(text.split(), dtype=float).reshape(3, 3)) for text in _STRETCHES]
    directions = [matrix / np.linalg.norm(matrix) for matrix in (*generators, *false)]
    violation = [-0.0031, -0.0008, 0.0002, 0.0009, 0.0021, 0.0034]
    violation += [0.21, 0.26, 0.31, 0.44, 0.62, 1.1]
    spread = [0.0030, 0.0022, 0.0018, 0.0020, 0.0026, 0.0031, 0.05, 0.05, 0.06, 0.07, 0.08, 0.12]
    support = [0.02, 0.02, 0.03, 0.05, 0.04, 0.05, 0.31, 0.28, 0.30, 0.33, 0.35, 0.29]
    intervals = [[v - 1.6 * s, v + 1.6 * s] for v, s in zip(violation, spread, strict=True)]
    verdicts = [
        {
            "direction": matrix.tolist(),
            "verdict": "symmetry" if index < 6 else "no symmetry",
            "violation": violation[index],
            "interval": intervals[index],
            "support": support[index],
            "change": [abs(v) ** 0.5 for v in (violation[index], *intervals[index])],
        }
        for index, matrix in enumerate(directions)
    ]
    return {
        "ambient": "Aff(3)", "target": "dipole", "objects": "molecules",
        "dimension": 6, "name": "se(3)", "generators": [matrix.tolist() for matrix in generators],
        "length_scale": 1.4, "eigenvalues": violation, "intervals": intervals, "noise": spread,
        "ratio": [v / s for v, s in zip(violation, spread, strict=True)], "support": support,
        "verdicts": verdicts, "components": [], "permutations": None,
        "teacher_r2": [0.968, 0.965], "seed": 0, "versions": {"semola_geo": "example"},
        "closure_defect": {"before": 0.031, "after": 2e-16},
        "evidence": [
            {"algebra": "se(3)", "dimension": 6, "plain_error": 0.0173, "enforced_error": 0.0155,
             "ratio": 0.896, "loss": -0.0018, "loss_lower": -0.0089, "loss_upper": -0.0007},
            {"algebra": "sim(3)", "dimension": 7, "plain_error": 0.0173,
             "enforced_error": 0.0862, "ratio": 4.983,
             "loss": 0.0701, "loss_lower": 0.0523, "loss_upper": 0.0790},
        ],
        "extents": [1.5, 1.5, 1.5, 1.2, 1.2, 1.2],
        "extents_range_degrees": [85.9, 85.9, 85.9, None, None, None],
        "equivariance_curve": {
            "distance": [0.0, 0.25, 0.5, 1.0, 2.0, 3.0],
            "plain": [0.0, 0.03, 0.055, 0.09, 0.13, 0.15],
            "enforced": [0.0, 0.011, 0.018, 0.025, 0.031, 0.034],
        },
        "structure": LieAlgebra(torch.tensor(np.array(generators))).describe().to_dict(),
        "settings": {"epsilon": 0.01, "teachers": 4, "epochs": 60},
        "notes": ["Illustrative numbers, not a measurement."],
    }  # fmt: skip


def _affine(linear: np.ndarray[Any, Any], shift: tuple[float, ...] = (0.0, 0.0, 0.0)) -> Any:
    matrix = np.zeros((4, 4))
    matrix[:3, :3], matrix[:3, 3] = linear, shift
    return matrix


def _cross(axis: tuple[float, ...]) -> Any:
    x, y, z = np.array(axis) / np.linalg.norm(axis)
    return np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
