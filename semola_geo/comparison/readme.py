"""Put the table of a comparison into a README, between two markers.

python -m semola_geo.comparison.readme outputs/compare/RUN/comparison.json README.md NAME
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from semola_geo.comparison.table import markdown

__all__ = ["paste"]


def paste(text: str, name: str, table: str) -> str:
    r"""Replace what stands between ``<!-- table NAME -->`` and ``<!-- end -->``.

    Args:
        text: The README.
        name: Name of the table.
        table: New content.

    Raises:
        ValueError: If the markers are missing.

    >>> paste("<!-- table a -->\nold\n<!-- end -->", "a", "new\n")
    '<!-- table a -->\nnew\n<!-- end -->'
    """
    pattern = re.compile(rf"(<!-- table {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"there are no markers '<!-- table {name} -->' and '<!-- end -->'")
    return pattern.sub(lambda match: match[1] + table + match[2], text, count=1)


if __name__ == "__main__":
    source, readme, wanted = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    content = markdown(json.loads(source.read_text())["cells"])
    readme.write_text(paste(readme.read_text(), wanted, content))
