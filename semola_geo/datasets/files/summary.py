"""What is in a file and what it is taken for, as a table to look at before training."""

from __future__ import annotations

from collections.abc import Mapping

from semola_geo.datasets.files.schema import Schema

__all__ = ["summary_table"]


def summary_table(
    title: str,
    schema: Schema,
    roles: Mapping[str, str],
    *,
    position: str,
    skipped: int,
    embedded: int,
) -> str:
    """Return the table.

    Args:
        title: First line.
        schema: What the file holds.
        roles: Name → ``"input"`` or ``"target"``.
        position: Representation of ``pos``.
        skipped: Records that were skipped.
        embedded: Records whose coordinates were made rather than read.
    """
    rows = [("field", "representation", "shape", "role", "known from")]
    rows.append(("pos", position, f"[n, {schema.dimension}]", "input", "the format"))
    if schema.species:
        rows.append(("z", "-", "[n]", "input", "the format"))
    if schema.edges:
        rows.append(("edge_index", "-", "[2, E]", "input", "the format"))
    leading = {"node": "n", "graph": "1", "edge": "E"}
    for name, meaning in schema.columns.items():
        shape = ", ".join([leading[meaning.level], *map(str, meaning.shape)])
        rows.append((name, meaning.representation, f"[{shape}]", roles[name], meaning.why))
    rows += [(name, "-", f"[1, {schema.dimension}]", "-", "the format") for name in schema.flags]
    rows += [(name, "-", "-", "left out", reason) for name, reason in schema.unused.items()]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    notes = []
    if skipped:
        notes.append(f"{skipped} record(s) were skipped")
    if embedded:
        notes.append(f"{embedded} record(s) had no coordinates: conformers were embedded")
    return "\n".join([title, *lines, *notes])
