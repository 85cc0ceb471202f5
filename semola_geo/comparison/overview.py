"""All reports below some folders as one table: what was found, how sure, how far from the truth.

python -m semola_geo.comparison.overview multirun/discover --page docs/experiments.md
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from semola_geo.comparison.found import found_by_seeds, found_labels, found_text
from semola_geo.comparison.readme import paste
from semola_geo.discovery.verdict import Verdict

__all__ = ["main", "overview", "read_reports"]

_HEADER = (
    "experiment",
    "seeds",
    "found",
    "angle [°]",
    "learned up to [°]",
    "other directions",
    "R²",
    "time [s]",
)
# Where files lie on one machine, and the seed, which has a column.
_LEFT_OUT = ("seed=", "data.root=", "data.path=", "hydra.")
_OTHERS = {
    "refuted": Verdict.NONE,
    "approximate": Verdict.APPROXIMATE,
    "untested": Verdict.UNTESTED,
    "undecided": Verdict.UNDECIDED,
}


def read_reports(folders: Sequence[Path]) -> dict[str, list[dict[str, Any]]]:
    """Read all ``report.json`` below folders, by what was asked for, in the order of seeds.

    Args:
        folders: Output folders of ``semola-discover``, or folders that hold such.

    Raises:
        ValueError: If there are no reports.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(path for folder in folders for path in folder.rglob("report.json")):
        report = json.loads(path.read_text())
        if "verdicts" in report:  # Those of semola-train have the same name.
            found.setdefault(_asked(path.parent), []).append(report)
    if not found:
        raise ValueError(
            f"no reports (report.json) below {', '.join(map(str, folders))}; run semola-discover "
            "first"
        )
    return {name: sorted(found[name], key=lambda report: report["seed"]) for name in sorted(found)}


def overview(reports: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """Return a Markdown table with a row for each question, whatever the number of its seeds.

    Args:
        reports: Contents of ``report.json``, by name.
    """
    rows = [_HEADER, ("---",) * len(_HEADER)]
    rows += [(name, *_row(runs)) for name, runs in reports.items()]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"


def _asked(folder: Path) -> str:
    """What was typed, seed and paths aside; the folder's name where Hydra left no note of it."""
    path = folder / ".hydra" / "overrides.yaml"
    if not path.is_file():
        return folder.name
    given = [str(text) for text in OmegaConf.to_container(OmegaConf.load(path)) or []]
    named = [text.removeprefix("experiment=") for text in given if not text.startswith(_LEFT_OUT)]
    return " ".join(sorted(named, key=lambda text: "=" in text)) or folder.name


def _row(runs: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    names = [found_text({**found_labels(run), "algebra_untested": None}) for run in runs]
    angles = [(run.get("reference") or {}).get("largest_angle") for run in runs]
    scores = [score for run in runs for score in run["teacher_r2"]]
    return (
        ", ".join(str(run["seed"]) for run in runs),
        found_by_seeds(names),
        ", ".join("–" if angle is None else f"{angle:.3f}" for angle in angles),
        ", ".join(map(_range, runs)),
        "; ".join(dict.fromkeys(map(_others, runs))),
        f"{min(scores):.2f} to {max(scores):.2f}",
        ", ".join(f"{sum(run['timing'].values()):.0f}" for run in runs),
    )


def _range(run: Mapping[str, Any]) -> str:
    """Return how far the data were turned; in parentheses for what is not established."""
    found, candidate = run.get("extents_range_degrees"), run.get("candidate") or {}
    degrees = found or candidate.get("extents_range_degrees") or []
    angles = [min(float(angle), 180.0) for angle in degrees if angle is not None]
    if not angles:
        return "–"
    least, most = round(min(angles)), round(max(angles))
    text = f"{least}" if least == most else f"{least} to {most}"
    return text if found else f"({text})"


def _others(run: Mapping[str, Any]) -> str:
    verdicts = [row["verdict"] for row in run["verdicts"]]
    counts = {word: verdicts.count(verdict) for word, verdict in _OTHERS.items()}
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "–"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table, and put it into a page between its markers.

    Args:
        arguments: Of the command line.
    """
    parser = argparse.ArgumentParser(prog="overview", description=__doc__.split("\n")[0])
    parser.add_argument("folders", type=Path, nargs="+", help="folders of semola-discover")
    parser.add_argument(
        "--page",
        type=Path,
        help="Markdown page whose text between <!-- table experiments --> and <!-- end --> is "
        "replaced",
    )
    chosen = parser.parse_args(arguments)
    table = overview(read_reports(chosen.folders))
    if chosen.page is not None:
        chosen.page.write_text(paste(chosen.page.read_text(), "experiments", table))
    print(table, end="")


if __name__ == "__main__":
    main()
