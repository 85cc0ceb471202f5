from __future__ import annotations

from semola_geo.algebra import LieAlgebra
from semola_geo.reporting import render_text, verdict_sentence


def test_every_kind_of_report_is_readable_text(any_report):
    text = render_text(any_report)
    assert " ".join(text.split()).startswith(verdict_sentence(any_report))
    assert max(len(line) for line in text.splitlines()) <= 110
    for row in any_report["verdicts"]:
        assert row["verdict"].split()[0].rstrip(":") in text


def test_rows_carry_the_numbers(make):
    text = render_text(make("se(3)"))
    row = next(line for line in text.splitlines() if line.lstrip().startswith("7 "))
    assert "scaling" in row
    assert "no symmetry" in row
    assert "+0.2100" in row
    assert "[+0.1300, +0.2900]" in row
    assert "enforcing it helps" in text


def test_single_models_are_named_beside_the_verdicts(make):
    report = make("se(3)")
    assert "LieGG" not in render_text(report)
    report["single_model"] = {"liegg": {"dimension": 4}, "liesd": {"dimension": 0}}
    text = " ".join(render_text(report).split())
    assert "LieGG dimension 4, LieSD dimension 0." in text


def test_what_the_algebra_is_made_of_and_what_labels_say(make):
    report = make("se(3)")
    report["structure"] = LieAlgebra.from_name("se(3)").describe().to_dict()
    report["verdicts"][6]["evidence"] = "held-out labels bear out 97 % of it, at least 81 %"
    lines = render_text(report).splitlines()
    start = lines.index("Structure")
    assert lines[start + 1] == (
        "  Semisimple part: like so(3), dimension 3; Killing form 3 negative (compact)"
    )
    assert "  Derived series: 6, 6, …" in lines
    assert "  7: held-out labels bear out 97 % of it, at least 81 %" in lines
    del report["structure"]
    assert "Structure" not in render_text(report)
