from __future__ import annotations

import json
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from semola_geo.discovery import Verdict
from semola_geo.ground_truth import TASKS
from semola_geo.ground_truth.cell import run_cell
from semola_geo.ground_truth.suite import cell_store, run_suite, suite_cells
from semola_geo.ground_truth.table import markdown, suite_rows, text, write_suite

CONFIGS = Path(__file__).parents[2] / "configs"
TINY = {"steps": 5, "refine_steps": 5, "spectrum_graphs": 40, "single_model": True}


def test_one_cell_per_task_size_noise_and_seed() -> None:
    cells = suite_cells([500, 2000], [0.0, 1.0], [0, 1])
    assert len(cells) == len(TASKS) * 8
    assert all(cell["discovery"] == {} for cell in cells)
    assert len({cell_store("cells").folder(cell) for cell in cells}) == len(cells)


def test_mistakes_are_told() -> None:
    with pytest.raises(ValueError, match="unknown task 'so4'; allowed: so2_tilted"):
        suite_cells([500], [0.0], [0], ["so4"])
    with pytest.raises(ValueError, match="at least one"):
        suite_cells([], [0.0], [0])
    with pytest.raises(ValueError, match="parallel"):
        run_suite(suite_cells([500], [0.0], [0], ["t1"]), cell_store("cells"), parallel=0)


def test_a_tiny_suite_end_to_end(tmp_path: Path) -> None:
    """In processes of its own; what is finished is not run again, what failed is told."""
    # Five times as much noise as signal: no teacher explains anything of it.
    cells = suite_cells([60], [5.0], [0], ["so2_within_37_degrees"], TINY)
    cells += suite_cells([10], [0.0], [0], ["sl2"], TINY)
    store = cell_store(tmp_path / "cells")
    results = run_suite(cells, store, parallel=1)
    assert results[0]["true_name"] == "so(2)"
    assert {entry["verdict"] for entry in results[0]["directions"]} == {str(Verdict.UNDECIDED)}
    assert results[0]["outcome"] == "undecided"
    assert results[0]["single_model"].keys() == {"liegg", "liesd"}
    assert "at least 40 graphs" in results[1]["error"]
    first = store.folder(cells[0]) / "result.json"
    before = first.stat().st_mtime_ns
    assert run_suite(cells[:1], store) == results[:1]
    assert first.stat().st_mtime_ns == before

    header, row = suite_rows(results)
    assert row[:4] == ["so2_within_37_degrees", "so(2)", "1", "0 / 1 / 0"]
    assert len(header) == len(row)
    assert "FAILED sl2, N=10" in text(results)
    assert markdown(results).startswith("| task | true algebra | dim |")
    paths = write_suite(results, tmp_path / "out", {"sizes": [60]})
    assert json.loads(paths[0].read_text())["cells"] == results
    assert all(path.stat().st_size > 0 for path in paths)


@pytest.mark.ground_truth
@pytest.mark.parametrize("name", TASKS)
def test_no_wrong_answer(name: str) -> None:
    """One seed of every task as the suite runs it; minutes, and not part of the default run."""
    options = OmegaConf.to_container(OmegaConf.load(CONFIGS / "discovery" / "ground_truth.yaml"))
    [config] = suite_cells([2000], [0.0], [0], [name], options)
    assert run_cell(config)["outcome"] != "wrong"
