"""The velocity field of a generator in two-dimensional coordinate planes."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from semola_geo.reporting.figures.style import ACCENT, INK, SMALL

__all__ = ["draw_flow", "flow_planes"]

Array = NDArray[np.float64]
_GRID = np.linspace(-1.0, 1.0, 5)


def flow_planes(linear: Array, shift: Array, limit: int) -> list[tuple[int, int]]:
    """The coordinate planes where the generator acts most, strongest first.

    At most ``limit``, and none where the motion is less than a third of the strongest plane's.

    Args:
        linear: [d, d].
        shift: [d], in units of the length scale.
        limit: at least 1.

    >>> spin = np.zeros((3, 3)); spin[0, 2], spin[2, 0] = 1.0, -1.0
    >>> flow_planes(spin, np.zeros(3), limit=1)
    [(0, 2)]
    """
    dimension = len(shift)
    if dimension == 1:
        return [(0, 0)]
    planes = list(combinations(range(dimension), 2))

    def strength(plane: tuple[int, int]) -> float:
        block = linear[np.ix_(plane, plane)]
        return float((block**2).sum() + (shift[list(plane)] ** 2).sum())

    ranked = sorted(planes, key=lambda plane: (-round(strength(plane), 9), plane))
    least = 0.1 * strength(ranked[0])
    return [plane for plane in ranked if strength(plane) >= least][:limit]


def draw_flow(
    axes: Axes, linear: Array, shift: Array, plane: tuple[int, int], names: tuple[str, ...]
) -> None:
    """Arrows of the motion within one coordinate plane through the centroid.

    Args:
        axes: where to draw.
        linear: [d, d].
        shift: [d].
        plane: two coordinates, horizontal first.
        names: d names.
    """
    first, second = plane
    horizontal, vertical = np.meshgrid(_GRID, _GRID)
    points = np.zeros((horizontal.size, len(shift)))
    points[:, first] = horizontal.ravel()
    if second != first:
        points[:, second] = vertical.ravel()
    velocity = points @ linear.T + shift
    everywhere = float(np.sqrt((velocity**2).sum(axis=1)).max())
    inside = velocity[:, [first, second]]
    if second == first:
        inside = np.stack([velocity[:, first], np.zeros(len(velocity))], axis=1)
    scale = 0.44 / everywhere if everywhere else 0.0
    axes.quiver(
        horizontal.ravel(), vertical.ravel(), scale * inside[:, 0], scale * inside[:, 1],
        angles="xy", scale_units="xy", scale=1.0, pivot="mid", color=ACCENT,
        width=0.016, headwidth=3.6, headlength=4.2, headaxislength=3.8, minlength=0.6,
    )  # fmt: skip
    axes.set_xlim(-1.35, 1.35)
    axes.set_ylim(-1.35, 1.35)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[["top", "right"]].set_visible(True)
    for spine in axes.spines.values():
        spine.set_alpha(0.25)
    axes.axhline(0.0, color=INK, linewidth=0.6, alpha=0.25)
    axes.axvline(0.0, color=INK, linewidth=0.6, alpha=0.25)
    axes.set_xlabel(f"{names[first]} →", fontsize=SMALL, labelpad=2.0)
    if second != first:
        axes.set_ylabel(f"{names[second]} →", fontsize=SMALL, labelpad=2.0)
