"""What a generator does, in words and as a velocity formula."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from semola_geo.reporting.linear_motion import (
    Part,
    linear_parts,
    point_words,
    recognise,
    vector_words,
)
from semola_geo.reporting.space import Space

__all__ = ["Description", "describe_generator"]

# A part below this share of the motion is left out of the words (2 % of the squared velocity is
# an angle of 8°); above PURE the motion is called by its one name, without qualification.
_SEEN, _PURE, _MOSTLY = 0.02, 0.98, 0.85


@dataclass(frozen=True)
class Description:
    """A generator for a reader.

    Attributes:
        short: one or two words for the axis of a figure, e.g. ``"rotation"``.
        text: a phrase, e.g. ``"rotation about (0.10, 0.20, 0.97)"``.
        formula: one velocity per coordinate, e.g. ``("dx = −y", "dy = x", "dz = 0")``, the
            generator scaled to unit speed.
    """

    short: str
    text: str
    formula: tuple[str, ...]


def describe_generator(matrix: NDArray[np.float64], space: Space) -> Description:
    """Describe one generator.

    Args:
        matrix: [n, n], data units, n = d or d + 1 as ``space`` says.
        space: where the matrix acts.

    Returns:
        Words and formulas. A mixture is called a mixture, with the share of each part in the
        squared velocity of points spread evenly about the data's centroid.

    Raises:
        ValueError: the shape does not fit ``space``.

    >>> spin = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 0]])
    >>> describe_generator(spin, Space(3, affine=False)).text
    'rotation about z'
    """
    linear, shift = space.split(np.asarray(matrix, dtype=np.float64))
    formula = _formula(linear, shift * space.length_scale, space)
    turn, slide = float((linear**2).sum()), float(shift @ shift)
    total = turn + slide
    if total == 0.0:
        return Description("nothing", "no motion at all", formula)
    parts = []
    if slide / total > _SEEN:
        words = "translation along " + vector_words(shift, space.axes, signed=True)
        parts.append(Part("translation", slide / total, words))
    if turn / total > _SEEN:
        whole = recognise(linear, space)
        found = [whole] if whole else linear_parts(linear, space)
        parts += [Part(p.short, p.share * turn / total, p.text) for p in found]
        place = _fixed_point(linear, shift, space) if whole and slide / total <= _PURE else ""
        if whole and place:
            return Description(whole.short, whole.text + place, formula)
    parts = sorted((part for part in parts if part.share > _SEEN), key=lambda part: -part.share)
    return Description(*_combine(parts), formula)


def _combine(parts: list[Part]) -> tuple[str, str]:
    first = parts[0]
    if first.share >= _PURE or len(parts) == 1:
        return first.short, first.text
    if first.share >= _MOSTLY:
        rest = ", ".join(f"{part.share:.0%} {part.text}" for part in parts[1:])
        return first.short, f"mostly {first.text}, with {rest}".replace("%", " %")
    listed = " + ".join(f"{part.share:.0%} {part.text}" for part in parts).replace("%", " %")
    return "mixed", listed


def _fixed_point(linear: NDArray[np.float64], shift: NDArray[np.float64], space: Space) -> str:
    # A rotation about the centroid plus a translation across its axis is a rotation about another
    # axis; along the axis it is a screw. Both have names that read better than a sum.
    if not np.any(shift):
        return ""
    point = -np.linalg.pinv(linear, rcond=1e-3) @ shift
    residual = shift + linear @ point
    if float(residual @ residual) > _SEEN * float((linear**2).sum() + residual @ residual):
        return ""
    offset = float(np.linalg.norm(point))
    if offset < 0.15 or offset > 10.0:
        return ""
    center = np.zeros(space.dimension) if space.center is None else np.asarray(space.center)
    place = center + point * space.length_scale
    return ", through " + point_words(place)


def _formula(
    linear: NDArray[np.float64], shift: NDArray[np.float64], space: Space
) -> tuple[str, ...]:
    # Unit angular speed for a rotation about any axis; a largest coefficient of 1 otherwise.
    skew = np.allclose(linear, -linear.T, atol=0.02 * np.abs(linear).max())
    speed = float(np.linalg.norm(linear) / np.sqrt(2.0) if skew else np.abs(linear).max())
    if speed * space.length_scale < 0.1 * np.linalg.norm(shift):
        speed = float(np.linalg.norm(shift))
    scale = 1.0 / speed if speed else 1.0
    centered = space.affine and np.any(np.round(np.asarray(space.center or 0.0), 3))
    letters = [f"({axis}−{axis}₀)" if centered else axis for axis in space.axes]
    lines = []
    for row, axis in enumerate(space.axes):
        terms = [(scale * linear[row, column], letters[column]) for column in range(len(letters))]
        small = 0.005 * max(1.0, space.length_scale)
        constant = scale * shift[row]
        if abs(constant) >= small:
            terms.append((constant, ""))
        lines.append(f"d{axis} = {_sum(terms)}")
    return tuple(lines)


def _sum(terms: list[tuple[float, str]]) -> str:
    text = ""
    for value, letter in terms:
        if abs(value) < 0.005:
            continue
        size = f"{abs(value):.2f}".removesuffix(".00")
        factor = letter if letter and size == "1" else f"{size} {letter}".strip()
        sign = "−" if value < 0 else "+"
        text += f" {sign} {factor}" if text else ("−" if value < 0 else "") + factor
    return text or "0"
