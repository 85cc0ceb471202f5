"""Names for the linear part of a generator: rotation, scaling, stretch, shear, boost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from semola_geo.reporting.space import Space

__all__ = ["Part", "linear_parts", "point_words", "recognise", "vector_words"]

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Part:
    """A recognised motion: a word, its share of the squared velocity in [0, 1], a phrase."""

    short: str
    share: float
    text: str


def vector_words(vector: Matrix, axes: Sequence[str], *, signed: bool = False) -> str:
    """An axis by name when it is one within 2.5°, else its unit vector.

    Args:
        vector: shape [d], not zero.
        axes: d names.
        signed: keep the sign; otherwise the largest component is made positive.

    >>> vector_words(np.array([0.0, -2.0, 0.01]), "xyz")
    'y'
    >>> vector_words(np.array([1.0, 1.0]), "xy")
    '(0.71, 0.71)'
    """
    unit = np.asarray(vector, dtype=np.float64) / np.linalg.norm(vector)
    largest = int(np.argmax(np.abs(np.round(unit, 6))))
    if abs(unit[largest]) > 0.999:
        return ("−" if signed and unit[largest] < 0 else "") + axes[largest]
    if not signed and unit[largest] < 0:
        unit = -unit
    return point_words(unit)


def point_words(point: Matrix) -> str:
    """Coordinates in brackets, two decimals each.

    >>> point_words(np.array([-0.001, 2.0]))
    '(0.00, 2.00)'
    """
    numbers = (f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−") for value in point)
    return "(" + ", ".join(numbers) + ")"


def recognise(linear: Matrix, space: Space) -> Part | None:
    """Call a linear motion by one name, or return None when it is a mixture.

    Args:
        linear: [d, d], not zero.
        space: its axes and metric.

    >>> recognise(np.array([[0.0, 1], [0, 0]]), Space(2, affine=False)).text
    'shear along x, growing with y'
    """
    parts = linear_parts(linear, space)
    if parts[0].share > 0.98:
        return Part(parts[0].short, 1.0, parts[0].text)
    left, sizes, right = np.linalg.svd(linear)
    if space.dimension > 1 and sizes[1] ** 2 < 0.01 * sizes[0] ** 2:
        along, by = left[:, 0], right[0]
        if abs(along @ by) < 0.1:
            words = vector_words(along, space.axes), vector_words(by, space.axes)
            return Part("shear", 1.0, f"shear along {words[0]}, growing with {words[1]}")
        if abs(along @ by) > 0.99:
            words_along = vector_words(along, space.axes)
            return Part("stretch", 1.0, f"stretch along {words_along} alone")
    values = np.linalg.eigvals(linear)
    # A rotation seen in stretched coordinates: orbits are ellipses, all eigenvalues imaginary.
    # A nilpotent shear has small eigenvalues too, hence the second condition.
    if np.abs(values.real).max() < 0.03 * sizes[0] and np.abs(values.imag).max() > 0.15 * sizes[0]:
        about = ""
        if space.dimension == 3:
            about = " about " + vector_words(right[-1], space.axes)
        return Part("ellipse", 1.0, f"rotation{about} along ellipses (stretched axes)")
    return None


def linear_parts(linear: Matrix, space: Space) -> list[Part]:
    """Split a linear motion orthogonally into parts, largest share first.

    Args:
        linear: [d, d], not zero.
        space: its axes and metric; a Minkowski space adds boosts.

    >>> [part.short for part in linear_parts(np.eye(3), Space(3, affine=False))]
    ['scaling']
    """
    total = float((linear**2).sum())
    if space.minkowski:
        pieces = _minkowski_parts(linear, space)
    else:
        trace = float(np.trace(linear)) / space.dimension
        skew = (linear - linear.T) / 2
        symmetric = (linear + linear.T) / 2 - trace * np.eye(space.dimension)
        pieces = [
            ("rotation", skew, _rotation_words(skew, space)),
            ("scaling", trace * np.eye(space.dimension), "scaling (all directions alike)"),
            ("stretch", symmetric, _stretch_words(symmetric, space)),
        ]
    parts = [Part(word, float((part**2).sum()) / total, text) for word, part, text in pieces]
    return sorted((part for part in parts if part.share > 1e-9), key=lambda part: -part.share)


def _minkowski_parts(linear: Matrix, space: Space) -> list[tuple[str, Matrix, str]]:
    boost, rotation = np.zeros_like(linear), np.zeros_like(linear)
    velocity = (linear[0, 1:] + linear[1:, 0]) / 2
    boost[0, 1:] = boost[1:, 0] = velocity
    rotation[1:, 1:] = (linear[1:, 1:] - linear[1:, 1:].T) / 2
    rest = linear - boost - rotation
    inner = Space(space.dimension - 1, affine=False)
    pieces = [("rotation", rotation, _rotation_words(rotation[1:, 1:], inner))]
    if np.any(velocity):
        pieces.append(("boost", boost, "boost along " + vector_words(velocity, inner.axes)))
    pieces.append(("distortion", rest, "a part that is no Lorentz transformation"))
    return pieces


def _rotation_words(skew: Matrix, space: Space) -> str:
    if space.dimension == 2 or not np.any(skew):
        return "rotation"
    if space.dimension == 3:
        axis = np.array([skew[2, 1], skew[0, 2], skew[1, 0]])
        return "rotation about " + vector_words(axis, space.axes)
    left, sizes, _ = np.linalg.svd(skew)
    plane = " and ".join(vector_words(left[:, index], space.axes) for index in range(2))
    more = " and in further planes" if len(sizes) > 2 and sizes[2] > 0.15 * sizes[0] else ""
    return f"rotation in the plane of {plane}{more}"


def _stretch_words(symmetric: Matrix, space: Space) -> str:
    if not np.any(symmetric):
        return "stretch"
    values, vectors = np.linalg.eigh(symmetric)
    grows = vector_words(vectors[:, -1], space.axes)
    shrinks = vector_words(vectors[:, 0], space.axes)
    # The sign of a generator means nothing: name the single axis first when two are alike.
    if values[-1] > 1.8 * -values[0]:
        return f"stretch along {grows} against the other directions"
    if -values[0] > 1.8 * values[-1]:
        return f"stretch along {shrinks} against the other directions"
    return f"stretch along {grows} against {shrinks}"
