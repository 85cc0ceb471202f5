from typing import Any

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
