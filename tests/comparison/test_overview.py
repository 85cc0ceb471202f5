import json
from pathlib import Path
from typing import Any

import pytest

from semola_geo.comparison.overview import main, overview, read_reports


def report(seed: int, **changes: Any) -> dict[str, Any]:
    verdicts = ["symmetry", "no symmetry", "untested by this data"]
    return {
        "seed": seed,
        "name": "so(2)",
        "dimension": 1,
        "components": [],
        "permutations": None,
        "verdicts": [{"verdict": verdict} for verdict in verdicts],
        "teacher_r2": [0.91, 0.95 + seed / 100],
        "timing": {"teachers": 20.0, "refinement": 1.4 + seed},
        "reference": {"largest_angle": 0.0456},
        **changes,
    }


def written(folder: Path, overrides: list[str] | None, content: dict[str, Any]) -> None:
    folder.mkdir(parents=True)
    (folder / "report.json").write_text(json.dumps(content))
    if overrides is not None:
        (folder / ".hydra").mkdir()
        lines = "".join(f"- {text}\n" for text in overrides) or "[]\n"
        (folder / ".hydra" / "overrides.yaml").write_text(lines)


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    written(tmp_path / "1", ["experiment=two_body", "seed=1"], report(1))
    written(tmp_path / "0", ["seed=0", "experiment=two_body"], report(0))
    changed = report(0, name="trivial", dimension=0, reference=None, verdicts=[])
    written(tmp_path / "deep" / "a", ["data.field=0.1", "experiment=field"], changed)
    written(tmp_path / "mine", None, report(3, components=[
        {"element": "mirror", "verdict": "symmetry", "group": "O(2)"},
        {"element": "time reversal", "verdict": "symmetry"},
    ]))  # fmt: skip
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "report.json").write_text('{"method": "none"}')
    return tmp_path


def test_one_row_for_each_question_with_all_its_seeds(runs: Path) -> None:
    reports = read_reports([runs])
    assert list(reports) == ["field data.field=0.1", "mine", "two_body"]
    lines = overview(reports).splitlines()
    assert (
        lines[2] == "| field data.field=0.1 | 0 | trivial, dim 0 | – | – | – | 0.91 to 0.95 | 21 |"
    )
    assert "| O(2), dim 1; time reversal | 0.046 | – | 1 refuted, 1 untested |" in lines[3]
    assert lines[4] == (
        "| two_body | 0, 1 | so(2), dim 1 | 0.046, 0.046 | –, – | 1 refuted, 1 untested "
        "| 0.91 to 0.96 | 21, 22 |"
    )


def test_a_finite_group_is_named(runs: Path) -> None:
    finite = {"kind": "point group", "group": "T_d", "verdict": "symmetry"}
    written(runs / "finite", [], report(0, name="trivial", dimension=0, components=[finite]))
    assert "| finite | 0 | T_d | 0.046 |" in overview(read_reports([runs]))


def test_seeds_that_disagree_are_counted(runs: Path) -> None:
    other = report(2, name="trivial", dimension=0, reference={"largest_angle": None})
    written(runs / "2", ["experiment=two_body", "seed=2"], other)
    row = overview(read_reports([runs])).splitlines()[-1]
    assert "| so(2), dim 1 (2 of 3); trivial, dim 0 (1 of 3) | 0.046, 0.046, – |" in row


def test_a_page_gets_the_table(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = runs / "page.md"
    page.write_text("Before\n<!-- table experiments -->\nold\n<!-- end -->\nafter\n")
    main([str(runs), "--page", str(page)])
    assert capsys.readouterr().out in page.read_text() and "old" not in page.read_text()


def test_no_report_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no reports .* run semola-discover first"):
        read_reports([tmp_path])


def test_ranges_of_what_is_not_established_are_in_parentheses(tmp_path: Path) -> None:
    given = ["experiment=digits", "data.root=/mine", "hydra.run.dir=there"]
    candidate = {"name": "so(2)", "extents_range_degrees": [47.3]}
    written(tmp_path / "0", given, report(0, candidate=candidate))
    found = [{"extents_range_degrees": ranges} for ranges in ([122.0, 190.5, None], [None])]
    for seed, changes in enumerate(found, start=1):
        written(tmp_path / str(seed), given, report(seed, **changes))
    row = overview(read_reports([tmp_path])).splitlines()[2]
    assert row.startswith("| digits | 0, 1, 2 | ")
    assert "| (47), 122 to 180, – |" in row
