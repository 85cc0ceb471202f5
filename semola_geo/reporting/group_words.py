"""What a named group does, in plain words."""

from __future__ import annotations

import re

__all__ = ["group_words"]

_GROUPS = (
    (r"so\(2\)", "rotations about one axis"),
    (r"so\(1,\s*\d+\)", "Lorentz transformations (rotations and boosts)"),
    (r"poincare\(1,\s*\d+\)", "Lorentz transformations and translations in space and time"),
    (r"so\(\d+\)", "rotations"),
    (r"se\(\d+\)", "rotations and translations"),
    (r"t\(1\)", "translations along one line"),
    (r"t\(\d+\)", "translations"),
    (r"sim\(\d+\)", "rotations, translations and scaling"),
    (r"sl\(\d+\)", "all volume-preserving linear maps"),
    (r"gl\(1\)", "scaling along one line"),
    (r"aff\(1\)", "scaling and translations along one line"),
    (r"gl\(\d+\)", "all invertible linear maps"),
    (r"aff\(\d+\)", "all affine maps"),
    (r"scaling|scale\(\d+\)|r\(1\)", "scaling"),
    (r"boosts?(\(.*\))?", "boosts"),
    (r"shears?(\(.*\))?", "shears"),
)


def group_words(name: str) -> str:
    """What the group with this Lie algebra does, or ``""`` when the name is not in the list.

    >>> group_words("so(2) + t(1)")
    'rotations about one axis and translations along one line'
    >>> group_words("so(2) + gl(1)")
    'rotations about one axis and scaling along one line'
    """
    words = []
    for part in re.split(r"\s*[+⊕]\s*", name.strip().lower()):
        bare = part.split(" about ")[0].split(" along ")[0].strip()
        for pattern, meaning in _GROUPS:
            if re.fullmatch(pattern, bare):
                words.append(meaning)
                break
        else:
            return ""
    return " and ".join(words)
