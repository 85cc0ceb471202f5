"""Predictive evidence: what enforcing a candidate costs on held-out data."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import fill

from matplotlib.figure import Figure

from semola_geo.reporting.figures.style import INK, SMALL, WIDTH, bare_axes, new_figure
from semola_geo.reporting.reading import Report

__all__ = ["EvidenceRow", "draw_evidence", "evidence_rows"]

_ALLOWED = 1.01


@dataclass(frozen=True)
class EvidenceRow:
    """One candidate: errors without and with it enforced, their ratio and its upper bound."""

    algebra: str
    dimension: int | None
    plain: float | None
    enforced: float | None
    ratio: float | None
    upper: float | None

    @property
    def reading(self) -> str:
        """What the ratio means, in words."""
        if self.ratio is None:
            return "not measured"
        if self.upper is not None and self.upper < _ALLOWED:
            return "enforcing it costs nothing" if self.ratio > 0.98 else "enforcing it helps"
        if self.upper is None:
            return "no bound, so no conclusion"
        if self.ratio <= 1.05:
            return "not sure: the bound exceeds 1.01"
        return "enforcing it costs accuracy"


def evidence_rows(report: Report) -> list[EvidenceRow]:
    """The entries of the report's ``evidence``, ratios filled in where they can be."""
    rows = []
    for entry in report.data.get("evidence") or []:
        plain, enforced = _number(entry.get("plain_error")), _number(entry.get("enforced_error"))
        ratio = _number(entry.get("ratio"))
        if ratio is None and plain and enforced is not None:
            ratio = enforced / plain
        dimension = entry.get("dimension")
        rows.append(
            EvidenceRow(
                algebra=str(entry.get("algebra") or "unnamed"),
                dimension=int(dimension) if isinstance(dimension, int | float) else None,
                plain=plain,
                enforced=enforced,
                ratio=ratio,
                upper=_number(entry.get("upper")),
            )
        )
    return rows


def draw_evidence(report: Report) -> Figure | None:
    """One row a candidate: held-out error enforced / plain, with its upper confidence bound.

    Args:
        report: as read by ``read_report``.

    Returns:
        The figure, or None when nothing was measured.
    """
    rows = [row for row in evidence_rows(report) if row.ratio is not None]
    if not rows:
        return None
    figure = new_figure(26.0 + 34.0 * len(rows) + 42.0)
    axes = bare_axes(figure, 100.0, 26.0, WIDTH - 114.0, 34.0 * len(rows))
    ends = [value for row in rows for value in (row.ratio, row.upper) if value is not None]
    low, high = min([0.9, *ends]), max([1.15, *ends])
    axes.set_xlim(low - 0.05 * (high - low), high + 0.08 * (high - low))
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.axvline(1.0, color=INK, linewidth=0.9, alpha=0.6)
    axes.axvspan(axes.get_xlim()[0], _ALLOWED, color="#0072b2", alpha=0.08, linewidth=0)
    axes.axvline(_ALLOWED, color=INK, linewidth=0.9, alpha=0.7, linestyle=(0, (4, 3)))
    for position, row in enumerate(rows):
        assert row.ratio is not None  # kept above
        passed = row.upper is not None and row.upper < _ALLOWED
        color, marker = ("#0072b2", "o") if passed else ("#d55e00", "X")
        if row.upper is not None:
            axes.hlines(position, row.ratio, row.upper, color=color, linewidth=2.4)
            axes.vlines(row.upper, position - 0.14, position + 0.14, color=color, linewidth=1.4)
        axes.plot(row.ratio, position, marker, color=color, markersize=7.5)
    top = axes.get_xaxis_transform()
    axes.text(
        _ALLOWED, 1.0, "allowed: 1.01", transform=top, va="bottom", ha="center", fontsize=SMALL
    )
    names = [fill(row.algebra, 15) for row in rows]
    axes.set_yticks(range(len(rows)), names, fontsize=SMALL)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("held-out error, enforced / plain, and its upper bound", fontsize=SMALL)
    return figure


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
