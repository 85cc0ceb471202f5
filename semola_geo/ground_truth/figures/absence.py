"""Absence of symmetry: how often one is reported where there is none, or nothing can be known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from semola_geo.ground_truth.figures.rows import BLUE, RED, ROW, Cell, bound, row_axes
from semola_geo.ground_truth.statistics import Share, false_symmetry, share_of
from semola_geo.reporting.figures.style import SMALL, new_figure

__all__ = ["absent_directions", "absent_runs", "draw_absence"]

_LEFT, _TOP, _WIDTH, _RIGHT, _BETWEEN = 160.0, 44.0, 520.0, 100.0, 82.0
_ALLOWED = 0.01
_METHODS = (("this library", None), ("LieGG", "liegg"), ("LieSD", "liesd"))
_UNTESTED, _NOISE = "untested directions", "labels are noise"
_NONE, _OTHER = "no symmetry at all", "other false directions"


def absent_directions(cells: Iterable[Cell]) -> dict[str, Share]:
    """Count how often "symmetry" is said of directions that are none, or that are untested.

    A direction is none where its true violation is at least twice the bound of the verdict,
    untested where the data do not move along it; :func:`semola_geo.ground_truth.score.mistake`.

    Args:
        cells: Results of the suite.

    Returns:
        A share for each kind of direction; kinds of which no cell has any are left out.
    """
    kinds: dict[str, list[bool]] = {_NONE: [], _OTHER: [], _UNTESTED: [], _NOISE: []}
    for cell in cells:
        for entry in cell.get("directions", []):
            kind = _kind(cell, entry)
            if kind:
                kinds[kind].append(entry["verdict"] == "symmetry")
    return {name: share_of(said) for name, said in kinds.items() if said}


def absent_runs(cells: Iterable[Cell]) -> dict[str, Share]:
    """Count the runs on tasks without symmetry, noise included, that report a dimension above 0.

    Args:
        cells: Results of the suite.

    Returns:
        A share for this library, and for single-model estimates from the same teachers.
    """
    none = [cell for cell in cells if cell.get("true_dimension") == 0]
    shares = {}
    for name, method in _METHODS:
        found = [
            cell["dimension"] if method is None else cell["single_model"][method]["dimension"]
            for cell in none
            if method is None or method in cell["single_model"]
        ]
        if found:
            shares[name] = share_of(dimension > 0 for dimension in found)
    return shares


def draw_absence(cells: Sequence[Cell]) -> Figure | None:
    """Shares of false symmetries with 95 % intervals: of directions, and of whole runs.

    Args:
        cells: Results of the suite.

    Returns:
        The figure, or ``None`` where no cell has a direction that is no symmetry.
    """
    directions, runs = absent_directions(cells), absent_runs(cells)
    if not directions:
        return None
    lower = _TOP + ROW * len(directions) + _BETWEEN
    height = lower + ROW * len(runs) + 28.0 if runs else lower - _BETWEEN + 28.0
    figure = new_figure(height, _WIDTH)
    said = "directions that are none, or untested, called “symmetry”"
    _draw(figure, _TOP, directions, said, _ALLOWED)
    if runs:
        _draw(figure, lower, runs, "runs that report a symmetry where there is none at all", None)
    return figure


def _draw(
    figure: Figure, top: float, shares: dict[str, Share], title: str, allowed: float | None
) -> None:
    axes = row_axes(figure, _LEFT, top, _WIDTH - _LEFT - _RIGHT, list(shares))
    above = 1.0 + 20.0 / (ROW * len(shares))
    axes.text(0.0, above, title, transform=axes.transAxes, va="bottom", fontsize=SMALL)
    largest = max(share.upper for share in shares.values())
    limit = min(1.0, max(1.15 * largest, 2.0 * (allowed or 0.0)))
    axes.set_xlim(0.0, limit)
    if allowed is not None:
        bound(axes, allowed, f"{100 * allowed:g} %")
    for position, share in enumerate(shares.values()):
        color = BLUE if allowed is None or share.value <= allowed else RED
        axes.hlines(position, share.lower, share.upper, color=color, linewidth=2.4)
        axes.plot(share.value, position, "o", color=color, markersize=5.5, clip_on=False)
        axes.text(
            1.03,
            position,
            f"{share.count} of {share.trials}",
            transform=axes.get_yaxis_transform(),
            va="center",
            fontsize=SMALL,
        )
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:.3g} %")


def _kind(cell: Cell, entry: Cell) -> str:
    """Name the kind of a direction; empty where "symmetry" would be right, or nearly."""
    if entry["true_violation"] is None:
        return _NOISE
    match false_symmetry(cell, entry):
        case "untested symmetry":
            return _UNTESTED
        case "false symmetry":
            return _OTHER if cell["true_dimension"] else _NONE
    return ""
