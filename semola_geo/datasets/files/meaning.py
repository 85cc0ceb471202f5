"""What a field is, where its name or its shape says it; never a guess."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from semola_geo.datasets.files.record import Level, Record, Value
from semola_geo.representations import parse_representation

__all__ = ["STRUCTURE", "Meaning", "is_known", "understand"]

_KNOWN: dict[str, tuple[str, Level]] = {
    "cell": ("vector", "graph"),
    "dipole": ("vector", "graph"),
    "energy": ("scalar", "graph"),
    "free_energy": ("scalar", "graph"),
    "polarizability": ("ij=ji", "graph"),
    "stress": ("ij=ji", "graph"),
    "virial": ("ij=ji", "graph"),
    "charges": ("scalar", "node"),
    "energies": ("scalar", "node"),
    "force": ("covector", "node"),
    "forces": ("covector", "node"),
    "initial_charges": ("scalar", "node"),
    "magmoms": ("scalar", "node"),
    "masses": ("scalar", "node"),
    "momenta": ("vector", "node"),
    "stresses": ("ij=ji", "node"),
    "velocities": ("vector", "node"),
}
STRUCTURE = ("cell", "pbc")
"""What belongs to the geometry itself: always served where it is present."""


@dataclass(frozen=True)
class Meaning:
    """What a field is.

    Attributes:
        representation: Text of its representation.
        level: What its rows are.
        shape: Shape of one row.
        why: Where this is known from.
        flat: Whether a symmetric tensor is stored as d² numbers.
    """

    representation: str
    level: Level
    shape: tuple[int, ...]
    why: str
    flat: bool = False


def is_known(name: str) -> bool:
    """Whether the name alone says what a field is.

    >>> is_known("forces"), is_known("mystery")
    (True, False)
    """
    return name in _KNOWN


def understand(
    name: str,
    value: Value,
    record: Record,
    declared: Mapping[str, str],
    levels: Mapping[str, Level],
) -> Meaning:
    """Return what a field is.

    Args:
        name: Its name.
        value: Its values in the first record.
        record: That record.
        declared: Representations that the user declared.
        levels: Levels that the user declared.

    Raises:
        ValueError: If several readings fit, or none does; says how to declare the field.
    """
    dimension = record.pos.shape[1]
    readings = _readings(name, value, record, levels)
    if name in declared:
        text, why = str(parse_representation(declared[name])), "declared"
        # Axes of channels are only assumed where nothing fits without them.
        fits = [m for r in readings if (m := _fit(text, *r, dimension, why, channels=False))]
        fits = fits or [m for r in readings if (m := _fit(text, *r, dimension, why, channels=True))]
        if not fits:
            raise ValueError(_misfit(name, text, readings, dimension))
        if len(fits) > 1:
            raise ValueError(_which_level(name, value, len(record.pos)))
        return fits[0]
    if name in _KNOWN:
        text, level = _KNOWN[name]
        expected = _row_shape(name, text, dimension)
        for found, shape in readings:
            meaning = _fit(text, found, shape, dimension, "name", channels=name == "cell")
            if meaning and found == level and (shape == expected or meaning.flat):
                return meaning
        # A single number under such a name is part of something, or something else.
        if text != "scalar":
            raise ValueError(_not_as_named(name, text, level, expected, readings))
    if len(readings) > 1:
        raise ValueError(_which_level(name, value, len(record.pos)))
    level, shape = readings[0]
    # In one dimension it may as well be a vector.
    if shape == () or (prod(shape) == 1 and dimension > 1):
        return Meaning("scalar", level, shape, "a single number")
    raise ValueError(_undeclared(name, level, shape))


def _readings(
    name: str, value: Value, record: Record, levels: Mapping[str, Level]
) -> list[tuple[Level, tuple[int, ...]]]:
    """Return the levels that the number of rows allows, with the shape of a row for each."""
    shape = value.array.shape
    if value.level is not None:
        if levels.get(name, value.level) != value.level:
            raise ValueError(
                f"declared at level {levels[name]!r}, but the file has it at level {value.level!r}"
            )
        return [(value.level, shape if value.level == "graph" else shape[1:])]
    per_node = bool(shape) and shape[0] == len(record.pos)
    fits: dict[Level, tuple[int, ...]] = {"graph": shape}
    if per_node:
        fits["node"] = shape[1:]
    if name not in levels:
        return list(fits.items())
    level = levels[name]
    if level not in fits:
        raise ValueError(
            f"declared at level {level!r}, but it has shape {list(shape)} in a graph of "
            f"{len(record.pos)} nodes"
        )
    return [(level, fits[level])]


def _fit(
    text: str, level: Level, shape: tuple[int, ...], dimension: int, why: str, *, channels: bool
) -> Meaning | None:
    expected = parse_representation(text).shape(dimension)
    trailing = shape[len(shape) - len(expected) :] if channels else shape
    if len(shape) >= len(expected) and trailing == expected:
        return Meaning(text, level, shape, why)
    # Order does not matter for a symmetric tensor that is stored as one row of numbers.
    if text == "ij=ji" and shape == (dimension**2,):
        return Meaning(text, level, (dimension, dimension), why, flat=True)
    return None


def _row_shape(name: str, text: str, dimension: int) -> tuple[int, ...]:
    shape = parse_representation(text).shape(dimension)
    return (dimension, *shape) if name == "cell" else shape


def _not_as_named(
    name: str,
    text: str,
    level: Level,
    expected: tuple[int, ...],
    readings: list[tuple[Level, tuple[int, ...]]],
) -> str:
    found = " or ".join(f"{list(shape)} per {level}" for level, shape in readings)
    declared = text if expected in [shape for _, shape in readings] else "scalar"
    box = ", one vector a row; of box lengths a, b, … it is diag(a, b, …)"
    return (
        f"has shape {found}, but by its name it is {text!r} with shape {list(expected)} per {level}"
        f"{box if name == 'cell' else ''}. Store it so, rename it, or declare what it is: "
        f"fields={{'{name}': '{declared}'}}, on the command line data.fields={{{name}: {declared}}}"
    )


def _misfit(
    name: str, text: str, readings: list[tuple[Level, tuple[int, ...]]], dimension: int
) -> str:
    expected = list(parse_representation(text).shape(dimension))
    found = " or ".join(f"{list(shape)} per {level}" for level, shape in readings)
    return (
        f"declared {text!r}, which in d = {dimension} needs trailing axes {expected}, but it has "
        f"shape {found}; declare another representation"
    )


def _which_level(name: str, value: Value, nodes: int) -> str:
    return (
        f"has shape {list(value.array.shape)} in a graph of {nodes} nodes: one row per node, or "
        f"one per graph? Say so with levels={{'{name}': 'node'}} or levels={{'{name}': 'graph'}}, "
        f"on the command line data.levels={{{name}: node}}"
    )


def _undeclared(name: str, level: Level, shape: tuple[int, ...]) -> str:
    return (
        f"has shape {list(shape)} per {level}, and nothing says how it turns with the "
        f"coordinates. Declare it: fields={{'{name}': 'vector'}}, on the command line "
        f"data.fields={{{name}: vector}}; or 'scalar' (numbers that do not turn), 'covector' "
        "(forces, gradients), 'pseudovector' (cross products), 'point', 'ij', 'ij=ji' (symmetric "
        "matrix). Or leave it out: name the targets you want"
    )
