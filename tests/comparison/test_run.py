import json
import stat
from pathlib import Path
from typing import Any

import pytest

from semola_geo.comparison.run import _summary, run_cells
from semola_geo.comparison.store import CellStore

# Stands for the interpreter: called as `script -m semola_geo.comparison.cell FOLDER`.
SCRIPT = """#!/bin/sh
echo run >> "$3/../runs"
echo "$OMP_NUM_THREADS" > "$3/threads"
echo "$MALLOC_MMAP_THRESHOLD_ $MALLOC_TRIM_THRESHOLD_" > "$3/memory"
if grep -q '"fails": true' "$3/config.json"; then echo "ValueError: broken"; kill -9 $$; fi
echo '{"test_error": 0.5, "rotated_error": 0.75}' > "$3/result.json"
"""


@pytest.fixture
def interpreter(tmp_path: Path) -> str:
    script = tmp_path / "interpreter"
    script.write_text(SCRIPT)
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return str(script)


def config(seed: int, **others: Any) -> dict[str, Any]:
    return {"method": {"name": "none"}, "seed": seed, **others}


def runs(store: CellStore) -> int:
    return len((store.root / "runs").read_text().split())


@pytest.mark.parametrize("parallel", [1, 2])
def test_results_come_in_the_order_of_the_cells(
    tmp_path: Path, interpreter: str, parallel: int
) -> None:
    store = CellStore(tmp_path / "cells")
    cells = run_cells([config(s) for s in (2, 0, 1)], store, parallel=parallel, python=interpreter)
    assert [cell["seed"] for cell in cells] == [2, 0, 1]
    assert all(cell["test_error"] == 0.5 for cell in cells)


def test_every_cell_has_one_thread(tmp_path: Path, interpreter: str) -> None:
    store = CellStore(tmp_path / "cells")
    run_cells([config(0)], store, python=interpreter)
    assert (store.folder(config(0)) / "threads").read_text().strip() == "1"


@pytest.mark.parametrize("own", [None, "65536"])
def test_cells_keep_their_memory_unless_the_user_says_how(
    tmp_path: Path, interpreter: str, monkeypatch: pytest.MonkeyPatch, own: str | None
) -> None:
    for name in ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"):
        monkeypatch.delenv(name, raising=False)
    if own is not None:
        monkeypatch.setenv("MALLOC_MMAP_THRESHOLD_", own)
    store = CellStore(tmp_path / "cells")
    run_cells([config(0)], store, python=interpreter)
    mmap, trim = (store.folder(config(0)) / "memory").read_text().split()
    assert mmap == (own or str(2**31 - 1))
    assert int(trim) > 10**9


def test_finished_cells_are_not_run_again(tmp_path: Path, interpreter: str) -> None:
    store = CellStore(tmp_path / "cells")
    run_cells([config(0)], store, python=interpreter)
    again = run_cells([config(0), config(1)], store, python=interpreter)
    assert runs(store) == 2
    assert [cell["test_error"] for cell in again] == [0.5, 0.5]


def test_killed_cells_are_told_and_run_again(
    tmp_path: Path, interpreter: str, capsys: pytest.CaptureFixture[str]
) -> None:
    store = CellStore(tmp_path / "cells")
    broken = config(0, fails=True)
    first, other = run_cells([broken, config(1)], store, python=interpreter)
    assert "ValueError: broken" in first["error"]
    assert "error" not in other
    assert "FAILED" in capsys.readouterr().err
    run_cells([broken, config(1)], store, python=interpreter)
    assert runs(store) == 3


def test_the_configuration_reaches_the_process(tmp_path: Path, interpreter: str) -> None:
    store = CellStore(tmp_path / "cells")
    run_cells([config(0, target="dipole")], store, python=interpreter)
    stored = json.loads((store.folder(config(0, target="dipole")) / "config.json").read_text())
    assert stored["target"] == "dipole"


def test_parallel_has_to_be_positive(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 1; got 0"):
        run_cells([], CellStore(tmp_path), parallel=0)


def test_a_finished_cell_is_told_by_its_score() -> None:
    errors = {"test_error": 0.03281, "rotated_error": 0.5, "moved": "exchanged"}
    assert _summary(errors) == ": test 0.0328, exchanged 0.5000"
    classes = {"score": "accuracy", "test_accuracy": 98.14, "rotated_accuracy": 41.0}
    assert _summary(classes) == ": test 98.1 %, rotated 41.0 %"
    assert _summary({"steps": 7}) == ": 7 steps fit into the budget"
