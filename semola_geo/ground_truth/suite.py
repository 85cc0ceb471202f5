"""The suite as a whole: all cells, in processes side by side, each finished one kept."""

from __future__ import annotations

import json
import multiprocessing
import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from semola_geo.comparison.store import CellStore, write_json
from semola_geo.ground_truth.cell import run_cell, task_named
from semola_geo.ground_truth.tasks import TASKS

__all__ = ["cell_store", "run_suite", "suite_cells"]


def suite_cells(
    sizes: Sequence[int],
    noises: Sequence[float],
    seeds: Sequence[int],
    tasks: Sequence[str] | None = None,
    discovery: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Return a plain configuration for every task × size × noise × seed.

    Seeds come outermost, so that a suite that was broken off has seen all tasks.

    Args:
        sizes: Numbers of graphs.
        noises: Label noise in units of the target's deviation.
        seeds: Seeds of data and discovery.
        tasks: Names; ``None``: all.
        discovery: Options of discovery, the same for all tasks.

    Raises:
        ValueError: For an unknown task, or if there is nothing to do.

    >>> suite_cells([500], [0.0], [0], ["so3_scalar"])[0]["task"]
    'so3_scalar'
    """
    names = list(TASKS) if tasks is None else [task_named(name).name for name in tasks]
    cells = [
        {
            "task": name,
            "size": int(size),
            "noise": float(noise),
            "seed": int(seed),
            "discovery": dict(discovery or {}),
        }
        for seed in seeds
        for noise in noises
        for size in sizes
        for name in names
    ]
    if not cells:
        raise ValueError("the suite needs at least one task, size, noise and seed")
    return cells


def cell_store(root: str | Path) -> CellStore:
    """Return the store of the suite's cells, whose folders say what they hold."""
    return CellStore(root, _label)


def run_suite(
    cells: Sequence[Mapping[str, Any]], store: CellStore, parallel: int = 1
) -> list[dict[str, Any]]:
    """Run cells that are not finished, and return the results of all, in order.

    Args:
        cells: Configurations from :func:`suite_cells`.
        store: Where finished cells lie.
        parallel: Processes side by side, of one thread each.

    Returns:
        Configuration and result of each cell; one that failed has ``"error"`` instead of a result,
        and is run again the next time.

    Raises:
        ValueError: If ``parallel`` is less than one.
    """
    if parallel < 1:
        raise ValueError(f"parallel counts processes, at least 1; got {parallel}")
    waiting = [store.prepare(cell) for cell in cells if store.finished(cell) is None]
    known = len(cells) - len(waiting)
    if known:
        print(f"{known} of {len(cells)} cells are finished already: {store.root}", flush=True)
    failures = _run_all(waiting, parallel)
    results = []
    for cell in cells:
        found = store.finished(cell)
        reason = failures.get(store.folder(cell), "not run")
        results.append({**cell, **({"error": reason} if found is None else found)})
    return results


def _run_all(folders: Sequence[Path], parallel: int) -> dict[Path, str]:
    """Run the cells in these folders; return why some failed."""
    failures: dict[Path, str] = {}
    bar = tqdm(total=len(folders), unit="cell", disable=not folders)
    # Fresh processes: a forked one would inherit the threads of its parent half alive.
    context = multiprocessing.get_context("spawn")
    with (
        bar,
        ProcessPoolExecutor(
            min(parallel, max(len(folders), 1)), context, initializer=_one_thread
        ) as pool,
    ):
        running = {pool.submit(_run_in, folder): folder for folder in folders}
        try:
            for future in as_completed(running):
                error = future.exception()
                if error is not None:
                    failures[running[future]] = f"{type(error).__name__}: {error}"
                bar.update()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return failures


def _one_thread() -> None:
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", message=r".*isinstance.*LeafSpec.*")
    warnings.filterwarnings("ignore", message=r".*does not have many workers.*")


def _run_in(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    write_json(folder / "result.json", run_cell(config))


def _label(cell: Mapping[str, Any]) -> str:
    return f"{cell['task']}_n{cell['size']}_noise{cell['noise']:g}_seed{cell['seed']}"
