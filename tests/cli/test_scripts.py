"""The console scripts as a user starts them, in an empty folder."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hydra.core.global_hydra import GlobalHydra

import semola_geo
from semola_geo.cli import compare, discover, train

ROOT = Path(semola_geo.__file__).resolve().parents[1]
TINY = ["budget=tiny", "trainer=fast_dev_run", "discovery=tiny"]


def run(folder: Path, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-m", f"semola_geo.cli.{script}", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "COLUMNS": "300"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_compare_prints_one_table_and_runs_nothing_twice(tmp_path: Path) -> None:
    arguments = ["methods=[none,semola_joint]", "seeds=[0]", "data.limit=40", "reference=se(3)"]
    arguments += [*TINY, "hydra.run.dir=out"]
    first = run(tmp_path, "compare", *arguments)
    assert first.returncode == 0, first.stderr
    header, _, *rows = first.stdout[first.stdout.index("method ") :].splitlines()[:4]
    assert "angle to se(3)" in header
    assert [row.split()[0] for row in rows] == ["none", "semola_joint"]
    content = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert {"settings", "summary", "cells"} <= content.keys()
    with (tmp_path / "out" / "metrics.csv").open() as file:
        assert [row["method"] for row in csv.DictReader(file)] == ["none", "semola_joint"]
    for name in ("table.md", "error_against_throughput.png"):
        assert (tmp_path / "out" / name).stat().st_size > 0
    second = run(tmp_path, "compare", *arguments)
    assert "2 of 2 cells are finished already" in second.stdout
    again = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert again["cells"] == content["cells"]


def start(
    monkeypatch: pytest.MonkeyPatch, folder: Path, main: Callable[[], None], *arguments: str
) -> None:
    """Start a script in this process, which is quicker."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["semola", *arguments, "data.limit=20", *TINY])
    main()


def test_train_over_several_ambient_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = ["--multirun", "method=semola_joint", "ambient=Aff(3),SE(3)", "hydra.sweep.dir=out"]
    start(monkeypatch, tmp_path, train.main, *sweep, "method.transform.num_generators=2")
    for number in ("0", "1"):
        assert json.loads((tmp_path / "out" / number / "report.json").read_text())["steps"] == 4
        assert (tmp_path / "out" / number / "metrics.csv").is_file()


def test_a_killed_run_is_resumed_in_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["method=semola_joint", "hydra.run.dir=out"]
    start(monkeypatch, tmp_path, train.main, *arguments)
    first = json.loads((tmp_path / "out" / "report.json").read_text())
    start(monkeypatch, tmp_path, train.main, "method=semola_joint", "resume=out")
    again = json.loads((tmp_path / "out" / "report.json").read_text())
    for name in ("generators", "extents", "test_error", "steps"):
        assert again[name] == first[name]


@pytest.mark.parametrize(
    ("main", "arguments", "message"),
    [
        (train.main, ["target=nonsense"], "nonsense"),
        (train.main, ["method=semola_joint", "ambient=SO(7)"], "SO(7)"),
        (train.main, ["data.root=/nowhere"], "/nowhere"),
        (train.main, ["resume=nowhere"], "nowhere"),
        (train.main, ["+trainer.module.learning_rate=1"], "learning_rate"),
        (discover.main, ["ambient=Galilei"], "Galilei"),
        (compare.main, ["methods=[magic]"], "magic"),
        (compare.main, ["experiment=ground_truth"], "run it with semola-discover"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_two(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    main: Callable[[], None],
    arguments: list[str],
    message: str,
) -> None:
    with pytest.raises(SystemExit) as stopped:
        start(monkeypatch, tmp_path, main, *arguments)
    assert stopped.value.code == 2
    told = capsys.readouterr().err
    lines = [line for line in told.splitlines() if "error" in line]
    assert len(lines) == 1
    assert lines[0].startswith("semola-")
    assert message in lines[0]
    assert "Traceback" not in told


def test_discover_permutations_of_slots(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = ["experiment=permutation_ring_achiral", "data.size=320", "discovery=tiny"]
    monkeypatch.setattr(sys, "argv", ["semola", *arguments, "hydra.run.dir=out"])
    discover.main()
    content = json.loads((tmp_path / "out" / "report.json").read_text())
    assert content["ambient"] == "S(8)"
    assert content["permutations"]["num_slots"] == 8
    assert sum(content["permutations"]["tested"].values()) >= 28
    assert "Permutations of nodes" in capsys.readouterr().out


def test_a_suite_of_discoveries_is_run_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["experiment=ground_truth", "suite.tasks=[gl2]", "suite.sizes=[60]"]
    arguments += ["suite.noises=[0.0]", "suite.seeds=[0]", "hydra.run.dir=out"]
    for expected in ("0 / 1 / 0", "1 of 1 cells are finished already"):
        GlobalHydra.instance().clear()
        start(monkeypatch, tmp_path, discover.main, *arguments)
        assert expected in capsys.readouterr().out
    content = json.loads((tmp_path / "out" / "ground_truth.json").read_text())
    assert content["settings"]["sizes"] == [60]
    assert content["cells"][0]["task"] == "gl2"
