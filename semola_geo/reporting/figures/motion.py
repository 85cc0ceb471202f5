"""A generator drawn as what it does: a small cage of points moved along it."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.linalg import expm

from semola_geo.reporting.figures.flow import draw_flow, flow_planes
from semola_geo.reporting.figures.style import ACCENT, INK, SMALL, WIDTH, bare_axes, new_figure
from semola_geo.reporting.reading import Report

__all__ = ["draw_motion"]

_CAGE, _PANEL, _TOP = 152.0, 106.0, 20.0
_STEPS, _REACH = 24, 1.05
# Seen from the front right and a little above; z points up.
_VIEW = np.array([[0.86, -0.50, 0.0], [0.24, 0.40, 0.88]])

Array = NDArray[np.float64]


def draw_motion(report: Report, index: int) -> Figure:
    """Draw generator ``index``: a cube (square in the plane) before and after, and its flow.

    Left: thin grey before, thick blue after, the paths of the corners between them, the axis of
    a rotation dashed; beyond d = 3 a square in the plane where the generator acts most. Beside
    it: the velocity field in the planes where the generator acts most. Lengths are in units of
    the data's length scale, about their centroid.

    Args:
        report: as read by ``read_report``.
        index: from 0, which of the generators.
    """
    space = report.space
    linear, shift = space.split(report.generators[index])
    planes = flow_planes(linear, shift, limit=2)
    figure = new_figure(_TOP + _CAGE)
    axes = bare_axes(figure, 0.0, _TOP, _CAGE, _CAGE)
    # Beyond three dimensions the cage is a square in the plane where most happens.
    shown = list(planes[0]) if space.dimension > 3 else list(range(space.dimension))
    names = tuple(space.axes[axis] for axis in shown)
    _draw_cage(axes, linear[np.ix_(shown, shown)], shift[shown], names)
    axes.set_title("before and after", fontsize=SMALL, pad=3.0, alpha=0.8)
    room = WIDTH - _CAGE - 12.0
    step = room / 2
    side = min(_PANEL, step - 16.0)
    left = _CAGE + 12.0 + (room - step * len(planes)) / 2
    for place, plane in enumerate(planes):
        offset = left + step * (place + 0.5) - side / 2 + 4.0
        axes = bare_axes(figure, offset, _TOP + (_CAGE - side) / 2 - 6.0, side, side)
        draw_flow(axes, linear, shift, plane, space.axes)
    return figure


def _draw_cage(axes: Axes, linear: Array, shift: Array, names: tuple[str, ...]) -> None:
    dimension = len(shift)
    view = _VIEW if dimension == 3 else np.eye(2, dimension)
    corners = np.array(list(product((-1.0, 1.0), repeat=dimension)))
    paths = _paths(linear, shift, corners) @ view.T
    for first, second in _edges(corners):
        start, end = paths[0, [first, second]], paths[-1, [first, second]]
        axes.plot(start[:, 0], start[:, 1], color=INK, alpha=0.45, linewidth=1.0)
        axes.plot(end[:, 0], end[:, 1], color=ACCENT, linewidth=2.0, solid_capstyle="round")
    for corner in range(len(corners)):
        path = paths[:, corner]
        if np.linalg.norm(path[-1] - path[0]) < 0.05:
            continue
        axes.plot(path[:, 0], path[:, 1], color="#d55e00", linewidth=1.3)
        axes.annotate(
            "", xy=path[-1], xytext=path[-3],
            arrowprops={"arrowstyle": "-|>", "color": "#d55e00", "linewidth": 1.0,
                        "mutation_scale": 8, "shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip
    if dimension == 3:
        _draw_axis(axes, linear, shift, view)
        _draw_triad(axes, view, names)
    limit = max(2.15 if dimension == 3 else 1.6, 1.12 * float(np.abs(paths).max()))
    axes.set_xlim(-limit, limit)
    axes.set_ylim(-limit, limit)
    axes.set_aspect("equal")
    axes.set_axis_off()


def _paths(linear: Array, shift: Array, corners: Array) -> Array:
    """Positions of the corners while they follow the flow, shape [steps, corners, d]."""
    speed = float(np.sqrt((((corners @ linear.T) + shift) ** 2).sum(axis=1).mean()))
    dimension = len(shift)
    field = np.zeros((dimension + 1, dimension + 1))
    field[:dimension, :dimension], field[:dimension, dimension] = linear, shift
    if speed > 0:
        field *= _REACH / speed
    homogeneous = np.hstack([corners, np.ones((len(corners), 1))])
    times = np.linspace(0.0, 1.0, _STEPS)
    return np.stack([(homogeneous @ expm(time * field).T)[:, :dimension] for time in times])


def _edges(corners: Array) -> list[tuple[int, int]]:
    indices = range(len(corners))
    return [
        (first, second)
        for first, second in product(indices, indices)
        if first < second and np.abs(corners[first] - corners[second]).sum() == 2.0
    ]


def _draw_axis(axes: Axes, linear: Array, shift: Array, view: Array) -> None:
    # Only a motion that turns has an axis: one null direction, and an imaginary pair.
    values = np.linalg.eigvals(linear)
    _, sizes, right = np.linalg.svd(linear)
    if sizes[2] > 0.05 * sizes[0] or np.abs(values.imag).max() < 0.2 * max(sizes[0], 1e-12):
        return
    point = -np.linalg.pinv(linear, rcond=0.05) @ shift
    if float(np.linalg.norm(point)) > 2.0:
        return
    ends = np.array([point - 2.1 * right[2], point + 2.1 * right[2]]) @ view.T
    axes.plot(ends[:, 0], ends[:, 1], color=INK, linewidth=1.2, linestyle=(0, (5, 3)), alpha=0.8)


def _draw_triad(axes: Axes, view: Array, names: tuple[str, ...]) -> None:
    origin = np.array([-1.55, -1.75])
    for axis, name in enumerate(names):
        tip = origin + 0.5 * view[:, axis]
        for first, second in pairwise((origin, tip)):
            axes.plot(*np.stack([first, second]).T, color=INK, linewidth=0.9, alpha=0.7)
        label = origin + 0.72 * view[:, axis]
        axes.text(label[0], label[1], name, fontsize=SMALL - 1, ha="center", va="center", alpha=0.9)
