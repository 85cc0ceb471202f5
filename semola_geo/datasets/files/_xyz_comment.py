"""The comment line of extended XYZ, cut into keys and texts where ASE cuts it."""

from __future__ import annotations

import re
from collections import Counter

from semola_geo.datasets.files.errors import RecordError

__all__ = ["comment_texts"]

_OPENING = r"[\"'{\[]"
_SECTION = "|".join(
    rf"{opening}(?:\\.|[^\\{closing}])*{closing}"
    for opening, closing in (('"', '"'), ("'", "'"), (r"\{", r"\}"), (r"\[", r"\]"))
)
_WORD = rf"(?:\\.|{_SECTION}|(?!{_OPENING})[^\s=\\])+"
# A word behind a space that is a key itself is no value.
_PAIR = rf"({_WORD})\s*=(?:\s+(?!{_WORD}\s*=))?(=*{_WORD}(?:=+{_WORD})*)?"
_TOKEN = re.compile(rf"{_PAIR}|{_WORD}|({_OPENING})")
_MARKS = re.compile(rf"\\(.)|({_SECTION})")


def comment_texts(label: str, comment: str) -> dict[str, str]:
    r"""Return key → text of its value; words without a value are left out.

    ASE turns texts into numbers where it can, and keeps the last of keys that come twice.

    Args:
        label: How messages name the record.
        comment: The line.

    Raises:
        RecordError: If a key comes twice, has no value, or may be hidden by a quote or bracket that
            is never closed.

    >>> comment_texts("record 0", r'energy=-1.5 dipole=[0 0 1] who="the \"first\" one" fine')
    {'energy': '-1.5', 'dipole': '0 0 1', 'who': 'the "first" one'}
    """
    pairs = []
    for token in _TOKEN.finditer(comment):
        key, text, opening = token.groups()
        if opening:
            _check_prose(label, comment, token.start())
            break
        if key:
            pairs.append((_plain(key), _plain(text or "")))
    for key, count in Counter(key for key, _ in pairs).items():
        if count > 1:
            raise RecordError(label, key, "comes twice in the comment line")
    texts = dict(pairs)
    for key, text in texts.items():
        if not text.strip():
            raise RecordError(label, key, "has no value in the comment line")
    return texts


def _check_prose(label: str, comment: str, place: int) -> None:
    """Let apostrophes and the like pass that hide nothing."""
    before, mark, behind = comment[:place], comment[place], comment[place:]
    if mark in '"{' or "=" in behind or before.rstrip().endswith("="):
        kind = "quote" if mark in "\"'" else "bracket"
        raise RecordError(
            label, None, f"a {kind} in the comment line is opened and never closed: {behind[:40]!r}"
        )


def _plain(word: str) -> str:
    """Return a word without its marks."""
    return _MARKS.sub(lambda mark: mark[1] or re.sub(r"\\(.)", r"\1", mark[2][1:-1]), word)
