"""Reading the mapping of ``report.json`` into something typed that every renderer shares."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from semola_geo.reporting.describe import Description, describe_generator
from semola_geo.reporting.plain import in_words, to_plain
from semola_geo.reporting.space import Space, space_of
from semola_geo.reporting.verdicts import Verdict, parse_verdict

__all__ = ["Direction", "Report", "read_report"]

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Direction:
    """One tested direction of the ambient Lie algebra.

    Attributes:
        number: its place in the report, from 1.
        matrix: n×n, data units, or None when the report does not hold it.
        description: what the direction does, in words and formulas.
        verdict: one of the five.
        violation: relative violation λ; None where it could not be measured.
        lower: lower end of λ's interval.
        upper: upper end of λ's interval.
        noise: noise floor of λ.
        ratio: violation over noise.
        support: share of the motion that leaves the data; near 1 means untested.
        change: change of the target in its deviations, and its bounds; None where not measured.
        evidence: further evidence in words.
    """

    number: int
    matrix: Matrix | None
    description: Description
    verdict: Verdict
    violation: float | None
    lower: float | None
    upper: float | None
    noise: float | None
    ratio: float | None
    support: float | None
    change: tuple[float, float, float] | None
    evidence: str


@dataclass(frozen=True)
class Report:
    """A report as the renderers see it; ``data`` is the plain mapping it was read from."""

    data: dict[str, Any]
    ambient: str
    name: str
    dimension: int
    space: Space
    directions: tuple[Direction, ...]
    generators: tuple[Matrix, ...]
    descriptions: tuple[Description, ...]

    @property
    def factors(self) -> tuple[str, ...]:
        """Factors of the ambient group; a continuous one comes first."""
        return tuple(re.split(r"\s+[x×]\s+", self.ambient.strip()))

    def having(self, key: str) -> tuple[Direction, ...]:
        """The directions whose verdict has this key, in order."""
        return tuple(item for item in self.directions if item.verdict.key == key)


def read_report(report: Mapping[str, Any]) -> Report:
    """Read and check the mapping of ``report.json``.

    Args:
        report: keys ``ambient``, ``name``, ``dimension`` and ``verdicts`` are needed, all others
            are optional. NaN counts as missing.

    Raises:
        TypeError: ``report`` is not a mapping.
        ValueError: a needed key is missing, a verdict is unknown, or a matrix is not square.

    >>> read_report({"ambient": "GL(2)", "name": "trivial", "dimension": 0, "verdicts": []}).name
    'trivial'
    """
    if not isinstance(report, Mapping):
        raise TypeError(f"report: expected the mapping of report.json, got {type(report).__name__}")
    data: dict[str, Any] = to_plain(report)
    missing = [key for key in ("ambient", "name", "dimension", "verdicts") if key not in data]
    if missing:
        raise ValueError(f"report: the keys {missing} are missing; pass SymmetryReport.to_dict()")
    ambient, rows = str(data["ambient"]), list(data["verdicts"] or [])
    generators = tuple(_matrix(item, "generators") for item in data.get("generators") or [])
    found = [_matrix(row["direction"], "verdicts") for row in rows if row.get("direction")]
    matrices = (*generators, *found)
    center = data.get("center")
    space = space_of(
        ambient,
        matrices[0].shape[0] if matrices else 0,
        zero_last_row=all(not matrix[-1].any() for matrix in matrices),
        length_scale=_number(data.get("length_scale")) or 1.0,
        center=tuple(center) if center and None not in center else None,
    )
    measured = [_number(row.get("violation")) is not None for row in rows]
    noise = _spread(data.get("noise"), measured)
    ratio = _spread(data.get("ratio"), measured)
    directions = tuple(
        _direction(index + 1, row, space, noise[index], ratio[index])
        for index, row in enumerate(rows)
    )
    name = str(data["name"] or "")
    descriptions = tuple(describe_generator(matrix, space) for matrix in generators)
    dimension = int(data["dimension"] or 0)
    return Report(data, ambient, name, dimension, space, directions, generators, descriptions)


def _direction(
    number: int, row: Mapping[str, Any], space: Space, noise: float | None, ratio: float | None
) -> Direction:
    matrix = _matrix(row["direction"], "verdicts") if row.get("direction") else None
    if matrix is None:
        words = str(row.get("label") or "a direction that was not recorded")
        description = Description(words, words, ())
    else:
        description = describe_generator(matrix, space)
        if row.get("label"):
            description = Description(description.short, str(row["label"]), description.formula)
    lower, upper = (*(row.get("interval") or ()), None, None)[:2]
    return Direction(
        number=number,
        matrix=matrix,
        description=description,
        verdict=parse_verdict(row.get("verdict", "")),
        violation=_number(row.get("violation")),
        lower=_number(lower),
        upper=_number(upper),
        noise=_number(row.get("noise", noise)),
        ratio=_number(row.get("ratio", ratio)),
        support=_number(row.get("support")),
        change=_bounds(row.get("change")),
        evidence=in_words(row.get("evidence")),
    )


def _matrix(value: Any, key: str) -> Matrix:
    try:
        matrix = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"report[{key!r}]: not a matrix of numbers: {value!r}") from error
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not np.isfinite(matrix).all():
        raise ValueError(f"report[{key!r}]: expected finite n×n matrices, got {matrix.shape}")
    return matrix


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _bounds(value: Any) -> tuple[float, float, float] | None:
    numbers = [_number(item) for item in value] if isinstance(value, list) else []
    if len(numbers) != 3 or None in numbers:
        return None
    estimate, lower, upper = (float(number or 0.0) for number in numbers)
    return estimate, lower, upper


def _spread(value: Any, measured: Sequence[bool]) -> list[float | None]:
    # The list may hold an entry for every direction, or for those with a measured violation only.
    if not isinstance(value, list):
        return [_number(value)] * len(measured)
    if len(value) == len(measured):
        return [_number(item) for item in value]
    if len(value) == sum(measured):
        rest = iter(value)
        return [_number(next(rest)) if known else None for known in measured]
    return [None] * len(measured)
