"""Weights are moved one at a time, and runs repeat."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from semola_geo.ground_truth.balance import choices, learn, main
from semola_geo.training import Objective, SemolaPaperObjective


def test_each_choice_differs_from_the_default_by_one_weight() -> None:
    ours, paper = Objective(unmoved=0.25), SemolaPaperObjective()
    seen = set()
    for choice in choices():
        base = ours if choice.loss == "default" else paper
        before, after = base.configuration(), choice.objective.configuration()
        changed = {name for name in before if before[name] != after[name]}
        if choice.weight == "default":
            assert not changed
        elif choice.loss == "default" and choice.weight == "equivariance":
            # The consistency term compares both views of every graph.
            assert changed == {"equivariance", "unmoved"} and after["unmoved"] is None
            assert after["equivariance"] == choice.factor
        elif choice.weight == "unmoved":
            assert changed == {"unmoved"}
            odds = after["unmoved"] / (1 - after["unmoved"])
            assert odds == pytest.approx(choice.factor / 3)
        else:
            [name] = changed
            assert name == choice.weight.replace(" ", "_")
            assert after[name] == pytest.approx(choice.factor * before[name])
        seen.add((choice.loss, choice.weight, choice.factor))
    assert len(seen) == len(list(choices()))


def test_a_run_repeats_and_depends_on_its_objective() -> None:
    options = {"size": 60, "steps": 3, "batch_size": 20}
    one, again = (learn(Objective(unmoved=0.25), 0, **options) for _ in range(2))  # type: ignore[arg-type]
    other = learn(Objective(unmoved=0.25, augmented=10.0), 0, **options)  # type: ignore[arg-type]
    del one["seconds"], again["seconds"]
    assert one == again
    assert one["angle"] != other["angle"]
    assert 0 < one["angle"] <= 90
    assert one["moved_test_error"] > 0.5  # three steps learn next to nothing


def test_numbers_and_figure_are_written(tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    arguments = [str(path), "--seeds", "0", "--factors", "1", "--steps", "2", "--size", "60"]
    main(arguments)
    content = json.loads(path.read_text())
    assert content["settings"] == {"steps": 2, "size": 60}
    assert [(row["loss"], row["weight"]) for row in content["runs"]] == [
        ("default", "default"),
        ("paper", "default"),
        ("default", "equivariance"),
    ]
    assert path.with_suffix(".svg").read_text().startswith("<?xml")
    # Runs that are known are not repeated: the seconds they took stay what they were.
    main(arguments)
    assert json.loads(path.read_text()) == content
