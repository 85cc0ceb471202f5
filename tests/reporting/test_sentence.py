from __future__ import annotations

import pytest

from semola_geo.reporting import confidence_sentence, verdict_sentence
from semola_geo.reporting.group_words import group_words


def test_full_answer_first(make):
    assert verdict_sentence(make("se(3)")) == (
        "The dipole of these molecules is symmetric under rotations and translations, se(3), "
        "dimension 6; 6 further directions are ruled out."
    )


def test_nothing_found_is_said_plainly(make):
    sentence = verdict_sentence(make("none"))
    assert "has no continuous symmetry in GL(3)" in sentence
    assert "all 9 directions are ruled out" in sentence


def test_weak_teachers_never_flatter(make):
    sentence = verdict_sentence(make("noise"))
    assert sentence.startswith("No symmetry of the target")
    assert "too weak to decide" in sentence
    assert "is symmetric" not in sentence
    assert "none of the variance" in confidence_sentence(make("noise"))


def test_untested_directions_are_counted(make):
    sentence = verdict_sentence(make("canonical"))
    assert "translations, t(3), dimension 3" in sentence
    assert "9 further directions are untested by this data" in sentence


def test_approximate_is_not_called_a_symmetry(make):
    sentence = verdict_sentence(make("plane"))
    assert sentence.startswith("No symmetry of the target in this data set could be established")
    assert "1 is approximately symmetric" in sentence
    assert "1 is undecided" in sentence


def test_all_untested_concludes_nothing(make):
    report = make("canonical")
    report["verdicts"] = [row for row in report["verdicts"] if row["verdict"] != "symmetry"]
    report["dimension"], report["generators"], report["name"] = 0, [], "trivial"
    assert "nothing may be concluded" in verdict_sentence(report)


def test_permutations_alone(make):
    assert "D8, a permutation group of order 16" in verdict_sentence(make("permutations"))


def test_interval_end_is_what_counts(make):
    report = make("se(3)")
    report["verdicts"][0]["interval"] = [-0.1, 0.123]
    assert "less than 12 %" in confidence_sentence(report)


@pytest.mark.parametrize("upper", [3e-6, -1e-4])
def test_no_direction_is_violated_by_less_than_nothing(make, upper):
    report = make("se(3)")
    for row in report["verdicts"]:
        if row["verdict"] == "symmetry":
            row["interval"] = [-0.1, upper]
    assert "violated by less than 0.1 %" in confidence_sentence(report)


def test_a_lower_bound_that_rounds_to_zero_is_none(make):
    report = make("se(3)")
    assert "ruled out is violated by at least" in confidence_sentence(report)
    report["verdicts"][-1]["interval"] = [2e-4, 0.5]
    assert "by at least" not in confidence_sentence(report)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("so(3)", "rotations"),
        ("se(2)", "rotations and translations"),
        ("so(2) + t(1)", "rotations about one axis and translations along one line"),
        ("so(2) about (0, 0, 1)", "rotations about one axis"),
        ("nonsense(7)", ""),
        ("so(3) + nonsense", ""),
    ],
)
def test_group_words(name, words):
    assert group_words(name) == words


def test_help_for_weak_teachers_is_said(make):
    report = {**make("se(3)"), "helpers": ["t(3)", "so(3)"]}
    sentence = confidence_sentence(report)
    assert "some along t(3), others along so(3)" in sentence
    assert "augmented" not in confidence_sentence(make("se(3)"))
