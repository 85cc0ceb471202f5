"""Predictive evidence: what enforcing a candidate costs on held-out data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import fill
from typing import Any, Literal

from matplotlib.figure import Figure

from semola_geo.reporting.bounds import Bounds, read_bounds
from semola_geo.reporting.figures.style import INK, SMALL, WIDTH, bare_axes, new_figure
from semola_geo.reporting.reading import Report

__all__ = ["EvidenceRow", "draw_evidence", "evidence_rows"]

# Losses up to here are nothing to speak of, and beyond there no accident.
_NOTHING, _SURELY = 0.001, 0.05
# A loss beyond this is not nothing, even where bounds of one's own allow it.
_LITTLE = 0.01


@dataclass(frozen=True)
class EvidenceRow:
    """One candidate: errors without and with it enforced, and what of the explained is lost.

    Attributes:
        algebra: Name of the candidate.
        dimension: Its dimension.
        plain: Held-out error of the plain model, in units of the target's variance.
        enforced: The same with the candidate enforced.
        loss: Share of the variance that the plain model explains and the enforced one does not.
        upper: Upper confidence bound of the loss.
        bounds: Bounds of the verdicts.
        obstacle: Why enforcing it is no evidence; empty where it is, or where an older report does
            not say.
        refuted: Whether labels refuted the candidate, which counts whatever the obstacle.
    """

    algebra: str
    dimension: int | None
    plain: float | None
    enforced: float | None
    loss: float | None
    upper: float | None
    bounds: Bounds
    obstacle: str = ""
    refuted: bool = False

    @property
    def silent(self) -> bool:
        """Whether nothing may be concluded from the candidate, whatever its loss."""
        return bool(self.obstacle) and not self.refuted

    @property
    def passed(self) -> bool:
        """Whether the bound lets the candidate pass."""
        # What hardly moved the inputs costs nothing trivially: a low bound alone acquits no one.
        if self.obstacle or self.refuted:
            return False
        return self.upper is not None and self.upper < self.bounds.cost

    @property
    def reading(self) -> str:
        """What the loss means, in words."""
        if self.silent:
            return f"no evidence: {self.obstacle}"
        if self.loss is None:
            return "not measured"
        if self.refuted:
            return "enforcing it costs accuracy"
        if self.passed and self.loss > _LITTLE:
            return "enforcing it costs less than allowed"
        if self.passed:
            return "enforcing it helps" if self.loss < -_NOTHING else "enforcing it costs nothing"
        if self.upper is None:
            return "no bound, so no conclusion"
        if self.loss <= max(_SURELY, self.bounds.cost):
            return f"not sure: the bound exceeds {self.bounds.allowed}"
        return "enforcing it costs accuracy"


def evidence_rows(report: Report) -> list[EvidenceRow]:
    """The entries of the report's ``evidence``."""
    rows, bounds = [], read_bounds(report)
    for entry in report.data.get("evidence") or []:
        dimension = entry.get("dimension")
        rows.append(
            EvidenceRow(
                algebra=str(entry.get("algebra") or "unnamed"),
                dimension=int(dimension) if isinstance(dimension, int | float) else None,
                plain=_number(entry.get("plain_error")),
                enforced=_number(entry.get("enforced_error")),
                loss=_number(entry.get("loss")),
                upper=_number(entry.get("loss_upper")),
                bounds=bounds,
                obstacle=_obstacle(entry),
                refuted=entry.get("refuted") is True,
            )
        )
    return rows


def draw_evidence(report: Report) -> Figure | None:
    """One row a candidate: the share of the explained variance lost, with its upper bound.

    Args:
        report: as read by ``read_report``.

    Returns:
        The figure, or None when nothing was measured.
    """
    rows = [row for row in evidence_rows(report) if row.loss is not None]
    if not rows:
        return None
    figure = new_figure(26.0 + 34.0 * len(rows) + 42.0)
    axes = bare_axes(figure, 100.0, 26.0, WIDTH - 114.0, 34.0 * len(rows))
    ends = [100 * value for row in rows for value in (row.loss, row.upper) if value is not None]
    bounds = read_bounds(report)
    allowed = 100 * bounds.cost
    low, high = min([-2.0, *ends]), max([3.0, 1.5 * allowed, *ends])
    axes.set_xlim(low - 0.05 * (high - low), high + 0.08 * (high - low))
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.axvline(0.0, color=INK, linewidth=0.9, alpha=0.6)
    axes.axvspan(axes.get_xlim()[0], allowed, color="#0072b2", alpha=0.08, linewidth=0)
    axes.axvline(allowed, color=INK, linewidth=0.9, alpha=0.7, linestyle=(0, (4, 3)))
    for position, row in enumerate(rows):
        assert row.loss is not None  # kept above
        loss = 100 * row.loss
        color, marker, fill_style = _mark(row)
        if row.upper is not None:
            upper = 100 * row.upper
            axes.hlines(position, loss, upper, color=color, linewidth=2.4)
            axes.vlines(upper, position - 0.14, position + 0.14, color=color, linewidth=1.4)
        axes.plot(loss, position, marker, color=color, markersize=7.5, fillstyle=fill_style)
    top = axes.get_xaxis_transform()
    said = f"allowed: {bounds.allowed}"
    axes.text(allowed, 1.0, said, transform=top, va="bottom", ha="center", fontsize=SMALL)
    names = [fill(row.algebra, 15) for row in rows]
    axes.set_yticks(range(len(rows)), names, fontsize=SMALL)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(
        "% of the explained variance lost, held out, and its upper bound", fontsize=SMALL
    )
    return figure


def _mark(row: EvidenceRow) -> tuple[str, str, Literal["full", "none"]]:
    """Colour, marker and filling; hollow and grey where nothing may be concluded."""
    if row.silent:
        return "#808080", "D", "none"
    return ("#0072b2", "o", "full") if row.passed else ("#d55e00", "X", "full")


def _obstacle(entry: Mapping[str, Any]) -> str:
    if entry.get("telling") is not False:
        return ""
    return str(entry.get("obstacle") or "not told why")


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
