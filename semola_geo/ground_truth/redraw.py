"""Draw the figures of a suite again, from folders of finished cells.

python -m semola_geo.ground_truth.redraw outputs/ground_truth/cells docs/figures
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from semola_geo.comparison.readme import paste
from semola_geo.ground_truth.figures import write_figures
from semola_geo.ground_truth.numbers import numbers

__all__ = ["main", "read_cells"]


def read_cells(folders: Sequence[Path]) -> list[dict[str, Any]]:
    """Return configuration and result of every finished cell.

    Args:
        folders: Folders of cells, such as ``suite.cells`` names.

    Raises:
        ValueError: If no folder holds a finished cell.
    """
    cells = []
    for folder in folders:
        for path in sorted(folder.glob("*/result.json")):
            config = json.loads((path.parent / "config.json").read_text())
            cells.append({**config, **json.loads(path.read_text())})
    if not cells:
        raise ValueError(
            f"no finished cells (*/result.json) in {', '.join(map(str, folders))}; run "
            "semola-discover experiment=ground_truth first"
        )
    return cells


def main(arguments: Sequence[str] | None = None) -> None:
    """Read cells, write figures, print and paste their numbers; tell which figures lack any.

    Args:
        arguments: Of the command line.
    """
    parser = argparse.ArgumentParser(prog="redraw", description=__doc__.split("\n")[0])
    parser.add_argument("cells", type=Path, nargs="+", help="folders of finished cells")
    parser.add_argument("out", type=Path, help="where figures are written")
    parser.add_argument(
        "--page",
        type=Path,
        help="Markdown page whose numbers, between <!-- table FIGURE --> and <!-- end -->, are "
        "replaced",
    )
    chosen = parser.parse_args(arguments)
    cells = read_cells(chosen.cells)
    paths, lacking = write_figures(cells, chosen.out)
    found = numbers(cells)
    if chosen.page is not None:
        text = chosen.page.read_text()
        for name, lines in found.items():
            text = paste(text, name, lines)
        chosen.page.write_text(text)
    print(f"{len(cells)} finished cells")
    for name, lines in found.items():
        print(f"{name}\n{lines}", end="")
    for line in [*map(str, paths), *lacking]:
        print(line)


if __name__ == "__main__":
    main()
