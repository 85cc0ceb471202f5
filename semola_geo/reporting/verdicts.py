"""The five verdicts: how each is recognised, marked, coloured and explained."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["VERDICTS", "Verdict", "parse_verdict"]


@dataclass(frozen=True)
class Verdict:
    """One of the five things that can be said about a direction.

    Attributes:
        key: identifier used for CSS classes.
        label: the words shown to a reader.
        color: a colour-blind safe colour (Okabe and Ito) whose contrast is at least 3:1 both on
            white and on near-black, so that one figure serves light and dark pages.
        marker: a matplotlib marker, so that nothing depends on colour alone.
        symbol: the same mark as a character, for text and HTML.
        meaning: one sentence for a reader who has not read the paper.
    """

    key: str
    label: str
    color: str
    marker: str
    symbol: str
    meaning: str


VERDICTS: tuple[Verdict, ...] = (
    Verdict(
        "symmetry",
        "symmetry",
        "#0072b2",
        "o",
        "●",
        "The data move this way, and the target follows exactly, as far as the test can see.",
    ),
    Verdict(
        "approximate",
        "approximate symmetry",
        "#009e73",
        "s",
        "■",
        "The target nearly follows; a small violation was measured and is reported.",
    ),
    Verdict(
        "none",
        "no symmetry",
        "#d55e00",
        "X",
        "✕",
        "The target demonstrably does not follow a motion in this direction.",
    ),
    Verdict(
        "untested",
        "untested by this data",
        "#808080",
        "D",
        "◇",
        "The data never move this way, so nothing may be concluded, in either sense.",
    ),
    Verdict(
        "undecided",
        "undecided: teachers too weak",
        "#c0699b",
        "^",
        "▲",
        "The data move this way, but the trained models are not accurate enough to decide.",
    ),
)

_PREFIXES = {
    "symmetry": VERDICTS[0],
    "approximate": VERDICTS[1],
    "no symmetry": VERDICTS[2],
    "untested": VERDICTS[3],
    "undecided": VERDICTS[4],
}


def parse_verdict(text: str) -> Verdict:
    """Recognise a verdict of ``report.json`` by how it starts.

    Args:
        text: for example ``"symmetry"`` or ``"undecided: teachers too weak"``.

    Returns:
        The matching entry of ``VERDICTS``.

    Raises:
        ValueError: the text starts like none of the five verdicts.

    >>> parse_verdict("untested by this data").key
    'untested'
    """
    cleaned = str(text).strip().lower()
    for prefix, verdict in _PREFIXES.items():
        if cleaned.startswith(prefix):
            return verdict
    allowed = ", ".join(repr(verdict.label) for verdict in VERDICTS)
    raise ValueError(f"report['verdicts']: {text!r} is no verdict; allowed are {allowed}")
