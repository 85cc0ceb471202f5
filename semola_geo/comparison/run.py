"""Run the cells of a comparison, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from semola_geo.comparison.progress import CellBar, ProgressFile
from semola_geo.comparison.score import score_of
from semola_geo.comparison.store import CellStore

__all__ = ["run_cells"]

_ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
# The GNU allocator returns large tensors to the system after every step and asks for them again,
# page by page: a sixth of a training step, more of an inference, and how much differs from process
# to process. With these bounds (bytes) it keeps them; other systems do not read the variables.
_KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(2**31 - 1), "MALLOC_TRIM_THRESHOLD_": str(2**35)}


@dataclass
class _Running:
    label: str
    config: Mapping[str, Any]
    folder: Path
    process: subprocess.Popen[bytes]
    bar: CellBar
    position: int
    started: float


def run_cells(
    configs: Sequence[Mapping[str, Any]],
    store: CellStore,
    *,
    parallel: int = 1,
    python: str = sys.executable,
) -> list[dict[str, Any]]:
    """Run cells that are not finished yet, and return the results of all, in order.

    Every cell is a process with one thread that keeps the memory it was given, so that wall-clock
    budgets mean the same for all, a crash takes nothing else along, and peak memory is its own.

    Args:
        configs: Plain configurations, one per cell.
        store: Where finished cells lie.
        parallel: Cells at a time. With more than one, cells share caches and memory bandwidth
            and their times are no longer exactly comparable.
        python: Interpreter.

    Returns:
        Results; a cell that failed has ``"error"`` with the last line of its log, and is run
        again the next time.

    Raises:
        ValueError: If ``parallel`` is less than one.
    """
    if parallel < 1:
        raise ValueError(f"parallel counts cells at a time, at least 1; got {parallel}")
    waiting = [config for config in configs if store.finished(config) is None]
    known = len(configs) - len(waiting)
    if known:
        print(f"{known} of {len(configs)} cells are finished already: {store.root}", flush=True)
    failures: dict[Path, str] = {}
    running: list[_Running] = []
    try:
        while waiting or running:
            while waiting and len(running) < parallel:
                taken = {cell.position for cell in running}
                position = next(place for place in range(parallel) if place not in taken)
                running.append(_start(waiting.pop(0), store, position, python))
            time.sleep(0.2)
            for cell in list(running):
                cell.bar.refresh()
                if cell.process.poll() is not None:
                    running.remove(cell)
                    _finish(cell, store, failures)
    finally:
        # An interrupted comparison must not leave cells behind that nobody waits for.
        for cell in running:
            cell.process.terminate()
    return [_result(config, store, failures) for config in configs]


def _start(config: Mapping[str, Any], store: CellStore, position: int, python: str) -> _Running:
    folder = store.prepare(config)
    progress = ProgressFile(folder / "progress.json")
    progress.path.unlink(missing_ok=True)
    label = _label(config)
    with (folder / "cell.log").open("wb") as log:
        process = subprocess.Popen(
            [python, "-m", "semola_geo.comparison.cell", str(folder)],
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**_KEEP_MEMORY, **os.environ, **dict.fromkeys(_ONE_THREAD, "1")},
        )
    bar = CellBar(label, progress, position)
    return _Running(label, config, folder, process, bar, position, time.monotonic())


def _finish(cell: _Running, store: CellStore, failures: dict[Path, str]) -> None:
    seconds = time.monotonic() - cell.started
    result = store.finished(cell.config)
    if result is not None:
        cell.bar.close(f"{cell.label:<22} done in {seconds:.0f} s{_summary(result)}")
        return
    lines = (cell.folder / "cell.log").read_text(errors="replace").strip().splitlines()
    reason = lines[-1] if lines else "no output"
    failures[cell.folder] = f"exit code {cell.process.returncode}: {reason}"
    cell.bar.close(
        f"{cell.label:<22} FAILED after {seconds:.0f} s ({failures[cell.folder]}); "
        f"see {cell.folder / 'cell.log'}"
    )


def _summary(result: Mapping[str, Any]) -> str:
    score = score_of([result])
    if score.test not in result:
        return f": {result['steps']} steps fit into the budget"
    test, moved = (score.text(result[name]) for name in (score.test, score.moved))
    return f": test {test}, {result.get('moved', 'rotated')} {moved}"


def _result(
    config: Mapping[str, Any], store: CellStore, failures: Mapping[Path, str]
) -> dict[str, Any]:
    folder = store.folder(config)
    found = store.finished(config)
    identity = {"method": config["method"]["name"], "seed": config["seed"], "folder": str(folder)}
    if found is None:
        return {**identity, "error": failures.get(folder, "not run")}
    return {**found, **identity}


def _label(config: Mapping[str, Any]) -> str:
    return f"{config['method']['name']} seed {config['seed']}"
