"""Figures show the numbers of the cells, all of them and nothing else."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.patches import PathPatch

from semola_geo.ground_truth import TASKS
from semola_geo.ground_truth.figures import FIGURES, write_figures
from semola_geo.ground_truth.figures.absence import absent_directions, absent_runs, draw_absence
from semola_geo.ground_truth.figures.closure import draw_closure
from semola_geo.ground_truth.figures.hard import draw_hard
from semola_geo.ground_truth.figures.output import draw_output
from semola_geo.ground_truth.figures.rows import BLUE, GREY, RED
from semola_geo.ground_truth.figures.weights import draw_weights

MakeCell = Callable[..., dict[str, Any]]


def direction(verdict: str, violation: float | None = 0.0, leaving: float = 0.0) -> dict[str, Any]:
    mistake = "false symmetry" if verdict == "symmetry" and violation != 0.0 else ""
    return {
        "verdict": verdict,
        "true_violation": violation,
        "true_leaving": leaving,
        "mistake": mistake,
    }


@pytest.fixture
def cell(cell: MakeCell) -> MakeCell:
    """Two directions judged right, and single-model estimates that are not."""
    return partial(
        cell,
        directions=[direction("symmetry"), direction("no symmetry", 0.4)],
        single_model={"liegg": {"dimension": 4}, "liesd": {"dimension": 0}},
    )


@pytest.fixture
def unknown(cell: MakeCell) -> MakeCell:
    """The same of a run that was not told how the target transforms."""
    return partial(cell, discovery={"output": "unknown"})


def drawn(axes: Axes) -> list[tuple[float, str]]:
    """Place on the x axis and colour of every dot, from top to bottom."""
    found = [
        (float(y), float(x), line.get_color())
        for line in axes.lines
        if line.get_marker() == "o"
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)
    ]
    return [(x, color) for _, x, color in sorted(found)]


def boxes(axes: Axes) -> list[tuple[float, float, float, Any]]:
    """Row, left end, width and colour of every box that is not a band of the background."""
    found = []
    for patch in axes.patches + axes.artists:
        if isinstance(patch, PathPatch) and patch.get_alpha() == 1.0:
            for box in patch.get_path().vertices.reshape(-1, 5, 2):
                (left, low), (right, high) = box.min(0), box.max(0)
                found.append(((low + high) / 2, left, right - left, to_hex(patch.get_facecolor())))
    return sorted(found)


def words(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_hard_groups_show_every_angle_and_how_runs_ended(cell: MakeCell) -> None:
    figure = draw_hard(
        [
            cell(angle=0.5),
            cell(angle=2.0, seed=1),
            cell(angle=None, outcome="undecided", dimension=1, size=500),
            cell(angle=7.0, size=500, seed=1),
            cell("t1", angle=30.0, outcome="wrong", true_dimension=1),
            cell("none_plane", true_dimension=0, dimension=0, angle=None),
        ]
    )
    assert figure is not None
    angles, few, many = figure.axes
    assert [label.get_text() for label in angles.get_yticklabels()] == [
        "t1  (1)",
        "so3_scalar  (3)",
    ]
    assert drawn(angles) == [(30.0, RED), (0.5, BLUE), (2.0, BLUE)]
    assert [axes.get_title() for axes in (few, many)] == ["N = 500", "N = 2000"]
    # Runs on few data are in the range alone.
    [_, reach] = [line for line in angles.lines if line.get_marker() == "None"][-2:]
    assert list(reach.get_xdata()) == [0.5, 7.0]
    assert boxes(few) == [(1.0, 0.0, 0.5, BLUE), (1.0, 0.5, 0.5, GREY)]
    assert boxes(many) == [(0.0, 0.0, 1.0, RED), (1.0, 0.0, 1.0, BLUE)]


def test_absence_counts_directions_of_which_symmetry_would_be_wrong(cell: MakeCell) -> None:
    cells = [
        cell(directions=[direction("symmetry", 0.005), direction("symmetry", 0.3)]),
        cell(
            "none_plane",
            true_dimension=0,
            dimension=1,
            directions=[direction("symmetry", 0.3), direction("no symmetry", 0.3)],
        ),
        cell(
            "planar",
            directions=[
                direction("untested by this data", 0.3, 0.9),
                direction("symmetry", 0.0, 0.9),
                direction("symmetry"),
            ],
        ),
        cell(
            "noise_only",
            true_dimension=0,
            dimension=0,
            directions=[direction("undecided: teachers too weak", None)] * 9,
        ),
    ]
    found = {name: (share.count, share.trials) for name, share in absent_directions(cells).items()}
    assert found == {
        "no symmetry at all": (1, 2),
        "other false directions": (1, 1),
        "untested directions": (1, 2),
        "labels are noise": (0, 9),
    }
    runs = {name: (share.count, share.trials) for name, share in absent_runs(cells).items()}
    assert runs == {"this library": (1, 2), "LieGG": (2, 2), "LieSD": (0, 2)}
    figure = draw_absence(cells)
    assert figure is not None
    upper, lower = figure.axes
    assert [place for place, _ in drawn(upper)] == [0.5, 1.0, 0.5, 0.0]
    assert {"1 of 2", "1 of 1", "0 of 9"} < set(words(upper))
    assert [place for place, _ in drawn(lower)] == [0.5, 1.0, 0.0]


def test_absence_counts_by_the_bounds_that_a_run_was_given(cell: MakeCell) -> None:
    directions = [direction("symmetry", 0.05)]
    assert absent_directions([cell(directions=directions)])
    wide = {"thresholds": {"symmetry": 0.05, "broken": 0.5}}
    assert not absent_directions([cell(directions=directions, discovery=wide)])


def test_closure_leaves_out_what_is_closed_anyway(cell: MakeCell) -> None:
    defect = {"before": 0.02, "after": 3e-16}
    figure = draw_closure(
        [
            cell(closure_defect=defect),
            cell(closure_defect={"before": 0.7, "after": 0.6}, seed=1),
            cell("t1", closure_defect=defect, evidence=[{"algebra": "t(1)", "dimension": 1}]),
            cell("sl2", closure_defect=None, evidence=[]),
        ]
    )
    assert figure is not None
    [axes] = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["so3_scalar"]
    assert sorted(drawn(axes)) == [(3e-16, BLUE), (0.02, RED), (0.6, GREY), (0.7, RED)]


def test_of_many_runs_there_are_range_and_median(unknown: MakeCell) -> None:
    found = [unknown(output={"error": 0.01 * (n + 1), "recognised": True}) for n in range(9)]
    figure = draw_output(found)
    assert figure is not None
    assert drawn(figure.axes[0]) == [(pytest.approx(0.05), BLUE)]
    [reach] = [line for line in figure.axes[0].lines if line.get_linewidth() == 2.0]
    assert list(reach.get_xdata()) == pytest.approx([0.01, 0.09])


def test_unknown_output_is_about_runs_that_were_not_told(cell: MakeCell, unknown: MakeCell) -> None:
    found = {"error": 0.02, "recognised": True}
    figure = draw_output(
        [
            unknown(output=found),
            unknown(output={"error": 0.4, "recognised": False}, outcome="wrong", seed=1),
            unknown(output=None, outcome="undecided", seed=2),
            cell("sl2", output=None),
        ]
    )
    assert figure is not None
    [axes] = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["so3_scalar"]
    assert sorted(drawn(axes)) == [(0.02, BLUE), (0.4, RED)]
    assert "1 of 3" in words(axes)


@pytest.mark.parametrize("name", FIGURES)
def test_a_number_that_is_lacking_is_not_drawn(cell: MakeCell, name: str, tmp_path: Path) -> None:
    """Cells of before closure defects and actions were kept; tasks without symmetry."""
    cells = [cell("none_plane", true_dimension=0, directions=[])]
    assert FIGURES[name].draw(cells) is None
    paths, lacking = write_figures(cells, tmp_path)
    assert not paths and not list(tmp_path.iterdir())
    assert any(line.startswith(f"no figure {name!r}: ") for line in lacking)


def test_runs_that_were_told_and_others_are_not_mixed(
    cell: MakeCell, unknown: MakeCell, tmp_path: Path
) -> None:
    both = [cell("sl2"), unknown("t3", output={"error": 0.01, "recognised": True})]
    write_figures([*both, {"task": "t1", "error": "killed"}], tmp_path)
    hard, output = ((tmp_path / f"{n}.svg").read_text() for n in ("hard_groups", "unknown_output"))
    assert "sl2" in hard and "t3" not in hard
    assert "t3" in output and "sl2" not in output


def test_a_whole_suite_makes_small_files_with_paper(
    cell: MakeCell, unknown: MakeCell, tmp_path: Path
) -> None:
    cells = [
        make(
            name,
            size=size,
            noise=noise,
            seed=seed,
            angle=0.1 + seed,
            true_dimension=task.symmetry.dim,
            closure_defect={"before": 0.01, "after": 1e-15},
            output={"error": 0.01, "recognised": True},
        )
        for make in (cell, unknown)
        for name, task in TASKS.items()
        for size in (500, 2000)
        for noise in (0.0, 0.3, 1.0)
        for seed in range(5)
    ]
    paths, lacking = write_figures(cells, tmp_path)
    assert not lacking
    assert [path.stem for path in paths] == list(FIGURES)
    for path in paths:
        root = ET.fromstring(path.read_text())
        assert root.attrib["aria-label"]
        assert root.find("{*}rect").attrib["class"] == "paper"  # type: ignore[union-attr]
        assert path.stat().st_size < 100_000


def run(weight: str, factor: float, angle: float, loss: str = "default") -> dict[str, Any]:
    return {
        "loss": loss,
        "weight": weight,
        "factor": factor,
        "angle": angle,
        "moved_test_error": angle / 10,
    }


def test_weights_pass_through_the_default() -> None:
    assert draw_weights([]) is None
    figure = draw_weights(
        [
            run("default", 1.0, 2.0),
            run("default", 1.0, 4.0),
            run("extent", 0.1, 5.0),
            run("extent", 10.0, 6.0),
            run("extent", 10.0, 8.0),
            run("equivariance", 1.0, 9.0),
            run("default", 1.0, 40.0, "paper"),
        ]
    )
    assert figure is not None
    angle, error, theirs, _ = figure.axes
    lines = {line.get_label(): list(line.get_ydata()) for line in angle.lines}
    assert lines["extent"] == [5.0, 3.0, 7.0]
    assert lines["equivariance"] == [9.0]
    errors = {line.get_label(): list(line.get_ydata()) for line in error.lines}
    assert errors["extent"] == pytest.approx([0.5, 0.3, 0.7])
    # One scale for both losses.
    assert angle.get_ylim() == theirs.get_ylim()
