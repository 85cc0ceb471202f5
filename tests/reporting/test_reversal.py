"""Time reversal in sentence, text and page."""

import pytest

from semola_geo.reporting import example_report, render_html, render_text, verdict_sentence


def report(alone, together=None):
    def entry(element, verdict):
        return {
            "kind": "time reversal", "element": element, "whole": False, "verdict": verdict,
            "violation": 0.31, "interval": [0.28, 0.34], "noise": 0.002, "support": 0.01,
            "group": "", "note": "", "matrix": None,
        }  # fmt: skip

    found = [entry("time reversal", alone)]
    if together:
        found.append(entry("time reversal with mirror", together))
    return example_report() | {"ambient": "E(3) x time", "components": found}


@pytest.mark.parametrize(
    ("alone", "together", "words"),
    [
        ("symmetry", None, "time reversal is a symmetry."),
        ("no symmetry", "symmetry", "is ruled out; time reversal with mirror is a symmetry."),
        ("no symmetry", "no symmetry", "time reversal is ruled out."),
        ("untested by this data", None, "time reversal is untested by this data."),
        ("undecided: teachers too weak", None, "time reversal is undecided."),
    ],
)
def test_time_reversal_is_told(alone, together, words):
    given = report(alone, together)
    assert verdict_sentence(given).endswith(words)
    text, page = render_text(given), render_html(given)
    assert "[+0.2800, +0.3400]" in text and "is another question" in " ".join(text.split())
    assert alone.split(":")[0] in page and "odd under time reversal" in page
    assert all(len(line) <= 100 for line in text.splitlines())
