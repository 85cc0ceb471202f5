from typing import Any

import pytest

from semola_geo.comparison.table import comparison_rows, markdown, text_table


def cell(method: str, seed: int, error: float, **others: Any) -> dict[str, Any]:
    return {
        "method": method,
        "seed": seed,
        "unit": "e·Å",
        "test_error": error,
        "throughput": 12345.6,
        **others,
    }


CELLS = [
    cell("none", 0, 0.1),
    cell("semola", 0, 0.2, algebra_name="se(3)", algebra_dim=6, reference="se(3)"),
    cell("semola", 1, 0.4, algebra_name="se(3)", algebra_dim=6, largest_angle=0.25),
]


def test_one_row_per_method_with_mean_and_deviation() -> None:
    header, none, semola = comparison_rows(CELLS)
    assert header[1] == "test MAE [e·Å]"
    assert none[:2] == ["none", "0.1000"]
    assert semola[1] == "0.3000 ± 0.1414"
    assert semola[4] == "se(3), dim 6"
    assert "angle to se(3) [°]" in header


def test_seeds_that_disagree_are_told_apart() -> None:
    cells = [*CELLS, cell("semola", 2, 0.3, algebra_name="trivial", algebra_dim=0)]
    assert comparison_rows(cells)[2][4] == "se(3), dim 6 (2 of 3); trivial, dim 0 (1 of 3)"


def test_failed_cells_are_left_out() -> None:
    rows = comparison_rows([*CELLS, {"method": "none", "seed": 1, "error": "killed"}])
    assert rows[1][1] == "0.1000"


def test_a_narrow_terminal_gets_the_table_on_its_side() -> None:
    wide, narrow = text_table(CELLS, 400), text_table(CELLS, 60)
    assert wide.splitlines()[0].startswith("method")
    assert narrow.splitlines()[0].split() == ["method", "none", "semola"]
    assert max(map(len, narrow.splitlines())) <= 60


def test_markdown_has_as_many_bars_in_every_row() -> None:
    lines = markdown(CELLS).splitlines()
    assert len(lines) == 4
    assert len({line.count("|") for line in lines}) == 1


CLASSES = [
    {
        "method": "semola",
        "seed": seed,
        "unit": "",
        "score": "accuracy",
        "test_accuracy": test,
        "rotated_accuracy": 45.0,
        "moved": "rotated",
        "algebra_name": "trivial",
        "algebra_dim": 0,
        "algebra_untested": 1,
    }
    for seed, test in enumerate((97.0, 99.0))
]


def test_classes_have_accuracies_in_per_cent() -> None:
    header, row = comparison_rows(CLASSES)
    assert header[1:3] == ["test accuracy [%]", "rotated accuracy [%]"]
    assert row[1:3] == ["98.0 ± 1.4", "45.0 ± 0.0"]
    assert "MAE" not in markdown(CLASSES) + text_table(CLASSES)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ({"algebra_name": "se(3)", "algebra_dim": 6}, "se(3), dim 6"),
        ({"algebra_name": "se(3)", "algebra_dim": 6, "group": "E(3)"}, "E(3), dim 6"),
        ({"group": "T_d"}, "T_d, 1 untested"),
        ({"permutation_group": "S2", "permutation_order": 2}, "S2, order 2"),
        ({"time_reversal": True}, "time reversal"),
        (
            {"group": "T_d", "time_reversal": True, "algebra_untested": None},
            "T_d; time reversal",
        ),
    ],
)
def test_whatever_was_found_is_named(found: dict[str, Any], text: str) -> None:
    cells = [cell | {"algebra_untested": None} | found for cell in CLASSES[:1]]
    if text.endswith("untested"):
        cells[0]["algebra_untested"] = 1
    assert comparison_rows(cells)[1][4] == text


def test_directions_that_the_data_do_not_test_are_told() -> None:
    assert comparison_rows(CLASSES)[1][4] == "trivial, dim 0, 1 untested"
    mixed = [CLASSES[0], CLASSES[1] | {"algebra_untested": None}]
    both = "trivial, dim 0, 1 untested (1 of 2); trivial, dim 0 (1 of 2)"
    assert comparison_rows(mixed)[1][4] == both
