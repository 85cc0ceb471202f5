from __future__ import annotations

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
