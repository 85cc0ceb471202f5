import csv
import json
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

from semola_geo.comparison import figures
from semola_geo.comparison.experiment import write_comparison


def cell(folder: Path, method: str, **results: Any) -> dict[str, Any]:
    common = {"seed": 0, "unit": "", "throughput": 100.0, "folder": str(folder)}
    return {"method": method, **common, **results}


def classes(folder: Path) -> list[dict[str, Any]]:
    return [
        cell(folder, name, score="accuracy", test_accuracy=98.0, rotated_accuracy=value)
        for name, value in (("none", 41.5), ("haar", 93.0))
    ]


def test_accuracies_reach_every_file(tmp_path: Path) -> None:
    written = write_comparison(classes(tmp_path), tmp_path / "out", {"target": "digit"})
    assert [path.name for path in written] == [
        *("comparison.json", "metrics.csv", "table.md"),
        "accuracy_against_throughput.png",
    ]
    content = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert content["summary"]["haar"]["rotated_accuracy"]["mean"] == 93.0
    assert content["summary"]["haar"]["rotated_error"] is None
    with (tmp_path / "out" / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["rotated_accuracy"] for row in rows] == ["41.5", "93.0"]
    assert "| rotated accuracy [%] |" in (tmp_path / "out" / "table.md").read_text()


@pytest.mark.parametrize(
    ("results", "label", "height"),
    [
        ({"score": "accuracy", "rotated_accuracy": 93.0}, "accuracy [%] on rotated test data", 93),
        ({"unit": "eV", "rotated_error": 0.5}, "MAE [eV] on rotated test data", 0.5),
        ({"rotated_error": 0.5, "moved": "exchanged"}, "MAE on exchanged test data", 0.5),
    ],
)
def test_the_figure_shows_what_was_measured(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    results: dict[str, Any],
    label: str,
    height: float,
) -> None:
    drawn: list[Figure] = []

    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: drawn.append(figure))
    figures.score_against_throughput([cell(tmp_path, "none", **results)], tmp_path / "a.png")
    (axes,) = drawn[0].axes
    assert axes.get_ylabel() == label
    assert axes.lines[0].get_xydata().tolist() == [[100.0, height]]
