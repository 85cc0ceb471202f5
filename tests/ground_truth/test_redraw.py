"""Cells are read with their configuration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from semola_geo.ground_truth.redraw import main, read_cells


def keep(folder: Path, name: str, config: dict[str, Any], result: dict[str, Any] | None) -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / "config.json").write_text(json.dumps(config))
    if result is not None:
        (folder / name / "result.json").write_text(json.dumps(result))


def test_finished_cells_are_drawn_and_what_they_lack_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = {"task": "t1", "size": 500, "noise": 0.0, "seed": 0, "discovery": {}}
    result = {"true_dimension": 1, "dimension": 1, "angle": 0.2, "outcome": "right"}
    result |= {"name": "t(1)", "true_name": "t(1)"}
    keep(tmp_path / "cells", "one", config, {**result, "directions": []})
    keep(tmp_path / "cells", "waiting", config, None)
    assert read_cells([tmp_path / "cells"]) == [{**config, **result, "directions": []}]
    main([str(tmp_path / "cells"), str(tmp_path / "out")])
    told = capsys.readouterr().out
    assert "1 finished cells" in told and "no figure 'closure'" in told
    assert "N = 500, no noise: 1 runs (1 tasks, seeds 0), right 1, undecided 0, wrong 0" in told
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["hard_groups.svg"]


def test_numbers_are_pasted_into_a_page(tmp_path: Path) -> None:
    config = {"task": "t1", "size": 500, "noise": 0.0, "seed": 0, "discovery": {}}
    result = {"true_dimension": 1, "dimension": 0, "angle": None, "outcome": "undecided"}
    keep(tmp_path / "cells", "one", config, {**result, "directions": []})
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- table hard_groups -->\nold\n<!-- end -->\nafter\n")
    main([str(tmp_path / "cells"), str(tmp_path / "out"), "--page", str(page)])
    lines = page.read_text().splitlines()
    assert lines[:2] == ["before", "<!-- table hard_groups -->"]
    assert lines[-2:] == ["<!-- end -->", "after"]
    assert len(lines) == 5 and "undecided 1" in lines[2]


def test_a_folder_without_cells_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no finished cells .* run semola-discover"):
        read_cells([tmp_path])
