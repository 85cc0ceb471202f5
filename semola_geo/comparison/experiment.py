"""A comparison as a whole: from a configuration to cells, and from cells to files."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, ListConfig, OmegaConf

from semola_geo.comparison.figures import score_against_throughput
from semola_geo.comparison.score import score_of
from semola_geo.comparison.statistics import QUANTITIES, summarize
from semola_geo.comparison.store import file_fingerprint, write_json
from semola_geo.comparison.table import markdown

__all__ = ["budget_yaml", "cell_configs", "write_comparison"]

_SHARED = ("data", "trainer", "target", "ambient", "fields", "reference", "evaluation", "parallel")


def cell_configs(config: DictConfig) -> list[dict[str, Any]]:
    """Return a plain configuration for every method × seed, seeds of a method together.

    A cell holds only what decides its own result, so that changing one method does not make the
    finished cells of the others stale.

    Args:
        config: Composed configuration of ``semola-compare``.

    Raises:
        ValueError: For a method that is not in the library, also one that only
            ``trainer.methods`` names, or no methods or seeds.
    """
    methods, seeds = _as_list(config.methods), _as_list(config.seeds)
    if not methods or not seeds:
        raise ValueError("a comparison needs at least one method and one seed")
    named = [*methods, *config.trainer.methods]
    unknown = [str(name) for name in named if name not in config.library]
    if unknown:
        raise ValueError(
            f"unknown method(s) {', '.join(unknown)}; the library has {', '.join(config.library)}. "
            "Add one with '+method@library.NAME=FILE'"
        )
    content = _data_file(config)
    return [_cell(config, str(n), int(seed)) | content for n in methods for seed in seeds]


def _data_file(config: DictConfig) -> dict[str, str]:
    """Fingerprint of the user's file, so that a changed file makes finished cells stale.

    Where each split has a file, it is that of all of them.
    """
    path = None if OmegaConf.is_missing(config.data, "path") else config.data.get("path")
    named = list(path.values()) if isinstance(path, DictConfig) else [path]
    files = [Path(str(name)).expanduser() for name in named if name is not None]
    if not files or not all(file.is_file() for file in files):
        return {}
    return {"data_file": "-".join(map(file_fingerprint, files))}


def _cell(config: DictConfig, name: str, seed: int) -> dict[str, Any]:
    plain = OmegaConf.to_container(config, resolve=True)
    assert isinstance(plain, dict)
    method = plain["library"][name] | {"name": name}
    model = plain["model"] if method.get("model") is None else method["model"]
    steps = plain["budget"]["steps"].get(name)
    seconds = plain["budget"]["seconds"] if steps is None else None
    cell = {key: plain[key] for key in _SHARED}
    own = {key: value for key, value in plain["trainer"]["methods"].items() if key == name}
    return cell | {
        "trainer": plain["trainer"] | {"methods": own},
        "method": method | {"model": None},
        "model": model,
        "seed": seed,
        "budget": {"seconds": seconds, "steps": {} if steps is None else {name: steps}},
        "discovery": plain["discovery"] if method["start"] == "discovery" else {},
    }


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple | ListConfig) else [value]


def budget_yaml(seconds: float, calibrated: Sequence[Mapping[str, Any]]) -> str:
    """Return a ``configs/budget`` file with the steps that fit into a budget.

    Args:
        seconds: The budget.
        calibrated: Results of calibrating cells.

    >>> print(budget_yaml(60, [{"method": "none", "steps": 2850}]))
    # Steps that fit into 60 s on one thread, as measured.
    defaults: [default]
    seconds: 60
    steps:
      none: 2850
    <BLANKLINE>
    """
    lines = [
        f"# Steps that fit into {seconds} s on one thread, as measured.",
        "defaults: [default]",
    ]
    lines += [f"seconds: {seconds}", "steps:"]
    for cell in calibrated:
        spent = cell.get("discovery_seconds")
        note = "" if spent is None else f" # after {spent:.0f} s of discovery"
        lines.append(f"  {cell['method']}: {cell['steps']}{note}")
    return "\n".join(lines) + "\n"


def write_comparison(
    cells: Sequence[Mapping[str, Any]], folder: Path, settings: Mapping[str, Any]
) -> list[Path]:
    """Write ``comparison.json``, ``metrics.csv``, ``table.md``, the figure and the reports.

    Args:
        cells: Results of all cells.
        folder: Output folder.
        settings: What the comparison was run with, for ``comparison.json``.

    Returns:
        The files and folders that were written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    done = [cell for cell in cells if "error" not in cell]
    summary = {
        method: {name: None if value is None else asdict(value) for name, value in row.items()}
        for method, row in summarize(done).items()
    }
    content = {"settings": dict(settings), "summary": summary, "cells": list(cells)}
    write_json(folder / "comparison.json", content)
    _write_csv(done, folder / "metrics.csv")
    (folder / "table.md").write_text(markdown(cells))
    written = [folder / name for name in ("comparison.json", "metrics.csv", "table.md")]
    if done:
        name = f"{score_of(done).name}_against_throughput.png"
        written.append(score_against_throughput(done, folder / name))
    return written + _copy_reports(done, folder)


def _write_csv(cells: Sequence[Mapping[str, Any]], path: Path) -> None:
    columns = ("method", "seed", "algebra_name", "algebra_dim", *QUANTITIES)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", restval="")
        writer.writeheader()
        writer.writerows(dict(cell) for cell in cells)


def _copy_reports(cells: Sequence[Mapping[str, Any]], folder: Path) -> list[Path]:
    """Bring the discovery report of every cell that has one beside the comparison."""
    written = []
    for cell in cells:
        source = Path(str(cell["folder"])) / "discovery"
        if source.is_dir():
            goal = folder / f"discovery_{cell['method']}_seed{cell['seed']}"
            shutil.copytree(source, goal, dirs_exist_ok=True)
            written.append(goal)
    return written
