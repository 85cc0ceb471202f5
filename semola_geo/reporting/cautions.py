"""Warnings that a reader should see before believing a report."""

from __future__ import annotations

from semola_geo.reporting.output import output_caution
from semola_geo.reporting.reading import Report
from semola_geo.reporting.sentence import teacher_r2

__all__ = ["find_cautions"]


def find_cautions(report: Report) -> list[str]:
    """What in the report does not fit together, one sentence each; empty when all is well.

    Args:
        report: as read by ``read_report``.

    >>> from semola_geo.reporting.reading import read_report
    >>> find_cautions(read_report({"ambient": "GL(2)", "name": "so(2)", "dimension": 1,
    ...                            "verdicts": []}))[0]
    'The report claims dimension 1, but 0 directions carry the verdict "symmetry".'
    """
    cautions = []
    claimed, counted = report.dimension, len(report.having("symmetry"))
    if claimed != counted:
        noun = "direction carries" if counted == 1 else "directions carry"
        cautions.append(
            f'The report claims dimension {claimed}, but {counted} {noun} the verdict "symmetry".'
        )
    if report.generators and len(report.generators) != claimed:
        cautions.append(
            f"The report claims dimension {claimed}, but holds {len(report.generators)} generators."
        )
    r2 = teacher_r2(report)
    if r2 and min(r2) < 0.1 and claimed:
        cautions.append(
            "A teacher explains less than 10 % of unseen data; symmetries of so weak a model "
            "say little about the data."
        )
    defect = report.data.get("closure_defect")
    before = defect.get("before") if isinstance(defect, dict) else None
    if isinstance(before, int | float) and before > 0.2:
        cautions.append(
            f"The measured directions are not close to an algebra (closure defect {before:.2g} "
            "before repair): the generators shown are the repaired ones."
        )
    declared = output_caution(report.data.get("output"))
    return [*cautions, declared] if declared else cautions
