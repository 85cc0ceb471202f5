"""The space that the reported matrices act on: its dimension, axes and metric."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Space", "space_of"]

_AFFINE = ("se(", "e(", "aff(", "sim(", "t(", "poincare(")


@dataclass(frozen=True)
class Space:
    """Coordinates in which generators are described and drawn.

    Attributes:
        dimension: d, the number of coordinates of a point.
        affine: matrices are (d+1)×(d+1) with a zero last row.
        minkowski: coordinates are (E, p) with signature (+, −, …, −).
        length_scale: RMS centred coordinate of the data, in data units.
        center: the data's centroid, shape [d], in data units.
    """

    dimension: int
    affine: bool
    minkowski: bool = False
    length_scale: float = 1.0
    center: tuple[float, ...] | None = None

    @property
    def axes(self) -> tuple[str, ...]:
        """Names of the coordinates."""
        if self.minkowski:
            return ("E", "px", "py", "pz")[: self.dimension]
        if self.dimension <= 3:
            return ("x", "y", "z")[: self.dimension]
        return tuple(f"x{index + 1}" for index in range(self.dimension))

    def split(self, matrix: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Linear part [d, d] and velocity of the centroid [d] in units of ``length_scale``.

        Raises:
            ValueError: the matrix is neither d×d nor, for an affine space, (d+1)×(d+1).

        >>> linear, shift = Space(2, affine=True, length_scale=2.0).split(
        ...     np.array([[0.0, 0, 4], [0, 0, 0], [0, 0, 0]]))
        >>> shift.tolist()
        [2.0, 0.0]
        """
        size = self.dimension + int(self.affine)
        if matrix.shape != (size, size):
            raise ValueError(
                f"a generator has shape {matrix.shape}; the report's space needs {(size, size)}"
            )
        linear = matrix[: self.dimension, : self.dimension]
        if not self.affine:
            return linear, np.zeros(self.dimension)
        center = np.zeros(self.dimension) if self.center is None else np.asarray(self.center)
        shift = matrix[: self.dimension, self.dimension] + linear @ center
        return linear, shift / self.length_scale


def space_of(
    ambient: str,
    size: int,
    *,
    zero_last_row: bool = False,
    length_scale: float = 1.0,
    center: tuple[float, ...] | None = None,
) -> Space:
    """Read the space off an ambient group's name and the size of its matrices.

    Args:
        ambient: for example ``"Aff(3)"``, ``"SO(1,3)"`` or ``"E(3) x S(5)"``.
        size: n of the n×n matrices; 0 when the report holds none.
        zero_last_row: every matrix ends in a row of zeros; consulted for unknown names only.
        length_scale: RMS centred coordinate in data units.
        center: centroid in data units; dropped when its length is not the dimension.

    >>> space_of("Poincare(1,3)", 5).axes
    ('E', 'px', 'py', 'pz')
    """
    first = re.split(r"\s+[x×]\s+", ambient.strip().lower())[0]
    match = re.search(r"\((\d+)(?:\s*,\s*(\d+))?\)", first)
    numbers = [int(group) for group in match.groups() if group] if match else []
    named = sum(numbers)
    if size and named in (size, size - 1):
        affine = named == size - 1
    elif size:
        affine = zero_last_row and size > 2
    else:
        affine = first.startswith(_AFFINE)
    dimension = size - int(affine) if size else named
    minkowski = len(numbers) == 2 and numbers[0] == 1 and dimension == named
    if center is not None and len(center) != dimension:
        center = None
    return Space(dimension, affine, minkowski, length_scale, center)
